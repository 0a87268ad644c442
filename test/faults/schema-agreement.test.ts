import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeCluster, reactions, type FakeNode } from '../../src/testing/index.js';
import { AsyncCluster } from '../../src/index.js';
import { bench, failure, InOrder, QUICK, seen } from './support.js';

const OLD = '00000000-0000-1000-8000-000000000000';
const NEW = '11111111-0000-1000-8000-000000000000';
const VERSIONS_OF_PEERS = 'SELECT peer, peer_port, host_id, schema_version FROM system.peers_v2';

/** What the node tells of its peers' schema: all have this version. */
function tellPeers(teller: FakeNode, peers: readonly FakeNode[], version: string): void {
  const rows = peers.map((peer) => ({ host_id: peer.hostId, schema_version: version }));
  teller.on(VERSIONS_OF_PEERS, reactions.rows(rows, { columns: { host_id: 'uuid', schema_version: 'uuid' } }));
}

test('a schema change is agreed upon when the node that made it says so: others agree on the schema before', async () => {
  await using fake = await FakeCluster.start({ nodes: 2, schemaVersion: OLD });
  const [bystander, coordinator] = [fake.node(0), fake.node(1)];
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: fake.contactPoints,
    loadBalancingPolicy: new InOrder(),
  });
  const session = await cluster.connect();
  // The control connection leads to the bystander, which has not heard of the change.
  tellPeers(bystander, [coordinator], OLD);
  coordinator.on(
    'CREATE TABLE t',
    reactions.schemaChange({ change: 'CREATED', target: 'TABLE', keyspace: 'k', name: 't' }),
  );
  coordinator.setIdentity({ schemaVersion: NEW });
  const host = coordinator.contactPoint;
  const created = session.execute('CREATE TABLE t', undefined, { host, timeoutMs: 0 });
  await Promise.race([coordinator.waitFor(VERSIONS_OF_PEERS, 2), created]);
  bystander.setIdentity({ schemaVersion: NEW });
  const { info } = await created;
  assert.equal(info.isSchemaInAgreement, true);
  assert.ok((seen([coordinator], VERSIONS_OF_PEERS)[0] ?? 0) >= 2, 'the first look showed no agreement');
});

test('the replication of a new keyspace is read once all nodes know it', async () => {
  await using fake = await FakeCluster.start({ nodes: 2, schemaVersion: OLD });
  const [bystander, coordinator] = [fake.node(0), fake.node(1)];
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: fake.contactPoints,
    loadBalancingPolicy: new InOrder(),
  });
  const session = await cluster.connect();
  const key = Buffer.from('key');
  assert.deepEqual(cluster.metadata.getReplicas('fresh', key), []);
  coordinator.on(
    'CREATE KEYSPACE fresh',
    reactions.schemaChange({ change: 'CREATED', target: 'KEYSPACE', keyspace: 'fresh' }),
  );
  coordinator.setIdentity({ schemaVersion: NEW });
  const created = session.execute('CREATE KEYSPACE fresh', undefined, {
    host: coordinator.contactPoint,
    timeoutMs: 0,
  });
  await Promise.race([coordinator.waitFor(VERSIONS_OF_PEERS, 2), created]);
  bystander.on(
    /FROM system_schema\.keyspaces/,
    reactions.rows(
      [
        {
          keyspace_name: 'fresh',
          replication: new Map([
            ['class', 'SimpleStrategy'],
            ['replication_factor', '2'],
          ]),
        },
      ],
      { columns: { keyspace_name: 'text', replication: 'map<text, text>' } },
    ),
  );
  bystander.setIdentity({ schemaVersion: NEW });
  await created;
  assert.equal(cluster.metadata.getReplicas('fresh', key).length, 2);
});

test('checkSchemaAgreement rejects with the reason of its signal', async () => {
  await using one = await bench();
  const { metadata } = one.cluster;
  const reason = new Error('not wanted any more');
  assert.equal(await failure(metadata.checkSchemaAgreement({ signal: AbortSignal.abort(reason) })), reason);
  assert.equal(await metadata.checkSchemaAgreement({ signal: new AbortController().signal }), true);
});
