import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCluster } from '../../src/index.js';
import { FakeNode, reactions, type NodeIdentity } from '../../src/testing/index.js';
import { QUICK } from './support.js';

const AGES = 'SELECT peer, peer_port, writetime(host_id) AS written FROM system.peers_v2';
const NOBODY = '127.0.0.9';
const CHANGED = '11111111-0000-1000-8000-000000000000';

// All nodes of a cluster were restarted under new addresses: each has its peers' old rows for good (Cassandra 5.0).
for (const order of ['first', 'last'] as const) {
  test(`a host that stands in system.peers_v2 twice is at its newer address, the old row being ${order}`, async () => {
    await using moved = await FakeNode.start({ address: '127.0.0.3', schemaVersion: CHANGED });
    const stale: NodeIdentity = {
      ...moved.identity,
      address: NOBODY,
      schemaVersion: '00000000-0000-1000-8000-000000000000',
    };
    await using asked = await FakeNode.start({
      address: '127.0.0.2',
      port: moved.port,
      hostId: '00000000-0000-4000-8000-000000000002',
      schemaVersion: CHANGED,
      peers: () => (order === 'first' ? [stale, moved.identity] : [moved.identity, stale]),
    });
    const ages = [
      { peer: NOBODY, peer_port: 7000, written: 1_700_000_000_000_000n },
      { peer: moved.address, peer_port: 7000, written: 1_700_000_000_000_001n },
    ];
    asked.on(AGES, reactions.rows(ages, { columns: { peer: 'inet', peer_port: 'int', written: 'bigint' } }));
    await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [asked.contactPoint] });
    await using session = await cluster.connect();
    const addresses = cluster.metadata.hosts.map(({ address }) => address).sort();
    assert.deepEqual(addresses, [asked.address, moved.address]);
    await session.execute('SELECT anything', undefined, { host: moved.contactPoint });
    assert.equal(await cluster.metadata.checkSchemaAgreement(), true, 'the old row has no part in the agreement');
  });
}
