import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCluster } from '../../src/index.js';
import { FakeCluster, hold, rows, type Reaction } from '../../src/testing/index.js';
import { QUICK, until } from './support.js';

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
