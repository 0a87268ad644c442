import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AsyncCluster,
  ConstantReconnectionPolicy,
  InMemoryMetricsCollector,
  MetricsMiddleware,
  type Host,
} from '../../src/index.js';
import { FakeCluster, FakeNode, reactions, type NodeIdentity } from '../../src/testing/index.js';
import { QUICK, until } from './support.js';

const OLD = '00000000-0000-1000-8000-000000000000';
const NEW = '11111111-0000-1000-8000-000000000000';

/** Who was told to be up and down, from now on. */
function changesOf(cluster: AsyncCluster): string[] {
  const changes: string[] = [];
  for (const change of ['hostUp', 'hostDown'] as const) {
    cluster.on(change, ({ endpoint }) => changes.push(`${change} ${endpoint}`));
  }
  return changes;
}

function hostOf(cluster: AsyncCluster, node: FakeNode): Host {
  const host = cluster.metadata.hosts.find(({ id }) => id === node.hostId);
  assert.ok(host !== undefined);
  return host;
}

test('a node behind an address translator that is told to be up is tried soon: events name its own address', async () => {
  await using moved = await FakeNode.start();
  const inside: NodeIdentity = { ...moved.identity, address: '10.0.0.1' };
  await using asked = await FakeNode.start({
    address: '127.0.0.2',
    port: moved.port,
    hostId: '00000000-0000-4000-8000-000000000002',
    peers: () => [inside],
  });
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: [asked.contactPoint],
    reconnectionPolicy: new ConstantReconnectionPolicy(3_600_000),
    addressTranslator: { translate: (address, port) => ({ address: address.replace('10.', '127.'), port }) },
  });
  await cluster.connect();
  const host = hostOf(cluster, moved);
  assert.equal(host.endpoint, moved.contactPoint);
  await moved.stop();
  await until(() => !host.isUp, 'that the host is down');
  await moved.restart();
  asked.pushStatus('UP', inside);
  await until(() => host.isUp, 'that the host is up', 10_000);
});

test('a host that has no connections is down, and up again, when the cluster says so; others do not wait for it to agree', async () => {
  await using fake = await FakeCluster.start({ datacenters: { dc1: 1, dc2: 1 }, schemaVersion: OLD });
  const [near, far] = [fake.node(0), fake.node(1)];
  const collector = new InMemoryMetricsCollector();
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: fake.contactPoints,
    maxSchemaAgreementWaitMs: 300,
    metrics: new MetricsMiddleware([collector]),
  });
  const session = await cluster.connect();
  const host = hostOf(cluster, far);
  const changes = changesOf(cluster);
  near.pushStatus('DOWN', far);
  await until(() => !host.isUp, 'that the host is down');
  near.on('CREATE TABLE t', reactions.schemaChange({ change: 'CREATED', target: 'TABLE', keyspace: 'k', name: 't' }));
  near.setIdentity({ schemaVersion: NEW });
  const { info } = await session.execute('CREATE TABLE t');
  assert.equal(info.isSchemaInAgreement, true);
  near.pushStatus('UP', far);
  await until(() => host.isUp, 'that the host is up');
  assert.equal((await session.execute('CREATE TABLE t')).info.isSchemaInAgreement, false);
  assert.deepEqual(changes, [`hostDown ${far.contactPoint}`, `hostUp ${far.contactPoint}`]);
  assert.deepEqual(Object.keys(collector.getStats().connectionHealth), [near.contactPoint]);
});

test('a host with connections that is told to be down, and is not, stays up', async () => {
  await using fake = await FakeCluster.start({ nodes: 2 });
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: fake.contactPoints });
  const session = await cluster.connect();
  const [asked, other] = [fake.node(0), fake.node(1)];
  await session.execute('SELECT ready', undefined, { host: other.contactPoint });
  const changes = changesOf(cluster);
  for (const change of ['DOWN', 'UP', 'DOWN', 'DOWN']) asked.pushStatus(change, other);
  await other.waitFor('OPTIONS');
  await session.execute('SELECT after', undefined, { host: other.contactPoint });
  assert.deepEqual(changes, []);
});

test('a host without connections that is told to be down is taken to be up again when the one that told so is lost', async () => {
  await using fake = await FakeCluster.start({ datacenters: { dc1: 2, dc2: 1 } });
  const far = fake.node(2);
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: fake.contactPoints });
  await cluster.connect();
  const host = hostOf(cluster, far);
  const near = [fake.node(0), fake.node(1)];
  for (const node of near) node.pushStatus('DOWN', far);
  await until(() => !host.isUp, 'that the host is down');
  for (const node of near) node.closeConnections();
  await until(() => host.isUp, 'that the host is up');
});

test('a node that is told to be up may be another one than before, at the same address: the topology is read again', async () => {
  await using fake = await FakeCluster.start({ nodes: 2 });
  const [asked, replaced] = [fake.node(0), fake.node(1)];
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: fake.contactPoints,
    topologyEventRefreshWindowMs: 5,
  });
  await cluster.connect();
  const before = hostOf(cluster, replaced);
  await replaced.stop();
  await until(() => !before.isUp, 'that the host is down');
  replaced.setIdentity({ hostId: '00000000-0000-4000-8000-00000000ffff', releaseVersion: '9.9.9' });
  await replaced.restart();
  asked.pushStatus('UP', replaced);
  await until(() => cluster.metadata.hosts.some(({ releaseVersion }) => releaseVersion === '9.9.9'), 'the new one');
  const after = hostOf(cluster, replaced);
  assert.equal(after.endpoint, before.endpoint);
  assert.equal(cluster.metadata.hosts.includes(before), false);
});
