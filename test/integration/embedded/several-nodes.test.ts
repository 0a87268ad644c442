import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCassandra } from '../../../src/embedded/index.js';

test('three nodes in two datacenters; one goes and comes back, a fourth joins', { timeout: 1_200_000 }, async () => {
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

test('a node joins although the others take seconds to answer it', { timeout: 900_000 }, async () => {
  await using db = await startCassandra({ heapMb: 400 });
  const { nodes, directory } = db;
  const [seed] = nodes;
  assert.ok(seed !== undefined && directory !== undefined);
  await seed.pause();
  const joined = db.addNode();
  // From here on it looks for the seed: with a ring delay of one second it gave up after two.
  await until(async () => (await logOf(directory, 2)).includes('Listening on address'));
  await sleep(4000);
  await seed.resume();
  assert.equal((await joined).datacenter, seed.datacenter);
});

function logOf(directory: string, node: number): Promise<string> {
  return readFile(path.join(directory, `node${String(node)}`, 'system.log'), 'utf8').catch(() => '');
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50);
}
