import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import {
  AsyncCluster,
  ConfigurationError,
  ConnectionError,
  OperationTimedOut,
  Overloaded,
  type AsyncClusterOptions,
} from '../../src/index.js';
import { closeConnection, error, FakeNode, hold, reactions, rows, type Reaction } from '../../src/testing/index.js';
import { bench, benchOf, failure, QUICK, SOON_MS, until } from './support.js';

const SLOW = 'SELECT slow';

async function full(pooling: NonNullable<AsyncClusterOptions['pooling']>): Promise<Awaited<ReturnType<typeof bench>>> {
  const one = await bench({ requestTimeoutMs: 5000, pooling });
  one.node.on(SLOW, hold().rows([{ a: 1 }]));
  return one;
}

/** Gives `first` once, and `then` ever after. */
function afterOne(first: number, then: number): () => number {
  let asked = 0;
  return () => (asked++ === 0 ? first : then);
}

/** Lets every request of this turn reach its place. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('more requests than stream ids: they queue and are sent in order', async () => {
  await using one = await bench({ requestTimeoutMs: 10_000, pooling: { maxRequestsPerConnection: 4 } });
  const texts = Array.from({ length: 500 }, (_, i) => `SELECT ${String(i)}`);
  one.node.on(/^SELECT \d+$/, (request) => rows([{ text: request.statement ?? '' }]));
  const results = await Promise.all(texts.map((text) => one.session.execute(text)));
  assert.deepEqual(
    results.map((result) => result.one()),
    texts.map((text) => ({ text })),
  );
  const arrived = one.node.requests
    .map((request) => request.statement ?? '')
    .filter((text) => /^SELECT \d+$/.test(text));
  assert.deepEqual(arrived, texts);
});

test('maxQueuedRequests exceeded: Overloaded at once, not executed', async () => {
  await using one = await full({ maxRequestsPerConnection: 2, maxQueuedRequests: 3 });
  const accepted = Array.from({ length: 5 }, () => one.session.execute(SLOW));
  await turn();
  const start = performance.now();
  const reason = await failure(one.session.execute(SLOW));
  assert.ok(reason instanceof Overloaded);
  assert.equal(reason.notExecuted, true);
  assert.equal(reason.protocolCode, undefined);
  assert.ok(performance.now() - start < SOON_MS);
  await until(() => one.node.held.length === 2);
  for (let i = 0; i < 5; i++) {
    one.node.release();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal((await Promise.all(accepted)).length, 5);
});

test('no room at the next node, after a try that may have been executed: the error does not say that it was not', async () => {
  const pooling = { maxRequestsPerConnection: 1, maxQueuedRequests: 1 };
  await using all = await benchOf(2, { pooling });
  const [first, second] = all.nodes;
  assert.ok(first && second);
  first.on(SLOW, hold());
  second.on(SLOW, hold());
  const busy = [1, 2].map(() => all.session.execute(SLOW, undefined, { host: second.contactPoint }));
  const lost = failure(all.session.execute(SLOW, undefined, { isIdempotent: true }));
  await Promise.all([first.waitFor(SLOW), second.waitFor(SLOW)]);
  await first.stop();
  const reason = await lost;
  assert.ok(reason instanceof Overloaded);
  assert.equal(reason.notExecuted, false);
  second.release();
  await second.waitFor(SLOW, 2);
  second.release();
  await Promise.all(busy);
});

test('queueTimeoutMs: a request waits no longer for its turn', async () => {
  await using one = await full({ maxRequestsPerConnection: 1, queueTimeoutMs: 50 });
  const first = one.session.execute(SLOW);
  await one.node.waitFor(SLOW);
  const start = performance.now();
  const reason = await failure(one.session.execute('SELECT other'));
  const took = performance.now() - start;
  assert.ok(reason instanceof Overloaded);
  assert.equal(reason.notExecuted, true);
  assert.ok(took > 40 && took < SOON_MS, String(took));
  one.node.release();
  await first;
  assert.equal(one.node.requests.filter((request) => request.statement === 'SELECT other').length, 0);
});

test('a request that times out in the queue is an OperationTimedOut and leaves its place', async () => {
  await using one = await full({ maxRequestsPerConnection: 1, maxQueuedRequests: 1 });
  const first = one.session.execute(SLOW);
  await one.node.waitFor(SLOW);
  const start = performance.now();
  const reason = await failure(one.session.execute('SELECT other', undefined, { timeoutMs: 50 }));
  assert.ok(reason instanceof OperationTimedOut);
  assert.equal(reason.timeoutMs, 50);
  assert.ok(performance.now() - start < SOON_MS);
  const next = one.session.execute('SELECT next');
  await turn();
  one.node.release();
  await Promise.all([first, next]);
  assert.equal(one.node.requests.filter((request) => request.statement === 'SELECT other').length, 0);
});

test('aborted requests leave the queue at once: they take no place and are never sent', async () => {
  await using one = await full({ maxRequestsPerConnection: 1, maxQueuedRequests: 5 });
  const first = one.session.execute(SLOW);
  await one.node.waitFor(SLOW);
  for (let round = 0; round < 20; round++) {
    const controller = new AbortController();
    const gone = Array.from({ length: 5 }, () =>
      failure(one.session.execute('SELECT gone', undefined, { signal: controller.signal })),
    );
    await turn();
    controller.abort(new Error('enough'));
    for (const reason of await Promise.all(gone)) assert.equal(reason.message, 'enough', `round ${String(round)}`);
  }
  const next = Array.from({ length: 5 }, (_, i) => one.session.execute(`SELECT next ${String(i)}`));
  await turn();
  one.node.release();
  await Promise.all([first, ...next]);
  assert.equal(one.node.requests.filter((request) => request.statement === 'SELECT gone').length, 0);
});

test('the last connection is lost after another could not be opened for long: the way back begins anew', async () => {
  await using node = await FakeNode.start();
  let answer: Reaction | undefined;
  node.on('STARTUP', () => answer);
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: [node.contactPoint],
    pooling: { connectionsPerLocalHost: 2 },
    // One short pause, then one that no test outlasts.
    reconnectionPolicy: { newSchedule: () => ({ nextDelayMs: afterOne(20, 3_600_000) }) },
  });
  // After the control connection and the first of the pool.
  node.on({ opcode: 'STARTUP', connection: 3 }, error('OVERLOADED'));
  const last = node.on({ opcode: 'STARTUP', connection: 4 }, error('OVERLOADED'));
  await using session = await cluster.connect();
  await until(() => last.applied === 1, 'two attempts in vain');
  answer = hold();
  node.closeConnections();
  await until(() => cluster.statistics.hosts[0]?.openConnections === 0, 'the loss is noticed');
  await until(() => node.counts.connections >= 6, 'both ask to come back');
  const asked = session.execute('SELECT v FROM t');
  await turn();
  answer = undefined;
  node.release();
  await asked;
});

test('while a host is away the pauses are those of one schedule, and the next loss begins another', async () => {
  await using node = await FakeNode.start();
  let schedules = 0;
  let pauses = 0;
  const reconnectionPolicy = {
    newSchedule: () => {
      schedules++;
      return { nextDelayMs: () => (pauses++, 5) };
    },
  };
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint], reconnectionPolicy });
  await using session = await cluster.connect();
  for (const outages of [1, 2]) {
    await node.stop();
    await until(() => schedules === 2 * outages, 'one of the control connection, one of the pool');
    const before = pauses;
    await until(() => pauses >= before + 12, 'some attempts');
    assert.equal(schedules, 2 * outages);
    await node.restart();
    await until(() => cluster.statistics.hosts[0]?.openConnections === 1, 'it is back');
    // Asked of the control connection, as soon as there is one again.
    await cluster.metadata.getKeyspaces();
  }
  await session.execute('SELECT v FROM t');
});

/** Pauses of two lengths, and how many of the second kind each schedule gave. */
class CountedPauses {
  readonly long: number[] = [];
  newSchedule(): { nextDelayMs: () => number } {
    const at = this.long.push(0) - 1;
    let asked = 0;
    const nextDelayMs = (): number => {
      if (asked++ < 2) return 20;
      this.long[at] = (this.long[at] ?? 0) + 1;
      return 3_600_000;
    };
    return { nextDelayMs };
  }
}

test('a node that takes connections and closes them at once gets the pauses of one schedule, not a storm', async () => {
  await using node = await FakeNode.start({ keyspaces: [{ name: 'one' }, { name: 'two' }] });
  const pauses = new CountedPauses();
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: [node.contactPoint],
    reconnectionPolicy: pauses,
  });
  const sessions = [await cluster.connect('one'), await cluster.connect('two')];
  const lastsShort = node.on(/^USE/, (request) =>
    reactions
      .setKeyspace((request.statement ?? '').includes('one') ? 'one' : 'two')
      .delay(20)
      .closeConnection(),
  );
  node.on('SELECT bye', closeConnection());
  for (const session of sessions) await failure(session.execute('SELECT bye', undefined, { isIdempotent: false }));
  const long = (): number => pauses.long.reduce((sum, count) => sum + count, 0);
  await until(() => long() >= 2, 'the long pauses of both pools');
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(long(), 2, 'one pool up does not end the pause of the other');
  const opened = lastsShort.applied;
  assert.ok(opened <= 40, `${String(opened)} connections`);
  assert.equal(cluster.metadata.hosts[0]?.isUp, false);

  node.on(/^USE/, (request) => reactions.setKeyspace((request.statement ?? '').includes('one') ? 'one' : 'two'));
  const schedules = pauses.long.length;
  node.pushStatus('UP', node);
  await until(() => cluster.statistics.hosts[0]?.openConnections === 2, 'both pools are back');
  // Each has answered, and lasts: what is lost now is looked for at once, and with short pauses.
  for (const session of sessions) {
    await session.execute('SELECT v FROM t');
    await failure(session.execute('SELECT bye', undefined, { isIdempotent: false }));
    await session.execute('SELECT v FROM t');
  }
  assert.equal(pauses.long.length, schedules, 'no pause was asked for');
});

test('shutdown while requests are held: those under way and those in line may finish, new ones are refused', async () => {
  await using one = await full({ maxRequestsPerConnection: 2 });
  const running = [one.session.execute(SLOW), one.session.execute(SLOW)];
  await one.node.waitFor(SLOW, 2);
  one.node.on('SELECT queued', rows([{ a: 2 }]));
  const queued = Array.from({ length: 3 }, () => one.session.execute('SELECT queued'));
  await turn();
  const down = one.cluster.shutdown({ drainTimeoutMs: 20_000 });
  assert.match((await failure(one.session.execute('SELECT later'))).message, /Cluster is closed/);
  one.node.release();
  for (const result of await Promise.all(running)) assert.deepEqual(result.rows, [{ a: 1 }]);
  for (const result of await Promise.all(queued)) assert.deepEqual(result.rows, [{ a: 2 }]);
  const start = performance.now();
  await down;
  assert.ok(performance.now() - start < SOON_MS, 'it does not wait for the whole drain time');
  await until(() => one.node.connections.length === 0);
});

test('shutdown with requests that never end: they fail after drainTimeoutMs', async () => {
  await using one = await full({ maxRequestsPerConnection: 10 });
  const running = Array.from({ length: 4 }, () => failure(one.session.execute(SLOW, undefined, { timeoutMs: 0 })));
  await one.node.waitFor(SLOW, 4);
  const start = performance.now();
  await one.cluster.shutdown({ drainTimeoutMs: 60 });
  const took = performance.now() - start;
  assert.ok(took >= 55 && took < SOON_MS, String(took));
  for (const reason of await Promise.all(running)) assert.ok(reason instanceof ConnectionError);
});

test('a session that changes its keyspace: what is under way on a connection that drains may finish', async () => {
  await using one = await bench({}, { keyspaces: [{ name: 'one' }, { name: 'two' }] });
  await one.session.setKeyspace('one');
  one.node.on(SLOW, hold().rows([{ a: 1 }]));
  one.node.on('SELECT bye', error('OVERLOADED', { message: 'Server is shutting down' }));
  const slow = one.session.execute(SLOW, undefined, { timeoutMs: 0, isIdempotent: false });
  const { connection } = await one.node.waitFor(SLOW);
  await failure(one.session.execute('SELECT bye', undefined, { isIdempotent: false }));
  await one.session.setKeyspace('two');
  // Twice half a second without any work, and the connections of the old keyspace are closed.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  one.node.release();
  assert.deepEqual((await slow).rows, [{ a: 1 }]);
  await until(() => !connection.isOpen, 'the end of the drained connection');
});

test('shutdown while a node does not read: the sockets are given up with what it was not sent', async () => {
  const sockets: Socket[] = [];
  const note = (message: unknown): void => {
    sockets.push((message as { readonly socket: Socket }).socket);
  };
  subscribe('net.client.socket', note);
  try {
    await using one = await bench();
    one.node.pause();
    const text = `SELECT '${'x'.repeat(1_000_000)}'`;
    const running = Array.from({ length: 20 }, () => failure(one.session.execute(text)));
    await until(() => sockets.some(({ writableLength }) => writableLength > 1_000_000), 'what the node does not take');
    await one.cluster.shutdown({ drainTimeoutMs: 0 });
    for (const reason of await Promise.all(running)) assert.ok(reason instanceof ConnectionError);
    await until(() => sockets.every(({ destroyed }) => destroyed), 'the end of all sockets');
  } finally {
    unsubscribe('net.client.socket', note);
  }
});

test('shutdown lets what was asked before come to its end: in line, behind a preparation, page after page', async () => {
  await using one = await full({ maxRequestsPerConnection: 2 });
  one.node.on('SELECT a FROM paged', hold().rows({ length: 6, row: (a) => [a] }, { columns: { a: 'int' } }));
  one.node.on({ opcode: 'PREPARE' }, hold());
  const paged = one.session.execute('SELECT a FROM paged', undefined, { fetchSize: 2 });
  const prepared = one.session.execute('INSERT INTO t (k) VALUES (?)', ['x']);
  const queued = Array.from({ length: 3 }, () => one.session.execute('INSERT INTO t (k) VALUES (1)'));
  await until(() => one.node.held.length === 2, 'what fills the connection');
  const down = one.cluster.shutdown();
  const late = await failure(one.session.execute('SELECT late'));
  assert.match(late.message, /Cluster is closed/);
  one.node.release();
  // The later pages are held as well.
  const releasing = setInterval(() => {
    one.node.release();
  }, 5);
  try {
    assert.equal((await paged).length, 6);
    await Promise.all([prepared, ...queued]);
    await down;
  } finally {
    clearInterval(releasing);
  }
});

test('shutdown lets a request whose statement is being prepared on all hosts come to its end', async () => {
  await using all = await benchOf(3, { prepareOnAllHosts: true });
  const others = all.nodes.slice(1);
  for (const node of others) node.on({ opcode: 'PREPARE' }, hold());
  const running = all.session.execute('INSERT INTO t (k) VALUES (?)', ['x']);
  await until(() => others.every((node) => node.held.length === 1), 'the PREPAREs on the other hosts');
  const down = all.cluster.shutdown();
  await new Promise((resolve) => setTimeout(resolve, 30));
  for (const node of others) node.release();
  await running;
  await down;
});

test('shutdown does not wait for a preparation on all hosts that nobody waits for any more', async () => {
  for (const begin of ['execute', 'prepare'] as const) {
    await using all = await benchOf(3, { prepareOnAllHosts: true, connectTimeoutMs: 60_000 });
    const others = all.nodes.slice(1);
    for (const node of others) node.on({ opcode: 'PREPARE' }, hold());
    const leaving = new AbortController();
    const { signal } = leaving;
    const left = failure(
      begin === 'execute'
        ? all.session.execute('INSERT INTO t (k) VALUES (?)', ['x'], { signal })
        : all.session.prepare('INSERT INTO t (k) VALUES (?)', { signal }),
    );
    await until(() => others.every((node) => node.held.length === 1), 'the PREPAREs on the other hosts');
    leaving.abort();
    await left;
    await all.cluster.shutdown({ drainTimeoutMs: Infinity });
  }
});

test('shutdown({ drainTimeoutMs: Infinity }) lets requests under way finish', async () => {
  await using one = await full({ maxRequestsPerConnection: 10 });
  const running = one.session.execute(SLOW);
  await one.node.waitFor(SLOW, 1);
  const down = one.cluster.shutdown({ drainTimeoutMs: Infinity });
  // Longer than a timer whose delay is too large for it.
  await new Promise((resolve) => setTimeout(resolve, 20));
  one.node.release();
  assert.deepEqual((await running).rows, [{ a: 1 }]);
  await down;
});

test('shutdown refuses what is no time, and closes nothing then', async () => {
  await using one = await bench();
  for (const wrong of [
    { drainTimeoutMs: 2 ** 31 },
    { drainTimeoutMs: '5' },
    { drainTimeoutMs: -1 },
    { drainTimeout: 5 },
    5,
  ]) {
    const reason = await failure(one.cluster.shutdown(wrong as object));
    assert.ok(reason instanceof ConfigurationError, String(reason));
    assert.equal(one.cluster.isClosed, false);
  }
});

test('shutdown leaves no handle and no timer, whatever was going on', async () => {
  const before = handles();
  {
    // Idle.
    await using one = await bench({ idleHeartbeatIntervalMs: 30_000 });
    const start = performance.now();
    await one.cluster.shutdown({ drainTimeoutMs: 60_000 });
    assert.ok(performance.now() - start < SOON_MS, 'nothing is waited for when idle');
  }
  {
    // Reconnecting to a node that is gone.
    await using one = await bench();
    await one.node.stop();
    await until(() => one.cluster.metadata.hosts.some((host) => !host.isUp));
    await one.cluster.shutdown();
  }
  {
    // A connection attempt that a half-open node keeps waiting.
    await using one = await bench({ connectTimeoutMs: 5000 });
    one.node.pause();
    one.node.closeConnections();
    await until(() => one.node.connections.length === 2, 'two attempts to come back');
    await one.cluster.shutdown();
  }
  {
    // connect() under way.
    await using node = await FakeNode.start({ halfOpen: true });
    const cluster = new AsyncCluster({ ...QUICK, connectTimeoutMs: 5000, contactPoints: [node.contactPoint] });
    const connecting = failure(cluster.connect());
    await until(() => node.connections.length === 1);
    await cluster.shutdown();
    assert.ok((await connecting) instanceof ConnectionError);
  }
  await until(() => handles().length <= before.length, `the end of ${handles().join()} (before: ${before.join()})`);
});

function handles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name));
}

test('a second shutdown is the first one, and connect after it is refused', async () => {
  await using one = await bench();
  await Promise.all([one.cluster.shutdown(), one.cluster.close(), one.cluster.shutdown({ drainTimeoutMs: 0 })]);
  assert.match((await failure(one.cluster.connect())).message, /Cluster is closed/);
  assert.match((await failure(one.session.execute('SELECT 1'))).message, /Cluster is closed/);
});
