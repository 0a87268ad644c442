import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AllowListPolicy,
  AsyncCluster,
  AsyncRetryPolicy,
  BatchStatement,
  ConfigurationError,
  ConstantSpeculativeExecutionPolicy,
  DCAwareRoundRobinPolicy,
  InvalidParameter,
  QueryError,
  type RetryDecision,
  RoundRobinPolicy,
  TokenAwarePolicy,
  type CqlCodec,
  type Host,
  type LoadBalancingPolicy,
  type LogEntry,
} from '../../src/index.js';
import { delay, error, FakeCluster, FakeNode, hold, rows, type NodeIdentity } from '../../src/testing/index.js';
import { bench, benchOf, chain, failure, InOrder, QUICK, seen, until } from './support.js';

const READ = 'SELECT v FROM t';
const bug = new Error('bug of the user');
const throws = (): never => {
  throw bug;
};

test('speculation: a held first node, the second answers; the late answer is thrown away', async () => {
  await using all = await benchOf(2, {
    speculativeExecutionPolicy: new ConstantSpeculativeExecutionPolicy({ delayMs: 20, maxAttempts: 1 }),
  });
  const [first, second] = all.nodes;
  first?.on(READ, hold().rows([{ v: 'slow' }]));
  second?.on(READ, rows([{ v: 'quick' }]));
  const { rows: got, info } = await all.session.execute(READ);
  assert.deepEqual(got, [{ v: 'quick' }]);
  assert.equal(info.coordinator, second?.contactPoint);
  assert.equal(info.speculativeExecutions, 1);
  first?.release();
  first?.on('SELECT next', rows([{ v: 'next' }]));
  for (let i = 0; i < 5; i++) assert.deepEqual((await all.session.execute('SELECT next')).rows, [{ v: 'next' }]);
  assert.deepEqual(seen(all.nodes, READ), [1, 1]);
});

test('speculation is for idempotent statements only', async () => {
  await using all = await benchOf(2, {
    speculativeExecutionPolicy: new ConstantSpeculativeExecutionPolicy({ delayMs: 10, maxAttempts: 1 }),
  });
  const write = "INSERT INTO t (k) VALUES ('x')";
  all.nodes[0]?.on(write, delay(60));
  all.nodes[0]?.on(READ, delay(60));
  await all.session.execute(write);
  await all.session.execute(READ, undefined, { isIdempotent: false });
  assert.deepEqual(seen(all.nodes, write), [1, 0]);
  assert.deepEqual(seen(all.nodes, READ), [1, 0]);
  await all.session.execute(write, undefined, { isIdempotent: true });
  assert.deepEqual(seen(all.nodes, write), [2, 1]);
});

test('speculation: the first error does not end a request whose other attempt is under way', async () => {
  await using all = await benchOf(3, {
    speculativeExecutionPolicy: new ConstantSpeculativeExecutionPolicy({ delayMs: 10, maxAttempts: 2 }),
  });
  const [first, second, third] = all.nodes;
  first?.on(READ, hold().closeConnection());
  second?.on(READ, hold().error('SERVER_ERROR'));
  third?.on(READ, hold().rows([{ v: 'third' }]));
  const running = all.session.execute(READ);
  await until(() => all.nodes.every((node) => node.held.length === 1));
  second?.release();
  first?.release();
  await new Promise((resolve) => setTimeout(resolve, 20));
  third?.release();
  assert.deepEqual((await running).rows, [{ v: 'third' }]);
});

test('speculation: all attempts fail, the request fails and does not hang', async () => {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
    [0, 2, 1],
  ]) {
    await using all = await benchOf(3, {
      speculativeExecutionPolicy: new ConstantSpeculativeExecutionPolicy({ delayMs: 5, maxAttempts: 2 }),
    });
    for (const node of all.nodes) node.on(READ, hold().error('SERVER_ERROR'));
    const running = failure(all.session.execute(READ, undefined, { timeoutMs: 0 }));
    await until(() => all.nodes.every((node) => node.held.length === 1));
    for (const at of order) {
      all.nodes[at]?.release();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal((await running).name, 'ServerError');
  }
});

test('a speculative execution policy whose delay is Infinity, or more than a timer holds, starts no attempt at once', async () => {
  for (const delayMs of [Infinity, 2 ** 31]) {
    await using all = await benchOf(2, { speculativeExecutionPolicy: { nextDelayMs: () => delayMs } });
    all.nodes[0]?.on('SELECT slow', delay(30).rows([{ a: 1 }]));
    const { info } = await all.session.execute('SELECT slow');
    assert.equal(info.speculativeExecutions, 0);
  }
});

test('a speculative execution policy that throws: the requests do without it, and it is logged', async () => {
  for (const [policy, logs] of [
    [{ nextDelayMs: throws }, true],
    [{ nextDelayMs: (attempt: number) => (attempt === 1 ? 5 : throws()) }, true],
    [{ nextDelayMs: () => Number.NaN }, false],
    [{ nextDelayMs: () => -1, recordLatency: throws }, true],
  ] as const) {
    await using all = await benchOf(3, { speculativeExecutionPolicy: policy });
    let logged = 0;
    all.cluster.on('log', ({ error }) => {
      if (error === bug) logged++;
    });
    for (const node of all.nodes) node.on(READ, delay(20).rows([{ v: 1 }]));
    assert.deepEqual((await all.session.execute(READ)).rows, [{ v: 1 }]);
    if (logs) assert.ok(logged > 0);
  }
});

test('a load balancing policy whose plans throw: the request fails with the cause', async () => {
  class Broken extends InOrder {
    broken = '';
    override newQueryPlan(): ReturnType<InOrder['newQueryPlan']> {
      if (this.broken === 'plan') throw bug;
      if (this.broken === 'next') return { next: throws };
      if (this.broken === 'none') return undefined as unknown as ReturnType<InOrder['newQueryPlan']>;
      return super.newQueryPlan();
    }
  }
  const policy = new Broken();
  await using one = await bench({ loadBalancingPolicy: policy });
  for (const broken of ['plan', 'next', 'none']) {
    policy.broken = broken;
    const reason = await failure(one.session.execute(READ));
    assert.ok(reason instanceof QueryError, String(reason));
    assert.match(reason.message, /load balancing policy/);
    if (broken !== 'none') assert.equal(reason.cause, bug);
    policy.broken = '';
    await one.session.execute(READ);
  }
});

test('a plan that ends with undefined: hosts are tried and the process goes on, not round and round', async () => {
  class Shifting extends InOrder {
    override newQueryPlan(): ReturnType<InOrder['newQueryPlan']> {
      const plan = super.newQueryPlan();
      return { next: () => plan.next() ?? (undefined as unknown as null) };
    }
  }
  await using all = await benchOf(2, {
    loadBalancingPolicy: new Shifting(),
    speculativeExecutionPolicy: new ConstantSpeculativeExecutionPolicy({ delayMs: 5, maxAttempts: 5 }),
  });
  for (const node of all.nodes) node.on(READ, delay(50).error('OVERLOADED'));
  assert.equal((await failure(all.session.execute(READ))).name, 'Overloaded');
  assert.deepEqual(seen(all.nodes, READ), [1, 1]);
});

test('a plan without an end: an error, and the process goes on', async () => {
  /** `useless` is given for ever. */
  class Endless extends InOrder {
    useless: Host | null = null;
    override distance(host?: Host): 'local' {
      return (host?.endpoint === ignored ? 'ignored' : 'local') as 'local';
    }
    override newQueryPlan(): ReturnType<InOrder['newQueryPlan']> {
      return this.useless === null ? super.newQueryPlan() : { next: () => this.useless };
    }
  }
  await using fake = await FakeCluster.start({ nodes: 2 });
  const [ignored, other] = fake.nodes.map(({ contactPoint }) => contactPoint);
  const endless = new Endless();
  for (const loadBalancingPolicy of [
    endless,
    new TokenAwarePolicy(endless),
    new AllowListPolicy(endless, [String(other)]),
  ]) {
    await using cluster = new AsyncCluster({ ...QUICK, contactPoints: fake.contactPoints, loadBalancingPolicy });
    const session = await cluster.connect();
    endless.useless = cluster.metadata.hosts.find(({ endpoint }) => endpoint === ignored) ?? null;
    const reason = await failure(session.execute(READ));
    assert.ok(reason instanceof QueryError, String(reason));
    assert.match(chain(reason).map(String).join(), /plan does not end: of 10000 hosts that it gave none could be used/);
    endless.useless = null;
    await session.execute(READ);
  }
});

test("a call that a user's hook aborts is not sent, not sent again, and reads no further page", async () => {
  const enough = new Error('enough');
  const INSERT = 'INSERT INTO t (k) VALUES (1)';
  let abort: (() => void) | null = null;
  const aborting = (): AbortSignal => {
    const controller = new AbortController();
    abort = () => {
      controller.abort(enough);
    };
    return controller.signal;
  };
  class Planning extends InOrder {
    isBroken = false;
    override newQueryPlan(): ReturnType<InOrder['newQueryPlan']> {
      if (this.isBroken) abort?.();
      return super.newQueryPlan();
    }
  }
  class Breaking extends AsyncRetryPolicy {
    override onRequestError(context: Parameters<AsyncRetryPolicy['onRequestError']>[0]): RetryDecision {
      abort?.();
      return super.onRequestError(context);
    }
  }
  const codec: CqlCodec = {
    type: 'int',
    encode: (value) => value,
    decode: (value) => {
      if (value === 3) abort?.();
      return value;
    },
  };
  const loadBalancingPolicy = new Planning();
  await using all = await benchOf(2, { loadBalancingPolicy, retryPolicy: new Breaking(), values: { codecs: [codec] } });
  const [first] = all.nodes;
  first?.on(INSERT, error('IS_BOOTSTRAPPING'));
  first?.on(
    READ,
    rows(
      Array.from({ length: 100 }, (_, v) => ({ v })),
      { columns: { v: 'int' } },
    ),
  );

  assert.equal(await failure(all.session.execute(INSERT, undefined, { signal: aborting() })), enough);
  assert.equal(await failure(all.session.execute(READ, undefined, { signal: aborting(), fetchSize: 10 })), enough);
  await all.session.execute('SELECT something else');
  assert.deepEqual(
    [seen(all.nodes, INSERT), seen(all.nodes, READ)],
    [
      [1, 0],
      [1, 0],
    ],
  );

  loadBalancingPolicy.isBroken = true;
  const WRITE = 'INSERT INTO t (k) VALUES (2)';
  assert.equal(await failure(all.session.execute(WRITE, undefined, { signal: aborting() })), enough);
  loadBalancingPolicy.isBroken = false;
  await all.session.execute('SELECT something else');
  assert.deepEqual(seen(all.nodes, WRITE), [0, 0]);
});

test('a plan that gives a host without connections for ever: an error, and the process goes on', async () => {
  class Endless extends InOrder {
    override newQueryPlan(): ReturnType<InOrder['newQueryPlan']> {
      const host = super.newQueryPlan().next();
      return { next: () => host };
    }
  }
  await using one = await bench({ loadBalancingPolicy: new Endless() });
  await one.node.stop();
  await until(() => one.cluster.metadata.hosts[0]?.isUp === false);
  assert.match(String(await failure(one.session.execute(READ))), /plan does not end/);
});

test('speculation by a plan that gives busy hosts for ever: it is logged, and the process goes on', async () => {
  class Endless extends InOrder {
    override newQueryPlan(): ReturnType<InOrder['newQueryPlan']> {
      const plan = super.newQueryPlan();
      const first = plan.next();
      const second = plan.next();
      let given = 0;
      return { next: () => (given++ === 0 ? first : second) };
    }
  }
  await using all = await benchOf(2, {
    loadBalancingPolicy: new Endless(),
    pooling: { maxRequestsPerConnection: 1 },
    speculativeExecutionPolicy: new ConstantSpeculativeExecutionPolicy({ delayMs: 20, maxAttempts: 1 }),
  });
  const logged: string[] = [];
  all.cluster.on('log', ({ error }) => logged.push(String(error)));
  const [first, second] = all.nodes;
  first?.on(READ, hold().rows([{ v: 'first' }]));
  second?.on('SELECT busy', hold().rows([{ v: 'busy' }]));
  const busy = all.session.execute('SELECT busy', undefined, { host: String(second?.contactPoint) });
  await until(() => second?.held.length === 1);
  const running = all.session.execute(READ);
  await until(() => logged.some((text) => text.includes('plan does not end')), 'the log entry');
  first?.release();
  second?.release();
  assert.deepEqual([(await running).rows, (await busy).rows], [[{ v: 'first' }], [{ v: 'busy' }]]);
});

test('a policy under an allow list whose plans end with undefined: that is their end', async () => {
  class Shifting extends InOrder {
    override newQueryPlan(): ReturnType<InOrder['newQueryPlan']> {
      const plan = super.newQueryPlan();
      return { next: () => plan.next() ?? (undefined as unknown as null) };
    }
  }
  await using fake = await FakeCluster.start({ nodes: 1 });
  const loadBalancingPolicy = new AllowListPolicy(new Shifting(), fake.contactPoints);
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: fake.contactPoints, loadBalancingPolicy });
  const session = await cluster.connect();
  fake.on(READ, error('OVERLOADED'));
  assert.equal((await failure(session.execute(READ))).name, 'Overloaded');
});

test('one policy for two clusters: the second connect() says so, and the first is not disturbed', async () => {
  await using fake = await FakeCluster.start({ nodes: 2 });
  const loadBalancingPolicy = new InOrder();
  const options = { ...QUICK, contactPoints: fake.contactPoints, loadBalancingPolicy };
  await using first = new AsyncCluster(options);
  const session = await first.connect();
  await using second = new AsyncCluster({ ...options, loadBalancingPolicy: new RoundRobinPolicy() });
  await using third = new AsyncCluster({
    ...options,
    loadBalancingPolicy: new RoundRobinPolicy(),
    executionProfiles: { other: { loadBalancingPolicy } },
  });
  await second.connect();
  const reason = await failure(third.connect());
  assert.ok(reason instanceof ConfigurationError, String(reason));
  assert.match(reason.message, /serves another cluster, which is not shut down/);
  await session.execute(READ);
  await first.shutdown();
  await (await third.connect()).execute(READ);
});

test('a policy whose cluster could not start may serve another one', async () => {
  await using fake = await FakeCluster.start({ nodes: 1 });
  class Failing extends InOrder {
    fails = true;
    override init(view: { readonly hosts: readonly Host[] }): void {
      if (this.fails) throws();
      super.init(view);
    }
  }
  const loadBalancingPolicy = new Failing();
  const options = { ...QUICK, contactPoints: fake.contactPoints, loadBalancingPolicy };
  await using first = new AsyncCluster(options);
  await failure(first.connect());
  loadBalancingPolicy.fails = false;
  await using second = new AsyncCluster(options);
  await (await second.connect()).execute(READ);
});

test('a topology that is read while the first ring of a large cluster is being built: policies are not made ready twice', async () => {
  const tokens = (of: number): string[] => Array.from({ length: 256 }, (_, i) => String(of * 7_919 + i * 104_729));
  const peers: NodeIdentity[] = [];
  await using node = await FakeNode.start({ peers: () => peers.splice(0) });
  for (let i = 0; i < 300; i++) {
    const address = `10.1.${String(i >> 8)}.${String(i & 255)}`;
    const hostId = `00000000-0000-4000-9000-${String(i).padStart(12, '0')}`;
    peers.push({ ...node.identity, address, hostId, datacenter: 'elsewhere', tokens: tokens(i) });
  }
  const policy = new DCAwareRoundRobinPolicy();
  let times = 0;
  const init = policy.init.bind(policy);
  policy.init = (view): void => {
    times++;
    init(view);
  };
  const columns = { keyspace_name: 'text', replication: 'map<text, text>' } as const;
  node.on({ statement: /FROM system_schema\.keyspaces/, times: 1 }, hold().rows([], { columns }));
  const options = { ...QUICK, contactPoints: [node.contactPoint], loadBalancingPolicy: policy };
  await using cluster = new AsyncCluster({ ...options, topologyEventRefreshWindowMs: 0 });
  const removed: string[] = [];
  cluster.on('hostRemoved', ({ id }) => removed.push(id));
  const connecting = cluster.connect();
  await until(() => node.held.length === 1);
  node.pushTopology('REMOVED_NODE', { address: '10.1.0.0', port: node.port });
  await new Promise((resolve) => setTimeout(resolve, 20));
  node.release();
  await connecting;
  await until(() => removed.length === 300, 'the newer topology');
  assert.equal(times, 1);
});

test('a plan that gives what is no host: an error that says what it gave', async () => {
  class Odd extends InOrder {
    gives: unknown = null;
    override newQueryPlan(): ReturnType<InOrder['newQueryPlan']> {
      return this.gives === null ? super.newQueryPlan() : { next: () => this.gives as Host };
    }
  }
  const policy = new Odd();
  await using one = await bench({ loadBalancingPolicy: policy });
  for (const [gives, told] of [
    [[one.cluster.metadata.hosts[0]].values().next(), /gave an iterator's \{ value, done \}: .* has to return a Host/],
    [{ ...one.cluster.metadata.hosts[0] }, /gave a plain object/],
    [one.node.contactPoint, /gave a string/],
    [0, /gave a number:/],
    [[], /gave an array of 0/],
  ] as const) {
    policy.gives = gives;
    const reason = await failure(one.session.execute(READ));
    assert.ok(reason instanceof QueryError, String(reason));
    assert.match(reason.message, told);
  }
  policy.gives = null;
  await one.session.execute(READ);
});

test('a plan that gives a host that has left, or has no connections: it is passed over', async () => {
  class Ignoring extends InOrder {
    override distance(host?: Host): 'local' {
      return (host?.endpoint === ignored ? 'ignored' : 'local') as 'local';
    }
  }
  await using fake = await FakeCluster.start({ nodes: 2 });
  const [ignored] = fake.contactPoints.toSorted();
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: fake.contactPoints,
    loadBalancingPolicy: new Ignoring(),
  });
  const session = await cluster.connect();
  const { info } = await session.execute(READ);
  assert.notEqual(info.coordinator, ignored);
});

test('a plan that throws when speculation asks it: the request goes on', async () => {
  class Broken extends InOrder {
    override newQueryPlan(): ReturnType<InOrder['newQueryPlan']> {
      const plan = super.newQueryPlan();
      let asked = 0;
      return { next: () => (asked++ === 0 ? plan.next() : throws()) };
    }
  }
  await using all = await benchOf(2, {
    loadBalancingPolicy: new Broken(),
    speculativeExecutionPolicy: new ConstantSpeculativeExecutionPolicy({ delayMs: 5, maxAttempts: 1 }),
  });
  all.nodes[0]?.on(READ, delay(30).rows([{ v: 1 }]));
  assert.deepEqual((await all.session.execute(READ)).rows, [{ v: 1 }]);
});

test('a load balancing policy whose hooks throw: connect() says so, or nothing is harmed', async () => {
  for (const hook of ['init', 'distance', 'onUp', 'onDown', 'onAdd', 'onRemove'] as const) {
    await using fake = await FakeCluster.start({ nodes: 2 });
    const policy = new InOrder();
    Object.defineProperty(policy, hook, { value: throws });
    await using cluster = new AsyncCluster({
      ...QUICK,
      contactPoints: fake.contactPoints,
      loadBalancingPolicy: policy,
    });
    const outcome = await cluster.connect().catch((error: unknown) => error);
    if (outcome instanceof Error) {
      assert.ok(hook === 'init' || hook === 'distance', hook);
      assert.ok(chain(outcome).includes(bug), `${hook}: ${String(outcome)}`);
      continue;
    }
    const session = outcome as Awaited<ReturnType<AsyncCluster['connect']>>;
    const [, second] = fake.nodes;
    await second?.stop();
    for (let i = 0; i < 20; i++) await session.execute(READ);
    await second?.restart();
    for (let i = 0; i < 20; i++) await session.execute(READ);
  }
});

test("a load balancing policy whose distance() is none: connect() says so, and opens no pool's connection", async () => {
  for (const wrong of [undefined, null, 'LOCAL', 1]) {
    await using node = await FakeNode.start();
    const policy = new InOrder();
    Object.defineProperty(policy, 'distance', { value: () => wrong });
    await using cluster = new AsyncCluster({
      ...QUICK,
      contactPoints: [node.contactPoint],
      loadBalancingPolicy: policy,
    });
    const reason = await failure(cluster.connect());
    assert.ok(reason instanceof ConfigurationError, String(reason));
    assert.match(reason.message, /distance\(\) must return 'local', 'remote' or 'ignored'/);
    assert.equal(node.counts.connections, 1, 'the control connection');
  }
});

test('a load balancing policy whose distance() throws: connect() fails with an error of this package', async () => {
  await using node = await FakeNode.start();
  const policy = new InOrder();
  Object.defineProperty(policy, 'distance', { value: throws });
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint], loadBalancingPolicy: policy });
  const reason = await failure(cluster.connect());
  assert.ok(reason instanceof QueryError, String(reason));
  assert.match(reason.message, /load balancing policy/);
  assert.equal(reason.cause, bug);
});

test('a load balancing policy that cannot tell the distance of one host later on: it is logged, the others get theirs', async () => {
  await using fake = await FakeCluster.start({ nodes: 2 });
  const [control, other] = fake.nodes;
  assert.ok(control && other);
  let isBroken = false;
  const policy = new InOrder();
  const distance = ({ endpoint }: Host): string => {
    if (endpoint === other.contactPoint) return isBroken ? 'local' : 'ignored';
    return isBroken ? throws() : 'local';
  };
  Object.defineProperty(policy, 'distance', { value: distance });
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: [control.contactPoint],
    loadBalancingPolicy: policy,
    topologyEventRefreshWindowMs: 20,
  });
  await using session = await cluster.connect();
  const logged: unknown[] = [];
  cluster.on('log', ({ error }) => logged.push(error));
  isBroken = true;
  control.pushTopology('NEW_NODE', other);
  await until(() => logged.some((error) => chain(error).includes(bug)), 'the log entry');
  await until(() => other.connections.length === 1, 'the pool of the other host');
  await session.execute(READ, undefined, { host: control.contactPoint });
});

test('a timestamp generator that throws: the write fails with the cause, reads go on', async () => {
  await using one = await bench({ timestampGenerator: { next: throws } });
  const reason = await failure(one.session.execute("INSERT INTO t (k) VALUES ('x')"));
  assert.ok(reason instanceof QueryError);
  assert.equal(reason.cause, bug);
  await one.session.execute(READ);
});

test('a timestamp generator that gives no timestamp: the write fails and is not sent, reads go on', async () => {
  for (const [given, what] of [
    [NaN, 'a number that is not finite'],
    [Infinity, 'a number that is not finite'],
    [1e300, 'a number out of range'],
    [2 ** 60, 'a number out of range'],
    [1.5, 'a number that is not integral'],
    [true, 'a boolean'],
    ['5', 'a string'],
    [undefined, 'undefined'],
    [{ secret: 1 }, 'a plain object'],
    [Symbol('s'), 'a symbol'],
    [2n ** 63n, 'a bigint out of range'],
    [-(2n ** 63n), 'a bigint out of range'],
    [() => Promise.reject(bug), 'an object of class Promise'],
  ] as const) {
    await using one = await bench({
      timestampGenerator: { next: () => (typeof given === 'function' ? given() : given) as never },
    });
    one.node.prepared('INSERT INTO t (k) VALUES (?)', { parameters: [{ name: 'k', type: 'text' }] });
    for (const write of [
      () => one.session.execute("INSERT INTO t (k) VALUES ('x')"),
      () => one.session.execute('INSERT INTO t (k) VALUES (?)', ['x']),
      () => one.session.executeBatch(new BatchStatement().add("INSERT INTO t (k) VALUES ('x')")),
    ]) {
      const reason = await failure(write());
      assert.equal(reason.constructor, QueryError);
      assert.ok(reason.message.startsWith(`The timestamp generator gave ${what}: `), reason.message);
    }
    assert.equal(one.node.counts.opcodes['EXECUTE'] ?? one.node.counts.opcodes['BATCH'], undefined);
    assert.ok(one.node.requests.every(({ query }) => query !== "INSERT INTO t (k) VALUES ('x')"));
    await one.session.execute(READ);
  }
});

test('timestamps of a generator are sent as they are: bigints, whole numbers, or none', async () => {
  for (const [given, sent] of [
    [5n, 5n],
    [-5n, -5n],
    [2n ** 63n - 1n, 2n ** 63n - 1n],
    [1_700_000_000_123_000, 1_700_000_000_123_000n],
    [-7, -7n],
    [null, null],
  ] as const) {
    await using one = await bench({ timestampGenerator: { next: () => given as bigint | null } });
    await one.session.execute("INSERT INTO t (k) VALUES ('x')");
    assert.equal(one.node.requests.at(-1)?.timestamp ?? null, sent);
  }
});

for (const [fault, failing] of [
  ['throws', throws],
  ['rejects', () => Promise.reject(bug)],
  ['gives nothing', () => undefined as never],
  ['hangs', () => new Promise<never>(() => undefined)],
] as const) {
  test(`an address translator that ${fault} for one node: the others are used, and it, too, once there is an address`, async () => {
    await using fake = await FakeCluster.start({ nodes: 3 });
    const bad = fake.node(1);
    let isBroken = true;
    await using cluster = new AsyncCluster({
      ...QUICK,
      ...(fault === 'hangs' ? { controlConnectionTimeoutMs: 500 } : {}),
      contactPoints: fake.contactPoints,
      topologyEventRefreshWindowMs: 10,
      addressTranslator: {
        translate: (address, port) => (isBroken && address === bad.address ? failing() : { address, port }),
      },
    });
    const warnings: LogEntry[] = [];
    cluster.on('log', (entry) => {
      if (entry.level === 'warn' && entry.host === bad.contactPoint) warnings.push(entry);
    });
    await using session = await cluster.connect();
    const host = cluster.metadata.hosts.find(({ endpoint }) => endpoint === bad.contactPoint);
    assert.equal(host?.isUp, false, 'it is known, and known not to be reachable');
    assert.match(warnings[0]?.message ?? '', /address translator/);
    for (let i = 0; i < 6; i++) await session.execute(READ);
    assert.equal(bad.connections.length, 0, 'nobody calls at an address that was not given');
    isBroken = false;
    fake.pushTopology('MOVED_NODE', bad);
    await until(() => host.isUp, 'that the node can be reached');
    await session.execute(READ, undefined, { host });
    isBroken = true;
    warnings.length = 0;
    fake.pushTopology('MOVED_NODE', bad);
    await until(() => warnings.length > 0, 'the next refresh');
    await session.execute(READ, undefined, { host });
  });
}

test('a reconnection policy that throws: the client goes on trying, and it is logged', async () => {
  for (const reconnectionPolicy of [{ newSchedule: throws }, { newSchedule: () => ({ nextDelayMs: throws }) }]) {
    await using one = await bench({ reconnectionPolicy });
    const logged: LogEntry[] = [];
    one.cluster.on('log', (entry) => logged.push(entry));
    await one.node.stop();
    const ofTheBug = (): LogEntry[] => logged.filter(({ error }) => error === bug);
    // Of the control connection and of the host's pool.
    await until(() => ofTheBug().length >= 2, 'the log entries');
    for (const { level, message } of ofTheBug())
      assert.deepEqual({ level, message }, { level: 'error', message: 'The reconnection policy is broken' });
    await failure(one.session.execute(READ));
    await one.node.restart();
    await until(() => one.cluster.metadata.hosts[0]?.isUp === true, 'that the host is up again');
    await one.session.execute(READ);
  }
});

test('a reconnection policy that throws nothing at all, not even an error: the same', async () => {
  const nothing = (): never => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- a user's policy in JavaScript may
    throw null;
  };
  await using one = await bench({ reconnectionPolicy: { newSchedule: nothing } });
  await one.node.stop();
  await until(() => one.cluster.metadata.hosts[0]?.isUp === false, 'that the host is down');
  await one.node.restart();
  await until(() => one.cluster.metadata.hosts[0]?.isUp === true, 'that the host is up again');
  await one.session.execute(READ);
});

test('a codec that throws: an error of its own request alone, the stream id is given back', async () => {
  const codec: CqlCodec = {
    type: 'int',
    encode: (value) => (value === 13 ? throws() : value),
    decode: (value) => (value === 13 ? throws() : value),
  };
  await using one = await bench({ values: { codecs: [codec] }, pooling: { maxRequestsPerConnection: 4 } });
  const text = 'SELECT n FROM t WHERE n = ?';
  one.node.prepared(text, { parameters: [{ name: 'n', type: 'int' }], columns: [{ name: 'n', type: 'int' }] });
  one.node.on(text, (request) => rows([{ n: (request.values[0] as Buffer).readInt32BE() }]));
  one.node.on('SELECT thirteen', rows([{ n: 13 }], { columns: { n: 'int' } }));
  for (let i = 0; i < 30; i++) {
    const [good, bad, unread] = await Promise.all([
      one.session.execute(text, [i === 13 ? 14 : i]),
      failure(one.session.execute(text, [13])),
      failure(one.session.execute('SELECT thirteen')),
    ]);
    assert.deepEqual(good.rows, [{ n: i === 13 ? 14 : i }]);
    assert.ok(bad instanceof InvalidParameter);
    assert.equal(bad.cause, bug);
    assert.ok(unread instanceof QueryError);
    assert.equal(unread.cause, bug);
  }
  assert.equal(one.node.counts.connections, 2);
});

test('event listeners that throw or reject harm nobody, and are logged', async () => {
  await using one = await bench();
  const logged: unknown[] = [];
  const heard: string[] = [];
  one.cluster.on('log', ({ error }) => logged.push(error));
  one.cluster.on('hostDown', throws);
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what users do without a linter
  one.cluster.on('hostDown', () => Promise.reject(bug));
  one.cluster.on('hostDown', (host) => heard.push(host.endpoint));
  await one.node.stop();
  await until(() => heard.length === 1, 'the third listener');
  await until(() => logged.filter((error) => error === bug).length >= 2, 'both errors');
});

/** What became unhandled while `work` went on: by default Node ends the process for it. */
async function unhandledIn(work: () => Promise<void>): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): number => unhandled.push(reason);
  process.on('unhandledRejection', note);
  try {
    await work();
    await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    process.off('unhandledRejection', note);
  }
  return unhandled;
}

const rejects = (): Promise<never> => Promise.reject(bug);
/** A promise of another maker. */
const rejectsOddly = (): PromiseLike<never> => ({ then: (_, onRejected) => rejects().then(undefined, onRejected) });

test('a logger whose methods reject: the process goes on', async () => {
  const unhandled = await unhandledIn(async () => {
    const logger = { debug: rejects, info: rejectsOddly, warn: rejects, error: rejects };
    await using one = await bench({ logger, slowQueryMs: 1 });
    one.node.on(READ, delay(10).rows([{ v: 1 }]));
    await one.session.execute(READ);
  });
  assert.deepEqual(unhandled, []);
});

const AROUND: readonly [string, (policy: InOrder) => LoadBalancingPolicy][] = [
  ['a load balancing policy', (policy) => policy],
  ['a policy under a token aware one', (policy) => new TokenAwarePolicy(policy)],
  ['a policy under an allow list', (policy) => new AllowListPolicy(policy, ['127.0.0.1', '127.0.0.2', '127.0.0.3'])],
];
for (const [name, around] of AROUND) {
  for (const how of [rejects, rejectsOddly]) {
    test(`${name} whose hooks return promises that reject (${how.name}): it is logged, and the process goes on`, async () => {
      const called = new Set<string>();
      const logged: unknown[] = [];
      const policy = new InOrder();
      const base = InOrder.prototype as unknown as Record<string, ((argument: unknown) => void) | undefined>;
      for (const hook of ['init', 'onUp', 'onDown', 'onAdd', 'onRemove']) {
        const value = (argument: unknown): unknown => {
          called.add(hook);
          base[hook]?.call(policy, argument);
          return how();
        };
        Object.defineProperty(policy, hook, { value });
      }
      const unhandled = await unhandledIn(async () => {
        await using fake = await FakeCluster.start({ nodes: 2 });
        await using cluster = new AsyncCluster({
          ...QUICK,
          contactPoints: fake.contactPoints,
          loadBalancingPolicy: around(policy),
          topologyEventRefreshWindowMs: 5,
        });
        cluster.on('log', ({ error }) => logged.push(error));
        await cluster.connect();
        await fake.node(1).stop();
        await until(() => called.has('onDown'));
        await fake.node(1).restart();
        await until(() => called.has('onUp'));
        const added = await fake.addNode();
        await until(() => called.has('onAdd'));
        await fake.removeNode(added);
        await until(() => called.has('onRemove'));
      });
      assert.deepEqual(unhandled, []);
      assert.ok(logged.filter((error) => error === bug).length >= 5);
    });
  }
}

test('a speculative execution policy whose recordLatency rejects: it is logged, and the process goes on', async () => {
  const logged: unknown[] = [];
  const unhandled = await unhandledIn(async () => {
    const policy = { nextDelayMs: () => -1, recordLatency: rejects };
    await using one = await bench({ speculativeExecutionPolicy: policy });
    one.cluster.on('log', ({ error }) => logged.push(error));
    await one.session.execute(READ);
  });
  assert.deepEqual(unhandled, []);
  assert.deepEqual(logged, [bug]);
});

test('a getter among the parameters that throws: an InvalidParameter with its error, however the statement is run', async () => {
  await using one = await bench();
  const { session } = one;
  const query = 'SELECT v FROM t WHERE a = :a';
  const throwing = {
    get a(): never {
      return throws();
    },
  };
  const works = [
    () => session.execute(query, throwing),
    async () => session.execute(await session.prepare(query), throwing),
    () => session.execute(query, throwing),
    () => session.executeStream(query, throwing),
    async () => new BatchStatement().add(query, throwing),
  ];
  for (const work of works) {
    const reason = await failure(work());
    assert.ok(reason instanceof InvalidParameter, String(reason));
    assert.equal(reason.cause, bug);
  }
});
