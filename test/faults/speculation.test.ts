import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpeculativeExecutionPolicy } from '../../src/index.js';
import { error, hold, reactions, type FakeNode } from '../../src/testing/index.js';
import { benchOf, seen, until, type ClusterBench } from './support.js';

const READ = 'SELECT v FROM t';
const EXECUTED = 'SELECT v FROM t WHERE k = ?';
const VERSIONS_OF_PEERS = 'SELECT peer, peer_port, host_id, schema_version FROM system.peers_v2';

/** So many further attempts, each at once. */
function eager(attempts: number): SpeculativeExecutionPolicy {
  return { nextDelayMs: (attempt) => (attempt > attempts ? -1 : 0) };
}

/** What the node answered before has been read once this is done: it comes over the same connection. */
async function allRead(all: ClusterBench, node: FakeNode | undefined): Promise<void> {
  await all.session.execute('SELECT after', undefined, { host: node?.contactPoint ?? '', isIdempotent: false });
}

test('a schema change while another attempt is under way: that one fails, and the call does not', async () => {
  await using all = await benchOf(2, { speculativeExecutionPolicy: eager(1) });
  const [first, second] = all.nodes;
  const create = 'CREATE TABLE t';
  const change = { change: 'CREATED', target: 'TABLE', keyspace: 'k', name: 't' } as const;
  first?.on(create, hold().schemaChange(change));
  second?.on(create, hold().error('SERVER_ERROR'));
  const asked = seen(all.nodes, VERSIONS_OF_PEERS)[0] ?? 0;
  first?.on(VERSIONS_OF_PEERS, hold().rows([], { columns: { host_id: 'uuid', schema_version: 'uuid' } }));
  const created = all.session.execute(create, undefined, { isIdempotent: true });
  await until(() => all.nodes.every((node) => node.held.length === 1));
  first?.release();
  await first?.waitFor(VERSIONS_OF_PEERS, asked + 1);
  second?.release();
  await allRead(all, second);
  first?.release();
  const { info } = await created;
  assert.equal(info.coordinator, first?.contactPoint);
  assert.equal(info.speculativeExecutions, 1);
});

test('an answer that changes the keyspace while another attempt is under way: that one fails, and the call does not', async () => {
  await using all = await benchOf(2, { speculativeExecutionPolicy: eager(1) });
  const [first, second] = all.nodes;
  const use = 'BEGIN USE k';
  first?.on(use, hold().setKeyspace('k'));
  second?.on(use, hold().error('SERVER_ERROR'));
  // The session follows once it has a connection in the new keyspace.
  for (const node of all.nodes) node.on('USE "k"', hold().setKeyspace('k'));
  const used = all.session.execute(use, undefined, { isIdempotent: true });
  await until(() => all.nodes.every((node) => node.held.length === 1));
  first?.release();
  await first?.waitFor('USE "k"');
  second?.release((request) => request.statement === use);
  await allRead(all, second);
  await until(() => all.nodes.every((node) => node.held.length === 1));
  for (const node of all.nodes) node.release();
  await used;
  assert.equal(all.session.keyspace, 'k');
});

for (const [what, executions, script] of [
  ['does not know the table yet', 1, (node: FakeNode) => node.on({ opcode: 'PREPARE' }, error('INVALID'))],
  ['forgets the statement over and over', 3, (node: FakeNode) => node.on(EXECUTED, error('UNPREPARED'))],
] as const) {
  test(`a node that ${what} while another attempt is under way: that one is waited for`, async () => {
    await using all = await benchOf(2, { speculativeExecutionPolicy: eager(1) });
    const [first, second] = all.nodes;
    const statement = await all.session.prepare(EXECUTED);
    second?.forgetPrepared();
    if (second !== undefined) script(second);
    first?.on(EXECUTED, hold().rows([{ v: 1 }]));
    const running = all.session.execute(statement, ['x'], { isIdempotent: true });
    const executed = (): number => second?.requests.filter((one) => one.opcodeName === 'EXECUTE').length ?? 0;
    await second?.waitFor('PREPARE');
    await until(() => first?.held.length === 1 && executed() === executions);
    await allRead(all, second);
    first?.release();
    const { rows: found, info } = await running;
    assert.deepEqual(found, [{ v: 1 }]);
    assert.deepEqual([...info.triedHosts.keys()], [second?.contactPoint]);
  });
}

test('the newest attempt goes away and an older one fails: the third one, still under way, is waited for', async () => {
  await using all = await benchOf(3, { speculativeExecutionPolicy: eager(2), prepareOnAllHosts: true });
  const [first, second, third] = all.nodes;
  for (const node of all.nodes) node.prepared(EXECUTED, { parameters: [{ name: 'k', type: 'text' }], columns: [] });
  const prepared = await all.session.prepare(EXECUTED);
  first?.on('EXECUTE', hold().error('READ_TIMEOUT', { required: 2, received: 1, dataPresent: false }));
  second?.on('EXECUTE', hold().rows([{ v: 'second' }]));
  third?.on('EXECUTE', error('UNPREPARED'));
  third?.on('PREPARE', hold().error('OVERLOADED'));
  const running = all.session.execute(prepared, ['x'], { isIdempotent: true });
  // A failure is looked at when the rows are there: until then it is nobody's fault that nobody waits for it.
  running.catch(() => undefined);
  await until(() => all.nodes.every((node) => node.held.length === 1));
  third?.release();
  await allRead(all, third);
  first?.release();
  await allRead(all, first);
  second?.release();
  assert.deepEqual((await running).rows, [{ v: 'second' }]);
});

test('each page has speculative attempts of its own, and the result tells how many there were in all', async () => {
  await using all = await benchOf(2, { speculativeExecutionPolicy: eager(1) });
  const data = Array.from({ length: 25 }, (_, v) => ({ v }));
  all.nodes[0]?.on(READ, hold().rows(data));
  all.nodes[1]?.on(READ, reactions.rows(data));
  const { rows, info } = await all.session.execute(READ, undefined, { fetchSize: 10 });
  assert.deepEqual(rows, data);
  const pages = seen(all.nodes, READ)[1] ?? 0;
  assert.ok(pages >= 2, String(pages));
  assert.equal(info.speculativeExecutions, pages);
});
