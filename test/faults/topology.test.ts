import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { AsyncCluster, NoHostAvailable, type AsyncCassandraSession } from '../../src/index.js';
import { closeConnection, error, FakeCluster, FakeNode, hold, rows, type Reaction } from '../../src/testing/index.js';
import { failure, QUICK, SOON_MS, until } from './support.js';

const PEER_COLUMNS = {
  peer: 'inet',
  peer_port: 'int',
  host_id: 'uuid',
  data_center: 'text',
  rack: 'text',
  release_version: 'text',
  tokens: 'set<text>',
  native_address: 'inet',
  native_port: 'int',
  schema_version: 'uuid',
} as const;
const WINDOWS = { topologyEventRefreshWindowMs: 5, statusEventRefreshWindowMs: 5, schemaEventRefreshWindowMs: 5 };

/** Time for what must not happen to happen; too little of it lets a fault pass, and fails nothing. */
const pause = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 200));

test('a slow, older read of the topology does not undo what a newer one found', async () => {
  await using fake = await FakeCluster.start({ nodes: 1 });
  const asked = fake.node(0);
  await using cluster = new AsyncCluster({ ...QUICK, ...WINDOWS, contactPoints: fake.contactPoints });
  await cluster.connect();
  const changes: string[] = [];
  for (const change of ['hostAdded', 'hostRemoved'] as const) {
    cluster.on(change, ({ endpoint }) => changes.push(`${change} ${endpoint}`));
  }
  let reads = 0;
  asked.on(/FROM system\.peers_v2/, () => (reads++ === 0 ? hold().rows([], { columns: PEER_COLUMNS }) : undefined));
  const added = await fake.addNode({}, { announce: false });
  asked.pushTopology('NEW_NODE', added);
  await until(() => asked.held.length === 1, 'the first read');
  asked.pushStatus('UP', added);
  await pause();
  asked.release();
  await until(() => reads === 2 && cluster.metadata.hosts.length === 2, 'the newer topology');
  await pause();
  assert.deepEqual(changes, [`hostAdded ${added.contactPoint}`]);
});

test("a slow, older read of the keyspaces' replication does not undo what a newer one found", async () => {
  await using fake = await FakeCluster.start({ nodes: 2 });
  const asked = fake.node(0);
  const replicatedTo = (count: number): [Record<string, unknown>[], { columns: Record<string, string> }] => [
    [{ keyspace_name: 'k', replication: { class: 'SimpleStrategy', replication_factor: String(count) } }],
    { columns: { keyspace_name: 'text', replication: 'map<text, text>' } },
  ];
  let reads = 0;
  const answers: (() => Reaction)[] = [
    () => rows(...replicatedTo(1)),
    () => hold().rows(...replicatedTo(1)),
    () => rows(...replicatedTo(2)),
  ];
  asked.on(/FROM system_schema\.keyspaces/, () => (answers[reads++] ?? answers[2])?.());
  await using cluster = new AsyncCluster({ ...QUICK, ...WINDOWS, contactPoints: fake.contactPoints });
  await cluster.connect();
  const replicas = (): number => cluster.metadata.getReplicas('k', Buffer.from('key')).length;
  assert.equal(replicas(), 1);
  asked.pushSchema({ change: 'UPDATED', target: 'KEYSPACE', keyspace: 'k' });
  await until(() => asked.held.length === 1, 'the first read');
  asked.pushSchema({ change: 'UPDATED', target: 'KEYSPACE', keyspace: 'k' });
  await until(() => replicas() === 2, 'the second read');
  asked.release();
  await pause();
  assert.equal(replicas(), 2);
});

test('a keyspace whose replication could not be read when it was told of: it is read again', async () => {
  await using fake = await FakeCluster.start({ nodes: 2 });
  const asked = fake.node(0);
  await using cluster = new AsyncCluster({ ...QUICK, ...WINDOWS, contactPoints: fake.contactPoints });
  await cluster.connect();
  const replication = { class: 'SimpleStrategy', replication_factor: '2' };
  const columns = { keyspace_name: 'text', replication: 'map<text, text>' } as const;
  let reads = 0;
  fake.on(/FROM system_schema\.keyspaces/, () =>
    reads++ === 0 ? error('OVERLOADED') : rows([{ keyspace_name: 'fresh', replication }], { columns }),
  );
  asked.pushSchema({ change: 'CREATED', target: 'KEYSPACE', keyspace: 'fresh' });
  await until(() => cluster.metadata.getReplicas('fresh', Buffer.from('key')).length === 2, 'the replicas');
});

const WRITE = "INSERT INTO t (k) VALUES ('x')";

interface Removed extends AsyncDisposable {
  readonly left: FakeNode;
  readonly cluster: AsyncCluster;
  readonly session: AsyncCassandraSession;
  readonly writing: Promise<unknown>;
  readonly comeBack: () => void;
}

/** Two nodes, a write under way on the second, which is then no longer in the first one's system.peers_v2. */
async function writeToRemoved(): Promise<Removed> {
  const fake = await FakeCluster.start({ nodes: 2 });
  const [asked, left] = [fake.node(0), fake.node(1)];
  let isMissing = false;
  asked.on(/FROM system\.peers_v2/, () => (isMissing ? rows([], { columns: PEER_COLUMNS }) : undefined));
  left.on(WRITE, hold().void());
  const cluster = new AsyncCluster({ ...QUICK, ...WINDOWS, contactPoints: fake.contactPoints });
  const session = await cluster.connect();
  const writing = session.execute(WRITE, undefined, { host: left.contactPoint });
  await until(() => left.held.length === 1, 'the write');
  isMissing = true;
  asked.pushTopology('REMOVED_NODE', left);
  await until(() => cluster.metadata.hosts.length === 1, 'that the host is gone');
  const comeBack = (): void => {
    isMissing = false;
    asked.pushTopology('NEW_NODE', left);
  };
  const close = async (): Promise<void> => {
    await cluster.shutdown({ drainTimeoutMs: 0 });
    await fake.close();
  };
  return { left, cluster, session, writing, comeBack, [Symbol.asyncDispose]: close };
}

test('a host that is missing from one read of the topology: requests under way there are answered', async () => {
  await using removed = await writeToRemoved();
  const { left, cluster, session, writing, comeBack } = removed;
  const before = left.connections;
  comeBack();
  await until(() => cluster.metadata.hosts.length === 2, 'that the host is back');
  left.on('SELECT next', rows([{ v: 1 }]));
  await session.execute('SELECT next', undefined, { host: left.contactPoint });
  assert.equal(left.held.length, 1);
  left.release();
  await writing;
  await until(() => !before.some((old) => left.connections.includes(old)), 'that the old connections are closed');
});

test('a host that is told of at another address: requests under way at the old one are answered', async () => {
  const nowhere = '127.0.0.9';
  const nodes: FakeNode[] = [];
  const ids = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
  await using moved = await FakeNode.start({
    hostId: ids[0] ?? '',
    peers: () => nodes.slice(1).map((n) => n.identity),
  });
  await using other = await FakeNode.start({
    address: '127.0.0.2',
    port: moved.port,
    hostId: ids[1] ?? '',
    peers: () => [{ ...moved.identity, address: nowhere }],
  });
  nodes.push(moved, other);
  moved.on(WRITE, hold().void());
  await using cluster = new AsyncCluster({ ...QUICK, ...WINDOWS, contactPoints: [moved.contactPoint] });
  await using session = await cluster.connect();
  const host = cluster.metadata.hosts.find(({ id }) => id === ids[0]);
  assert.ok(host !== undefined);
  const writing = session.execute(WRITE, undefined, { host });
  await until(() => moved.held.length === 1, 'the write');
  moved.on(/FROM system\./, closeConnection());
  moved.pushTopology('NEW_NODE', other);
  await until(() => host.address === nowhere, 'the other address');
  moved.release();
  await writing;
  await until(() => moved.connections.length === 0, 'that the old connections are closed');
});

test('shutdown() closes the connections to a host that is gone, whatever is under way on them', async () => {
  await using removed = await writeToRemoved();
  const { left, cluster, writing } = removed;
  const failing = failure(writing);
  const begun = performance.now();
  await cluster.shutdown({ drainTimeoutMs: 20 });
  assert.ok(performance.now() - begun < SOON_MS);
  await failing;
  await until(() => left.connections.length === 0, 'that all is closed', SOON_MS);
});

test('events are asked for before the topology is read: what changes in between is told', async () => {
  await using node = await FakeNode.start();
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint] });
  await cluster.connect();
  const asked = node.requests.map(({ opcodeName, query }) => (opcodeName === 'QUERY' ? (query ?? '') : opcodeName));
  const registered = asked.indexOf('REGISTER');
  const read = asked.findIndex((query) => query.includes('FROM system.local'));
  assert.ok(registered >= 0 && registered < read, asked.join('\n'));
});

test('a node of another cluster that has an address of ours is sent nothing, and the host is found again', async () => {
  await using fake = await FakeCluster.start({ nodes: 2, clusterName: 'Ours' });
  const [asked, moved] = [fake.node(0), fake.node(1)];
  await using cluster = new AsyncCluster({ ...QUICK, ...WINDOWS, contactPoints: [asked.contactPoint] });
  const session = await cluster.connect();
  const host = cluster.metadata.getHost(moved.contactPoint);
  await until(() => moved.connections.length > 0, 'the connection');
  await moved.stop();
  const { address, port } = moved;
  const theirs = await FakeNode.start({ address, port, clusterName: 'Theirs' });
  const { length } = theirs.requests;
  await until(() => theirs.requests.length > length + 3, 'some attempts');
  for (let i = 0; i < 20; i++) await session.execute('INSERT INTO t (k) VALUES (1)');
  const texts = theirs.requests.flatMap(({ query }) => query ?? []);
  assert.deepEqual([...new Set(texts)], ["SELECT cluster_name FROM system.local WHERE key='local'"]);
  assert.equal(host?.isUp, false);
  const refusal = await failure(session.execute('SELECT held', undefined, { host: moved.contactPoint }));
  assert.match(inspect(refusal), /is a node of cluster 'Theirs', not of 'Ours'/);
  await theirs.close();
  await moved.restart();
  await until(() => host.isUp, 'that the host is up');
});

test('an address that a node of another cluster has now: its hosts do not take the place of ours, which are found again', async () => {
  await using fake = await FakeCluster.start({ nodes: 2, clusterName: 'Ours' });
  const [first, second] = [fake.node(0), fake.node(1)];
  await using cluster = new AsyncCluster({ ...QUICK, ...WINDOWS, contactPoints: fake.contactPoints });
  const session = await cluster.connect();
  const ours = cluster.metadata.hosts.map(({ id }) => id).sort();
  const refusals: unknown[] = [];
  cluster.on('log', ({ error: reason }) => {
    if (reason instanceof NoHostAvailable) refusals.push(reason.errors.get(second.contactPoint));
  });
  await Promise.all([first.stop(), second.stop()]);
  const { address, port } = second;
  const theirs = await FakeNode.start({
    address,
    port,
    hostId: '00000000-0000-4000-8000-00000000ffff',
    clusterName: 'Theirs',
  });
  await until(() => refusals.some((reason) => String(reason).includes("'Theirs', not of 'Ours'")), 'the refusal');
  assert.deepEqual(cluster.metadata.hosts.map(({ id }) => id).sort(), ours);
  await theirs.close();
  await Promise.all([first.restart(), second.restart()]);
  await until(() => cluster.metadata.hosts.every(({ isUp }) => isUp), 'that the hosts are up');
  assert.equal(cluster.metadata.clusterName, 'Ours');
  await session.execute('SELECT after', undefined, { host: second.contactPoint });
});
