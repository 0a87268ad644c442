import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCassandra } from '../../../src/embedded/index.js';

test('three nodes in two datacenters; one goes and comes back, a fourth joins', { timeout: 400_000 }, async () => {
  await using db = await startCassandra({ datacenters: { east: 2, west: 1 }, heapMb: 400 });
  assert.equal(new Set(db.contactPoints).size, 3);
  assert.equal(db.localDatacenter, 'east');
  assert.deepEqual(
    db.nodes.map((node) => node.datacenter),
    ['east', 'east', 'west'],
  );
  const session = await db.connect();
  const [seed, ...others] = db.nodes;
  assert.ok(seed);
  // Each node has its own view: the seed's is asked for.
  const host = `${seed.address}:${String(db.port)}`;
  const peers = async (): Promise<string[]> => {
    const { rows } = await session.execute('SELECT peer, data_center FROM system.peers_v2', [], { host });
    return rows.map((row) => `${String(row['peer'])} ${String(row['data_center'])}`).sort();
  };
  assert.deepEqual(
    await peers(),
    others.map((node) => `${node.address} ${node.datacenter}`),
  );

  const west = db.nodes[2];
  assert.ok(west);
  await west.kill();
  await west.start();
  const fourth = await db.addNode({ datacenter: 'west' });
  assert.equal(db.nodes.length, 4);
  assert.equal(fourth.datacenter, 'west');
  assert.ok(db.contactPoints.includes(fourth.address));
  assert.ok((await peers()).includes(`${fourth.address} west`));
});
