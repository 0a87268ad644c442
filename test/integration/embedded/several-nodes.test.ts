import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
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

for (const version of ['4.0', '4.1']) {
  test(`two nodes of ${version}: both are there once the cluster has started`, { timeout: 600_000 }, async () => {
    await using db = await startCassandra({ version, nodes: 2, heapMb: 400 });
    const session = await db.connect();
    const known = session.cluster.metadata.hosts.map(({ address }) => address);
    assert.deepEqual(known.sort(), db.contactPoints.sort());
  });
}

test('a node that answers, but is given up before the others know it, is stopped', { timeout: 900_000 }, async () => {
  await using db = await startCassandra({ heapMb: 400 });
  const [seed] = db.nodes;
  assert.ok(seed !== undefined && db.directory !== undefined);
  const { directory, port } = db;
  const patience = new AbortController();
  const refused = assert.rejects(db.addNode({ signal: patience.signal }), /enough/);
  const logged = (text: string): Promise<void> => until(async () => (await logOf(directory, 2)).includes(text));
  await logged('state jump to NORMAL');
  await seed.pause();
  await logged('Starting listening for CQL clients');
  patience.abort(new Error('enough'));
  await refused;
  await seed.resume();
  assert.equal(db.nodes.length, 1);
  const settings = await readFile(path.join(directory, 'node2', 'conf', 'cassandra.yaml'), 'utf8');
  const host = /rpc_address: "?([\d.]+)/.exec(settings)?.[1];
  assert.ok(host !== undefined, settings);
  const socket = net.connect({ host, port });
  const [reason] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  assert.equal(reason.code, 'ECONNREFUSED');
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

test(
  'a directory of one node is started with two: the second streams its share of the rows',
  { timeout: 900_000 },
  async () => {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'grown-'));
    try {
      const ids = Array.from({ length: 200 }, (_, id) => [id]);
      const one = await startCassandra({ directory, heapMb: 400 });
      const writer = await one.connect();
      await writer.execute("CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
      await writer.execute('CREATE TABLE k.t (id int PRIMARY KEY)');
      await writer.executeConcurrent('INSERT INTO k.t (id) VALUES (?)', ids);
      await one.stop();
      await using two = await startCassandra({ directory, heapMb: 400, nodes: 2 });
      const reader = await two.connect('k');
      const found = await Promise.all(ids.map((id) => reader.execute('SELECT id FROM t WHERE id = ?', id)));
      assert.equal(found.flatMap(({ rows }) => rows).length, ids.length);
    } finally {
      await rm(directory, { recursive: true });
    }
  },
);

function logOf(directory: string, node: number): Promise<string> {
  return readFile(path.join(directory, `node${String(node)}`, 'system.log'), 'utf8').catch(() => '');
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50);
}
