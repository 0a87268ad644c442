import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemQuery } from '../../src/cluster/system-query.js';
import { connect } from '../../src/connection/handshake.js';
import {
  AsyncCluster,
  ConnectionClosed,
  ConnectionError,
  ConstantReconnectionPolicy,
  NoHostAvailable,
  RoundRobinPolicy,
  OperationTimedOut,
  type Host,
} from '../../src/index.js';
import { Counters } from '../../src/observe/counters.js';
import {
  closeConnection,
  error,
  FakeCluster,
  FakeNode,
  hold,
  reactions,
  rows,
  type FakeRequest,
} from '../../src/testing/index.js';
import { DeadlineSweep } from '../../src/util/deadline-sweep.js';
import { OwnTime } from '../support/own-time.js';
import { Proxy } from '../support/proxy.js';
import { bench, benchOf, failure, QUICK, SOON_MS, until } from './support.js';

const READ = 'SELECT v FROM t';

async function eventually(execute: () => Promise<unknown>): Promise<void> {
  for (let left = 300; ; left--) {
    const worked = await execute().then(
      () => true,
      () => false,
    );
    if (worked) return;
    assert.ok(left > 0, 'it does not recover');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('the connection lost in the middle of requests: each fails once with the cause, then the client is back', async () => {
  await using one = await bench();
  one.node.on('SELECT held', hold());
  const running = Array.from({ length: 100 }, () =>
    failure(one.session.execute('SELECT held', undefined, { isIdempotent: false })),
  );
  await one.node.waitFor('SELECT held', 100);
  one.node.closeConnections();
  for (const reason of await Promise.all(running)) {
    assert.ok(reason instanceof ConnectionClosed);
    assert.equal(reason.host, one.node.contactPoint);
  }
  await eventually(() => one.session.execute(READ));
});

test('the server closes the connection cleanly, idle: the next request finds another one', async () => {
  await using one = await bench();
  for (let i = 0; i < 5; i++) {
    one.node.closeConnections();
    await eventually(() => one.session.execute(READ));
  }
});

test('an answer and the end of the connection at once: the answer counts', async () => {
  await using one = await bench();
  one.node.on(READ, rows([{ a: 1 }]).closeConnection());
  assert.deepEqual((await one.session.execute(READ)).rows, [{ a: 1 }]);
});

test('a half-open connection is closed by the heartbeat within interval + timeout', async () => {
  await using node = await FakeNode.start();
  await using proxy = await Proxy.start(node);
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: [proxy.contactPoint],
    idleHeartbeatIntervalMs: 60,
    heartbeatTimeoutMs: 1000,
  });
  const session = await cluster.connect();
  await session.execute(READ);
  const beats = node.counts.opcodes['OPTIONS'] ?? 0;
  await until(() => (node.counts.opcodes['OPTIONS'] ?? 0) > beats, 'a heartbeat');
  assert.equal(proxy.accepted, 2, 'a node that answers keeps its connections');
  node.on('SELECT hang', hold());
  const hanging = failure(session.execute('SELECT hang', undefined, { timeoutMs: 0, isIdempotent: false }));
  await node.waitFor('SELECT hang');
  proxy.faults.blackhole = true;
  const time = new OwnTime();
  const reason = await hanging;
  const took = time.stop();
  assert.ok(reason instanceof ConnectionClosed);
  assert.match(reason.message, /heartbeat/);
  assert.ok(took < 60 + 1000 + 200, String(took));
  proxy.resume();
  await eventually(() => session.execute(READ));
});

test('a full connection with slow requests is not taken for a dead one: the heartbeat has an id of its own', async () => {
  await using one = await bench({
    idleHeartbeatIntervalMs: 30,
    heartbeatTimeoutMs: 200,
    pooling: { maxRequestsPerConnection: 1 },
  });
  one.node.on(READ, hold().rows([{ a: 'slow' }]));
  const slow = one.session.execute(READ, undefined, { timeoutMs: 0 });
  const { connection } = await one.node.waitFor(READ);
  const beats = (): number =>
    one.node.requests.filter((request) => request.opcodeName === 'OPTIONS' && request.connection === connection).length;
  await until(() => beats() >= 3, 'three heartbeats');
  one.node.release();
  assert.deepEqual((await slow).rows, [{ a: 'slow' }]);
  assert.equal(one.node.counts.connections, 2);
});

test('a heartbeat that is answered with an error: the node is there, what is under way goes on', async () => {
  await using one = await bench({ idleHeartbeatIntervalMs: 30, heartbeatTimeoutMs: 10_000 });
  one.node.on('OPTIONS', error('OVERLOADED'));
  one.node.on(READ, hold().rows([{ a: 'slow' }]));
  const slow = one.session.execute(READ, undefined, { timeoutMs: 0, isIdempotent: false });
  await one.node.waitFor(READ);
  const beats = (): number => one.node.counts.opcodes['OPTIONS'] ?? 0;
  const before = beats();
  await until(() => beats() >= before + 6, 'three heartbeats on each connection');
  one.node.release();
  assert.deepEqual((await slow).rows, [{ a: 'slow' }]);
  assert.equal(one.node.counts.connections, 2);
});

test('when the client itself has used up the stream ids, the heartbeat still has one', async () => {
  await using node = await FakeNode.start();
  const query = "SELECT * FROM system.local WHERE key = 'own'";
  node.on(query, hold().rows([{ a: 1 }]));
  const nothing = (): void => undefined;
  const owner = {
    onConnectionClosed: nothing,
    onConnectionDraining: nothing,
    onConnectionFree: nothing,
    onEvent: nothing,
  };
  const connection = await connect(
    {
      transport: { address: node.address, port: node.port, tls: null },
      endpoint: node.contactPoint,
      maxRequests: 1,
      heartbeatIntervalMs: 0,
      heartbeatTimeoutMs: 10_000,
      sweep: new DeadlineSweep(),
      counters: new Counters(),
    },
    { compression: null, authProvider: null, startupOptions: {}, clusterName: null, keyspace: null, timeoutMs: 15_000 },
    owner,
  );
  const asked = Array.from({ length: 40 }, () => systemQuery(connection, query, [], 20_000));
  const outcomes = Promise.allSettled(asked);
  await node.waitFor(query, 16);
  const before = node.counts.opcodes['OPTIONS'] ?? 0;
  connection.checkHealth();
  await until(() => (node.counts.opcodes['OPTIONS'] ?? 0) > before, 'a heartbeat');
  node.release();
  assert.equal((await outcomes).filter(({ status }) => status === 'fulfilled').length, 16);
  assert.ok(connection.isOpen);
  connection.close();
});

test('a draining connection that goes dead is closed by its heartbeat, too', async () => {
  await using node = await FakeNode.start();
  await using proxy = await Proxy.start(node);
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: [proxy.contactPoint],
    idleHeartbeatIntervalMs: 40,
    heartbeatTimeoutMs: 40,
  });
  const session = await cluster.connect();
  node.on('SELECT hang', hold());
  node.on('SELECT bye', reactions.error('OVERLOADED', { message: 'Server is shutting down' }));
  const hanging = failure(session.execute('SELECT hang', undefined, { timeoutMs: 0, isIdempotent: false }));
  await node.waitFor('SELECT hang');
  await failure(session.execute('SELECT bye', undefined, { isIdempotent: false }));
  proxy.faults.blackhole = true;
  assert.ok((await hanging) instanceof ConnectionError);
});

test('a stalled node (SIGSTOP): requests time out at about timeoutMs and never hang; it comes back', async () => {
  await using node = await FakeNode.start();
  await using proxy = await Proxy.start(node);
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [proxy.contactPoint] });
  const session = await cluster.connect();
  await session.execute(READ);
  proxy.faults.blackhole = true;
  for (const timeoutMs of [50, 120]) {
    const start = performance.now();
    const time = new OwnTime();
    const reasons = await Promise.all(
      Array.from({ length: 50 }, () => failure(session.execute(READ, undefined, { timeoutMs }))),
    );
    const took = performance.now() - start;
    const ownTime = time.stop();
    for (const reason of reasons) {
      assert.ok(reason instanceof OperationTimedOut);
      assert.equal(reason.timeoutMs, timeoutMs);
      assert.equal(reason.host, proxy.contactPoint);
    }
    assert.ok(took >= timeoutMs && ownTime < timeoutMs + 200, `${String(took)} ms for ${String(timeoutMs)}`);
  }
  proxy.resume();
  await eventually(() => session.execute(READ));
});

test('a slow network: results come, in order', async () => {
  await using node = await FakeNode.start();
  await using proxy = await Proxy.start(node);
  proxy.faults.delayMs = 5;
  let size = 0;
  proxy.faults.chunk = () => 1 + (size++ % 9);
  node.on(/^SELECT \d+$/, (request) => rows([{ text: request.statement ?? '' }]));
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [proxy.contactPoint] });
  const session = await cluster.connect();
  const texts = Array.from({ length: 20 }, (_, i) => `SELECT ${String(i)}`);
  const results = await Promise.all(texts.map((text) => session.execute(text)));
  assert.deepEqual(
    results.map((result) => result.one()),
    texts.map((text) => ({ text })),
  );
});

test('a node dies and returns: events say so, and the client recovers by itself', async () => {
  await using all = await benchOf(2);
  const changes: string[] = [];
  all.cluster.on('hostDown', (host: Host) => changes.push(`down ${host.endpoint}`));
  all.cluster.on('hostUp', (host: Host) => changes.push(`up ${host.endpoint}`));
  const [, second] = all.nodes;
  const endpoint = second?.contactPoint ?? '';
  await second?.stop();
  await until(() => changes.includes(`down ${endpoint}`));
  for (let i = 0; i < 10; i++) await all.session.execute(READ);
  await second?.restart();
  await until(() => changes.includes(`up ${endpoint}`));
  await all.session.execute(READ, undefined, { host: endpoint });
  assert.deepEqual(changes, [`down ${endpoint}`, `up ${endpoint}`]);
});

test('a node that refuses new connections while it shuts down is down, and stays so once it is gone', async () => {
  await using all = await benchOf(2);
  const [, second] = all.nodes;
  assert.ok(second);
  const changes: string[] = [];
  all.cluster.on('hostDown', (host: Host) => changes.push(`down ${host.endpoint}`));
  all.cluster.on('hostUp', (host: Host) => changes.push(`up ${host.endpoint}`));
  // Cassandra's own words, in the milliseconds between the end of its connections and that of its port.
  const refusal = second.on('STARTUP', error('OVERLOADED', { message: 'Server is shutting down' }));
  second.closeConnections();
  await until(() => changes.length > 0, 'the event');
  assert.ok(refusal.applied >= 1);
  await second.stop();
  await second.restart();
  refusal.remove();
  await until(() => changes.length > 1, 'the second event');
  assert.deepEqual(changes, [`down ${second.contactPoint}`, `up ${second.contactPoint}`]);
});

test('a node that refuses the keyspace is up, down once it is lost, and up when it refuses it again', async () => {
  await using nodes = await FakeCluster.start({ nodes: 2 });
  const [first, second] = nodes.nodes;
  assert.ok(first && second);
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [first.contactPoint] });
  await using session = await cluster.connect('k');
  const host = cluster.metadata.getHost(second.contactPoint);
  const refusal = second.on(/^USE /, error('INVALID', { message: "Keyspace 'k' does not exist" }));
  second.closeConnections();
  await until(() => refusal.applied >= 2, 'two attempts');
  assert.equal(host?.isUp, true, 'it answers: the keyspace is missing, not the node');
  await second.stop();
  await until(() => !host.isUp, 'the host is down');
  await session.execute(READ);
  await second.restart();
  await until(() => host.isUp, 'the host is up');
  const reason = await failure(session.execute(READ, undefined, { host: second.contactPoint }));
  assert.match(reason.message, /Keyspace 'k' does not exist/);
});

test('a host that takes no further connection is told down once, and tried again whenever the topology is read', async () => {
  const never = new ConstantReconnectionPolicy(3_600_000);
  await using one = await bench({ topologyEventRefreshWindowMs: 1, reconnectionPolicy: never });
  const changes: string[] = [];
  one.cluster.on('hostDown', () => changes.push('down'));
  one.cluster.on('hostUp', () => changes.push('up'));
  const lookAround = (): number => one.node.pushTopology('NEW_NODE', { address: '127.0.0.250', port: 9042 });
  // As a node does whose native_transport_max_concurrent_connections are used up.
  const refusal = one.node.on('STARTUP', closeConnection());
  for (const connection of one.node.connections) {
    if (connection.session.eventTypes.size === 0) connection.close();
  }
  await until(() => changes.length > 0, 'the event');
  for (let attempts = 2; attempts <= 4; attempts++) {
    lookAround();
    await until(() => refusal.applied >= attempts, 'the next attempt');
  }
  refusal.remove();
  lookAround();
  await until(() => changes.includes('up'), 'the second event');
  await one.session.execute(READ);
  assert.deepEqual(changes, ['down', 'up']);
});

test('no host of a keyspace takes us: the error tells what each of them said', async () => {
  await using one = await bench();
  one.node.on('STARTUP', error('OVERLOADED', { message: 'Server is shutting down' }));
  const reason = await failure(one.cluster.connect('k'));
  assert.ok(reason instanceof NoHostAvailable);
  assert.match(reason.errors.get(one.node.contactPoint)?.message ?? '', /Server is shutting down/);
});

test('NoHostAvailable tells of each host: of the one that was asked, and of the one that was known to be down', async () => {
  await using all = await benchOf(2, { loadBalancingPolicy: new RoundRobinPolicy() });
  const [first, second] = all.nodes;
  assert.ok(first && second);
  await second.stop();
  const host = all.cluster.metadata.getHost(second.contactPoint);
  await until(() => host?.isUp === false, 'the second host goes down');
  first.on('SELECT held', hold());
  const lost = failure(all.session.execute('SELECT held', undefined, { isIdempotent: true }));
  await first.waitFor('SELECT held');
  first.closeConnections();
  const reason = await lost;
  assert.ok(reason instanceof NoHostAvailable);
  assert.match(reason.errors.get(first.contactPoint)?.message ?? '', /the server closed it/);
  assert.match(reason.errors.get(second.contactPoint)?.message ?? '', /ECONNREFUSED/);
});

test('the only node dies and returns: errors at once meanwhile, no hang; then it works', async () => {
  await using one = await bench();
  await one.node.stop();
  await until(() => one.cluster.metadata.hosts.some((host) => !host.isUp));
  const start = performance.now();
  const reason = await failure(one.session.execute(READ));
  assert.ok(reason instanceof NoHostAvailable);
  assert.match(reason.errors.get(one.node.contactPoint)?.message ?? '', /ECONNREFUSED/);
  assert.ok(performance.now() - start < SOON_MS);
  await one.node.restart();
  await eventually(() => one.session.execute(READ));
});

test('prepared statements survive the restart of their node', async () => {
  await using one = await bench();
  const text = 'SELECT v FROM t WHERE k = ?';
  const prepared = await one.session.prepare(text);
  await one.session.execute(prepared, ['x']);
  await one.node.stop();
  await one.node.restart();
  await eventually(() => one.session.execute(prepared, ['x']));
});

test('the control connection is lost: another node takes over, events arrive again', async () => {
  await using all = await benchOf(2);
  const registered = (): FakeRequest[] =>
    all.nodes.flatMap((node) => node.requests.filter((request) => request.opcodeName === 'REGISTER'));
  const first = registered()[0]?.connection;
  first?.destroy();
  await until(() => registered().length === 2, 'another control connection');
  const changes: string[] = [];
  all.cluster.on('schemaChanged', ({ target, name }) => changes.push(`${target} ${name ?? ''}`));
  await until(() =>
    all.nodes.some((node) => node.pushSchema({ change: 'CREATED', target: 'TABLE', keyspace: 'k', name: 't' }) > 0),
  );
  await until(() => changes.length > 0);
  assert.equal(changes[0], 'TABLE t');
});

test('events between replies, and events that nobody knows', async () => {
  await using one = await bench();
  const changes: string[] = [];
  one.cluster.on('schemaChanged', ({ change, keyspace }) => changes.push(`${change} ${keyspace}`));
  one.node.on(/^SELECT \d+$/, (request) => {
    one.node.pushSchema({ change: 'UPDATED', target: 'KEYSPACE', keyspace: 'k' });
    one.node.pushStatus('DOWN', { address: '10.9.9.9', port: 1 });
    one.node.pushTopology('MOVED_NODE', { address: '::1', port: 9042 });
    one.node.push('STATUS_CHANGE', { opcode: 0x0c, body: Buffer.from('\0\x13GRACEFUL_DISCONNECT more') });
    return rows([{ text: request.statement ?? '' }]);
  });
  const texts = Array.from({ length: 50 }, (_, i) => `SELECT ${String(i)}`);
  const results = await Promise.all(texts.map((text) => one.session.execute(text)));
  assert.deepEqual(
    results.map((result) => result.one()),
    texts.map((text) => ({ text })),
  );
  assert.equal(changes.length, 50);
  assert.equal(one.node.counts.connections, 2, 'none of them costs a connection');
});

test('an event that cannot be read costs its connection, not the client', async () => {
  await using one = await bench();
  one.node.push('STATUS_CHANGE', { opcode: 0x0c, body: Buffer.from('\0\x0dSTATUS_CHANGE\0') });
  await until(() => one.node.counts.connections === 3, 'a new control connection');
  await one.session.execute(READ);
});

test('a listener of events or of the log that throws harms nothing', async () => {
  await using one = await bench();
  let told = 0;
  for (const name of ['log', 'schemaChanged', 'hostDown', 'hostUp'] as const) {
    one.cluster.on(name, () => {
      told++;
      throw new Error('listener bug');
    });
  }
  one.node.pushSchema({ change: 'CREATED', target: 'TABLE', keyspace: 'k', name: 't' });
  await until(() => told > 0);
  one.node.on('SELECT cut', closeConnection());
  await failure(one.session.execute('SELECT cut'));
  await one.node.stop();
  await until(() => one.cluster.metadata.hosts.some((host) => !host.isUp));
  await one.node.restart();
  await eventually(() => one.session.execute(READ));
});

test('SUPPORTED, READY or garbage in answer to a query: an error of that request', async () => {
  await using one = await bench();
  one.node.on('SELECT ready', reactions.answer(0x02, Buffer.alloc(0)));
  one.node.on('SELECT kind', reactions.answer(0x08, Buffer.from([0, 0, 0, 99])));
  one.node.on('SELECT empty', reactions.answer(0x08, Buffer.alloc(0)));
  one.node.on('SELECT short', reactions.answer(0x08, Buffer.from([0, 0, 0, 2, 0, 0])));
  for (const what of ['ready', 'kind', 'empty', 'short']) {
    const reason = await failure(one.session.execute(`SELECT ${what}`, undefined, { isIdempotent: false }));
    assert.equal(reason.name, 'ProtocolError', `${what}: ${String(reason)}`);
  }
  await one.session.execute(READ);
  assert.equal(one.node.counts.connections, 2);
});
