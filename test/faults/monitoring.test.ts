import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AllowListPolicy,
  AsyncCassandraSession,
  AsyncCluster,
  BatchStatement,
  ConfigurationError,
  ConnectionError,
  ConnectionMonitor,
  ConsistencyLevel,
  createMonitoredSession,
  createMetricsSystem,
  HOST_STATUS_DOWN,
  HOST_STATUS_UNKNOWN,
  HOST_STATUS_UP,
  InvalidParameter,
  MetricsMiddleware,
  OperationTimedOut,
  Overloaded,
  RateLimitedSession,
  RoundRobinPolicy,
  SimpleStatement,
  type ClusterMetrics,
  type ExecuteOptions,
  type PrepareOptions,
  type SessionSurface,
  type StatementOptions,
} from '../../src/index.js';
import { drop, FakeCluster, FakeNode, hold, reactions, rows } from '../../src/testing/index.js';
import { bench, benchOf, failure, QUICK, seen, SOON_MS, until } from './support.js';

const PROBE = 'SELECT release_version FROM system.local';
const READ = 'SELECT v FROM t';
const WRITE = 'INSERT INTO t (k) VALUES (?)';

function membersOf(type: object): string[] {
  return Reflect.ownKeys(type).map(String).sort();
}

test('the limited session lacks nothing of what a session offers', () => {
  const limited = membersOf(RateLimitedSession.prototype);
  assert.deepEqual(
    membersOf(AsyncCassandraSession.prototype).filter((name) => !limited.includes(name)),
    [],
  );
  // The compiler's proof: with its signatures, too.
  const asSession = (session: RateLimitedSession): SessionSurface => session;
  assert.equal(typeof asSession, 'function');
});

test('a probe goes to the host that it reports on, and to no other', async () => {
  await using some = await benchOf(3);
  const monitor = new ConnectionMonitor(some.session);
  const before = seen(some.nodes, PROBE);
  const third = some.nodes[2];
  assert.ok(third);
  const report = await monitor.checkHostHealth(third.contactPoint);
  assert.deepEqual(
    seen(some.nodes, PROBE).map((count, i) => count - (before[i] ?? 0)),
    [0, 0, 1],
  );
  assert.equal(report.status, HOST_STATUS_UP);
  assert.equal(`${report.address}:${String(report.port)}`, third.contactPoint);
  assert.ok(report.latencyMs !== null && report.latencyMs > 0);
  assert.equal(report.connectionCount, 1);
  assert.equal(report.lastError, null);
  await assert.rejects(monitor.checkHostHealth('10.9.9.9:1'), ConfigurationError);
});

test('a silent host and a dead one are down, each with its reason; the others are up', async () => {
  await using some = await benchOf(3);
  const [, silent, dead] = some.nodes;
  assert.ok(silent && dead);
  silent.on(PROBE, hold());
  await dead.close();
  const monitor = new ConnectionMonitor(some.session, { probeTimeoutMs: 200 });
  const metrics = await monitor.getClusterMetrics();
  const of = (endpoint: string): (typeof metrics.hosts)[number] => {
    const found = metrics.hosts.find(({ address, port }) => `${address}:${String(port)}` === endpoint);
    assert.ok(found);
    return found;
  };
  assert.equal(of(silent.contactPoint).status, HOST_STATUS_DOWN);
  assert.match(of(silent.contactPoint).lastError ?? '', /longer than its 200 ms/);
  assert.equal(of(silent.contactPoint).latencyMs, null);
  assert.equal(of(dead.contactPoint).status, HOST_STATUS_DOWN);
  assert.notEqual(of(dead.contactPoint).lastError, null);
  assert.equal(metrics.healthyHosts, 1);
  assert.equal(metrics.unhealthyHosts, 2);
  assert.equal(metrics.protocolVersion, 5);
  assert.equal(metrics.clusterName, some.cluster.metadata.clusterName);
});

test('a host that the policy leaves out is neither up nor down: the client cannot tell', async () => {
  await using fake = await FakeCluster.start({ nodes: 2 });
  const [used = '', leftOut = ''] = fake.nodes.map(({ contactPoint }) => contactPoint);
  const loadBalancingPolicy = new AllowListPolicy(new RoundRobinPolicy(), [used]);
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [used], loadBalancingPolicy });
  const monitor = new ConnectionMonitor(await cluster.connect());
  const { hosts, healthyHosts, unhealthyHosts } = await monitor.getClusterMetrics();
  const statuses = hosts.map(({ address, port, status }) => [`${address}:${String(port)}`, status] as const);
  assert.deepEqual(Object.fromEntries(statuses), { [used]: HOST_STATUS_UP, [leftOut]: HOST_STATUS_UNKNOWN });
  assert.deepEqual([healthyHosts, unhealthyHosts], [1, 0]);
});

test('hosts are asked at the same time', async () => {
  await using some = await benchOf(5);
  for (const node of some.nodes) node.on(PROBE, hold().rows([{ release_version: '5.0.0' }]));
  const asked = new ConnectionMonitor(some.session).getClusterMetrics();
  await until(() => seen(some.nodes, PROBE).every((count) => count === 1), 'all five asked while none has answered');
  for (const node of some.nodes) node.release();
  const { healthyHosts, totalConnections } = await asked;
  assert.equal(healthyHosts, 5);
  assert.equal(totalConnections, 5);
});

test('monitoring tells every callback, whatever another does, and stops', async () => {
  await using one = await bench();
  const failed: unknown[] = [];
  await using monitor = new ConnectionMonitor(one.session, { onCallbackError: (error) => failed.push(error) });
  const told: ClusterMetrics[] = [];
  monitor.addCallback(() => {
    throw new Error('thrown');
  });
  monitor.addCallback(() => Promise.reject(new Error('rejected')));
  const takeOff = monitor.addCallback((metrics) => told.push(metrics));
  monitor.startMonitoring({ intervalMs: 5 });
  monitor.startMonitoring({ intervalMs: 5 });
  await until(() => told.length >= 3);
  takeOff();
  const then = told.length;
  const failures = failed.length;
  await until(() => failed.length > failures);
  assert.equal(told.length, then);
  assert.ok(failed.some((error) => (error as Error).message === 'thrown'));
  assert.ok(failed.some((error) => (error as Error).message === 'rejected'));

  let held = 0;
  one.node.on(PROBE, () => {
    held++;
    return hold();
  });
  await until(() => held === 1);
  await monitor.stopMonitoring();
  assert.equal(monitor.isMonitoring, false);
  const probes = seen([one.node], PROBE)[0];
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(seen([one.node], PROBE)[0], probes);
});

test('an onCallbackError that throws or rejects: the process is warned of it once, and goes on', async () => {
  const unhandled: unknown[] = [];
  const warnings: string[] = [];
  const onUnhandled = (reason: unknown): number => unhandled.push(reason);
  const onWarning = (warning: Error): number => warnings.push(warning.message);
  process.on('unhandledRejection', onUnhandled).on('warning', onWarning);
  await using one = await bench();
  const fails = [(): never => assert.fail('thrown'), (): Promise<never> => Promise.reject(new Error('rejected'))];
  for (const onCallbackError of fails) {
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what users do without a linter
    await using monitor = new ConnectionMonitor(one.session, { onCallbackError });
    let calls = 0;
    monitor.addCallback(() => {
      calls++;
      throw new Error('callback');
    });
    monitor.startMonitoring({ intervalMs: 5 });
    await until(() => calls >= 3);
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('unhandledRejection', onUnhandled).off('warning', onWarning);
  assert.deepEqual(unhandled, []);
  assert.deepEqual(warnings, [
    'The onCallbackError of a ConnectionMonitor failed: thrown',
    'The onCallbackError of a ConnectionMonitor failed: rejected',
  ]);
});

test('the summary asks nobody; a closed session is told as that, not as hosts that are down', async () => {
  await using some = await benchOf(2, { pooling: { maxRequestsPerConnection: 77 } });
  const monitor = new ConnectionMonitor(some.session);
  const before = some.nodes.map((node) => node.requests.length);
  assert.deepEqual(monitor.getConnectionSummary(), {
    totalHosts: 2,
    upHosts: 2,
    downHosts: 0,
    protocolVersion: 5,
    openConnections: 2,
    inFlight: 0,
    maxRequestsPerConnection: 77,
  });
  assert.deepEqual(
    some.nodes.map((node) => node.requests.length),
    before,
  );
  await some.session.close();
  await assert.rejects(monitor.getClusterMetrics(), ConnectionError);
});

test('executions past the limit wait; the time in line counts; parameters are those of the call', async () => {
  await using one = await bench();
  one.node.on(READ, hold().rows([{ v: 1 }]));
  const limited = new RateLimitedSession(one.session, { maxConcurrent: 2, maxQueued: 3 });
  const running = [limited.execute(READ), limited.execute(READ)];
  const aborter = new AbortController();
  const aborted = failure(limited.execute(READ, undefined, { signal: aborter.signal }));
  const late = failure(limited.execute(READ, undefined, { timeoutMs: 50 }));
  const batch = new BatchStatement().add('INSERT INTO t (v) VALUES (1)');
  const written = limited.executeBatch(batch);
  batch.clear();
  assert.deepEqual(limited.getMetrics(), {
    totalRequests: 5,
    activeRequests: 2,
    queuedRequests: 3,
    rejectedRequests: 0,
  });
  const refused = await failure(limited.execute(READ));
  assert.ok(refused instanceof Overloaded && refused.notExecuted);
  assert.equal(limited.getMetrics().rejectedRequests, 1);
  aborter.abort(new Error('gone'));
  assert.equal(limited.getMetrics().queuedRequests, 2, 'an aborted request leaves the line at once');
  assert.equal((await aborted).message, 'gone');
  assert.ok((await late) instanceof OperationTimedOut);
  await one.node.waitFor(READ, 2);
  assert.equal(seen([one.node], READ)[0], 2, 'neither of the two that left was sent');
  one.node.on(READ, rows([{ v: 1 }]));
  one.node.release();
  assert.equal((await Promise.all(running)).length, 2);
  await written;
  assert.equal(seen([one.node], 'INSERT INTO t (v) VALUES (1)')[0], 1, 'the batch as it was when it was given');
  assert.equal(limited.getMetrics().activeRequests, 0);
});

test('the default timeout counts the line, too; wrong parameters need not wait to be refused', async () => {
  await using one = await bench({ requestTimeoutMs: 100 });
  one.node.prepared('SELECT v FROM t WHERE id = ?', {
    parameters: [{ name: 'id', type: 'int' }],
    columns: [{ name: 'v', type: 'int' }],
  });
  const limited = new RateLimitedSession(one.session, { maxConcurrent: 1 });
  const prepared = await limited.prepare('SELECT v FROM t WHERE id = ?');
  one.node.on(READ, hold());
  const first = limited.execute(READ, undefined, { timeoutMs: 0, signal: AbortSignal.timeout(1000) });
  const firstOutcome = failure(first);
  assert.ok((await failure(limited.execute(prepared, ['no number']))) instanceof InvalidParameter);
  assert.ok((await failure(limited.execute(READ))) instanceof OperationTimedOut);
  await firstOutcome;
});

test('what waits in line is sent as it was given, whatever the caller does to it since', async () => {
  await using one = await bench();
  one.node.prepared(WRITE, { parameters: [{ name: 'k', type: 'text' }] });
  const limited = new RateLimitedSession(one.session, { maxConcurrent: 1 });
  const prepared = await limited.prepare(WRITE);
  one.node.on(READ, hold());
  const first = failure(limited.execute(READ, undefined, { timeoutMs: 0, signal: AbortSignal.timeout(100) }));
  const parameters = ['mine'];
  const payload = { k: Buffer.from('mine') };
  const settings = { consistencyLevel: ConsistencyLevel.ONE, customPayload: payload };
  const changed: StatementOptions = { consistencyLevel: ConsistencyLevel.ALL };
  const simple = new SimpleStatement(WRITE, { parameters, ...settings });
  const bound = Object.assign(prepared.bind(parameters), settings);
  const batch = new BatchStatement(settings).add(prepared, parameters);
  const options: ExecuteOptions = { ...settings };
  const running = [
    limited.execute(simple),
    limited.execute(simple, ['mine']),
    limited.execute(bound),
    limited.execute(WRITE, parameters, options),
    limited.execute(Object.assign(prepared, settings), parameters),
    limited.executeBatch(batch),
    limited.executeBatch(new BatchStatement().add(prepared, parameters), options),
  ];
  parameters[0] = 'changed';
  payload.k.write('gone');
  for (const kept of [simple, bound, prepared, batch, options]) Object.assign(kept, changed);
  await first;
  await Promise.all(running);
  const sent = one.node.requests.filter(({ opcodeName }) => opcodeName === 'EXECUTE' || opcodeName === 'BATCH');
  assert.deepEqual(
    sent.map(({ values, batch: members, consistency, customPayload }) => [
      String(values[0] ?? members[0]?.values[0]),
      consistency,
      String(customPayload?.['k']),
    ]),
    running.map(() => ['mine', ConsistencyLevel.ONE, 'mine']),
  );
});

test('a preparation in line keeps the payload of its call; wrong options need not wait to be refused', async () => {
  await using one = await bench();
  const limited = new RateLimitedSession(one.session, { maxConcurrent: 1 });
  one.node.on(READ, hold());
  const first = failure(limited.execute(READ, undefined, { timeoutMs: 0, signal: AbortSignal.timeout(100) }));
  const k = Buffer.from('mine');
  const running = limited.prepare(WRITE, { customPayload: { k } });
  k.write('gone');
  const wrong = { customPayload: { k: 'no bytes' } } as unknown as PrepareOptions;
  assert.match((await failure(limited.prepare(WRITE, wrong))).message, /customPayload must be an object/);
  assert.equal(limited.getMetrics().queuedRequests, 1, 'the one that is right still waits');
  await first;
  await running;
  const sent = one.node.requests.filter(({ opcodeName }) => opcodeName === 'PREPARE');
  assert.deepEqual(
    sent.map(({ query, customPayload }) => [query, String(customPayload?.['k'])]),
    [[WRITE, 'mine']],
  );
});

test('a stream takes a place for each page, and none while its rows are read', async () => {
  await using one = await bench();
  one.node.on(READ, rows(Array.from({ length: 5 }, (_, v) => ({ v }))));
  const limited = new RateLimitedSession(one.session, { maxConcurrent: 1, maxQueued: 0 });
  const stream = await limited.executeStream<{ v: number }>(READ, undefined, { fetchSize: 2, prefetchPages: 0 });
  const read: number[] = [];
  for await (const { v } of stream) {
    assert.equal(limited.getMetrics().activeRequests, 0);
    await limited.execute(READ, undefined, { pagingState: null });
    read.push(v);
  }
  assert.deepEqual(read, [0, 1, 2, 3, 4]);
  assert.equal(limited.getMetrics().totalRequests, 3 + 5);
});

test('executeConcurrent and the tag go through the limit; a closed session refuses those in line', async () => {
  await using one = await bench();
  const limited = new RateLimitedSession(one.session, { maxConcurrent: 3 });
  let most = 0;
  one.node.on(READ, () => {
    most = Math.max(most, limited.getMetrics().activeRequests);
    return rows([{ v: 1 }]);
  });
  const simple = Array.from({ length: 50 }, () => limited.execute(READ));
  await Promise.all(simple);
  assert.equal(most, 3);
  await limited.cql`SELECT v FROM t`;
  assert.equal(limited.getMetrics().totalRequests, 51);
  one.node.on(READ, hold().rows([{ v: 1 }]));
  const running = Array.from({ length: 3 }, () => limited.execute(READ));
  const waiting = failure(limited.execute(READ));
  await limited.close();
  assert.match((await waiting).message, /Session is closed/);
  await one.node.waitFor(READ, 54);
  one.node.release();
  assert.equal((await Promise.all(running)).length, 3, 'those under way finish');
  assert.match((await failure(limited.execute(READ))).message, /Session is closed/);
  assert.equal(one.session.isClosed, true);
});

for (const [what, close] of [
  ['Cluster', (session: AsyncCassandraSession) => session.cluster.shutdown()],
  ['Session', (session: AsyncCassandraSession) => session.close()],
] as const) {
  test(`those in line of a limited session fail at once when its ${what.toLowerCase()} is closed`, async () => {
    await using one = await bench();
    one.node.on(READ, hold().rows([{ v: 1 }]));
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    for (const limits of [{ perSecond: 2 }, { maxConcurrent: 2 }]) {
      const session = await one.cluster.connect();
      const limited = new RateLimitedSession(session, limits);
      const running = [limited.execute(READ), limited.execute(READ)];
      const waiting = Array.from({ length: 20 }, () => limited.execute(READ));
      const stream = limited.executeStream(READ);
      await until(() => one.node.held.length === 2);
      assert.equal(limited.getMetrics().queuedRequests, 21);
      const closed = close(session);
      assert.equal(limited.getMetrics().queuedRequests, 0);
      for (const outcome of [...waiting, stream]) {
        const reason = await failure(outcome, SOON_MS);
        assert.ok(reason instanceof ConnectionError);
        assert.equal(reason.message, `${what} is closed`);
      }
      one.node.release();
      assert.equal((await Promise.all(running)).length, 2, 'those under way finish');
      await closed;
      assert.ok(timers() <= before, 'no timer of the line is left');
      if (what === 'Cluster') return;
    }
  });
}

/** A cluster option: a collector whose numbers never come. */
const stuck = (): MetricsMiddleware =>
  new MetricsMiddleware([
    {
      recordQuery: () => undefined,
      recordConnectionHealth: () => undefined,
      getStats: () => new Promise<never>(() => undefined),
    },
  ]);

test('a collector that never answers: a look ends by its signal, and without one after a while', async () => {
  await using one = await bench({ metrics: stuck() });
  const monitor = new ConnectionMonitor(one.session, { probeTimeoutMs: 60_000 });
  const controller = new AbortController();
  const reason = new Error('enough');
  const look = failure(monitor.getClusterMetrics({ signal: controller.signal }), SOON_MS);
  setTimeout(() => {
    controller.abort(reason);
  }, 20);
  assert.equal(await look, reason);
  const patient = new ConnectionMonitor(one.session, { probeTimeoutMs: 3000 });
  const { healthyHosts, appMetrics } = await patient.getClusterMetrics();
  assert.deepEqual({ healthyHosts, appMetrics }, { healthyHosts: 1, appMetrics: {} });
});

test('a collector that never answers keeps neither stopMonitoring() nor the close of a monitored session', async () => {
  await using node = await FakeNode.start();
  const all = await createMonitoredSession({ ...QUICK, contactPoints: [node.contactPoint], metrics: stuck() });
  all.monitor.startMonitoring();
  await until(() => seen([node], PROBE)[0] === 2, 'the warm-up, and the look under way');
  const late = new Promise((resolve) => setTimeout(resolve, SOON_MS, 'late').unref());
  assert.equal(await Promise.race([all.monitor.stopMonitoring(), late]), undefined);
  all.monitor.startMonitoring();
  assert.equal(await Promise.race([all.close(), late]), undefined);
  assert.equal(all.cluster.isClosed, true);
});

test('createMonitoredSession, its close and stopMonitoring() heed a signal, and leave nothing open', async () => {
  await using node = await FakeNode.start();
  const options = { ...QUICK, contactPoints: [node.contactPoint] };
  const reason = new Error('enough');
  const aborted = AbortSignal.abort(reason);
  const isGone = (): Promise<void> => until(() => node.connections.length === 0, 'that nothing is open');

  assert.equal(await failure(createMonitoredSession({ ...options, signal: aborted })), reason);
  const wrong = failure(createMonitoredSession({ ...options, signal: 5 as never }));
  assert.match(String(await wrong), /ConfigurationError: .*signal must be an AbortSignal/);
  node.on({ query: PROBE, nth: 1 }, drop());
  const controller = new AbortController();
  const connecting = failure(createMonitoredSession({ ...options, signal: controller.signal }), SOON_MS);
  await until(() => seen([node], PROBE)[0] === 1, 'the warm-up');
  controller.abort(reason);
  assert.equal(await connecting, reason);
  await isGone();

  const all = await createMonitoredSession({ ...options, maxConcurrent: 5, signal: new AbortController().signal });
  all.monitor.startMonitoring();
  assert.match(String(await failure(all.monitor.stopMonitoring({ signal: 5 as never }))), /stopMonitoring\(\): signal/);
  assert.equal(all.monitor.isMonitoring, true);
  assert.equal(await failure(all.monitor.stopMonitoring({ signal: aborted })), reason);
  assert.equal(all.monitor.isMonitoring, false);
  node.on('SELECT held', hold());
  const held = failure(all.session.execute('SELECT held'));
  await until(() => seen([node], 'SELECT held')[0] === 1, 'the request');
  assert.equal(await failure(all.close({ signal: aborted }), SOON_MS), reason);
  assert.ok((await held) instanceof ConnectionError);
  assert.ok(all.cluster.isClosed && all.session.isClosed);
  await isGone();
});

test('createMonitoredSession connects, warms each host up, and closes everything', async () => {
  const fake = await FakeCluster.start({ nodes: 3 });
  try {
    const metrics = createMetricsSystem({ backend: 'memory' });
    const all = await createMonitoredSession({
      ...QUICK,
      contactPoints: fake.contactPoints,
      maxConcurrent: 7,
      metrics,
    });
    assert.ok(all.session instanceof RateLimitedSession);
    assert.deepEqual(seen(fake.nodes, PROBE), [1, 1, 1]);
    await all.session.execute(READ);
    const { appMetrics } = await all.monitor.getClusterMetrics();
    const performance = appMetrics['queryPerformance'] as { readonly totalQueries: number };
    assert.ok(performance.totalQueries >= 1, JSON.stringify(appMetrics));
    all.monitor.startMonitoring({ intervalMs: 10 });
    await all.close();
    await all.close();
    assert.equal(all.cluster.isClosed, true);
    assert.equal(all.session.isClosed, true);
    assert.equal(all.monitor.isMonitoring, false);

    await using plain = await createMonitoredSession({ ...QUICK, contactPoints: fake.contactPoints, warmup: false });
    assert.ok(plain.session instanceof AsyncCassandraSession);
    assert.deepEqual((await plain.monitor.getClusterMetrics()).appMetrics, {});
    fake.on(PROBE, reactions.error('SERVER_ERROR', { message: 'odd' }));
    const { hosts } = await plain.monitor.getClusterMetrics();
    assert.ok(hosts.every(({ status, lastError }) => status === HOST_STATUS_DOWN && lastError?.includes('odd')));
  } finally {
    await fake.close();
  }
  await assert.rejects(createMonitoredSession({ nonsense: 1 } as object), ConfigurationError);
});
