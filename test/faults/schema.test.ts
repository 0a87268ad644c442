/** The schema, read on demand over a control connection that is slow, lost or gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCluster, ConnectionError, InvalidParameter, OperationTimedOut, Unauthorized } from '../../src/index.js';
import {
  closeConnection,
  drop,
  error,
  FakeNode,
  hold,
  reactions,
  type FakeKeyspace,
  type FakeTable,
} from '../../src/testing/index.js';
import { bench, benchOf, failure, QUICK, until } from './support.js';

function table(name: string, ...more: string[]): FakeTable {
  const columns = Object.fromEntries([['id', 'int'], ...more.map((column) => [column, 'text'] as const)]);
  return { name, columns, partitionKey: ['id'] };
}

/** Each query on the schema tables that a node got, with its parameters. */
function schemaQueries(node: FakeNode): string[] {
  return node.requests
    .filter((request) => /FROM system(_virtual)?_schema\./.test(request.query ?? ''))
    .map((request) => {
      const values = request.values.map((value) => (Buffer.isBuffer(value) ? value.toString() : String(value)));
      return `${/FROM \S+\.(\w+)/.exec(request.query ?? '')?.[1] ?? ''}(${values.join(',')})`;
    });
}

test('connect reads of the schema what routing needs, and getTable no more than its table', async () => {
  const tables = ['a', 'b', 'c'].map((name) => table(name, 'v'));
  await using one = await bench({}, { keyspaces: [{ name: 'ks', tables }] });
  assert.deepEqual(schemaQueries(one.node), ['keyspaces()']);
  const b = await one.cluster.metadata.getTable('ks', 'b');
  assert.deepEqual(b?.columns, [
    { name: 'id', type: 'int', kind: 'partition_key', mask: null },
    { name: 'v', type: 'text', kind: 'regular', mask: null },
  ]);
  const asked = [
    'columns(ks,b)',
    'indexes(ks,b)',
    'tables(ks,b)',
    'tables(system_schema,column_masks)',
    'triggers(ks,b)',
  ];
  assert.deepEqual(schemaQueries(one.node).slice(1).sort(), asked);
  await Promise.all(Array.from({ length: 50 }, () => one.cluster.metadata.getTable('ks', 'b')));
  assert.equal(schemaQueries(one.node).length, 6);
});

test('a keyspace of 10,000 tables: one of them is five short queries, all of them are read page by page', async () => {
  const tables = Array.from({ length: 10_000 }, (_, i) => table(`t${i}`, 'v'));
  await using one = await bench({ controlConnectionTimeoutMs: 20_000 }, { keyspaces: [{ name: 'ks', tables }] });
  assert.equal((await one.cluster.metadata.getTable('ks', 't7777'))?.columns.length, 2);
  assert.equal(schemaQueries(one.node).length, 6);
  const keyspace = await one.cluster.metadata.getKeyspace('ks');
  assert.equal(keyspace?.tables.size, 10_000);
  assert.equal(keyspace.tables.get('t9999')?.columns.length, 2);
  // 20,000 rows of columns, 5000 a page.
  assert.equal(schemaQueries(one.node).filter((query) => query === 'columns(ks)').length, 4);
});

test('100 calls at the same time are one read; an aborted one leaves the others alone', async () => {
  await using one = await bench({}, { keyspaces: [{ name: 'ks', tables: [table('t')] }] });
  one.node.on({ query: /FROM system_schema\.tables/ }, hold());
  const controller = new AbortController();
  const { metadata } = one.cluster;
  const calls = Array.from({ length: 100 }, () => metadata.getTable('ks', 't'));
  const aborted = failure(metadata.getTable('ks', 't', { signal: controller.signal }));
  await one.node.waitFor({ query: /FROM system_schema\.tables/ });
  const reason = new Error('changed my mind');
  controller.abort(reason);
  assert.equal(await aborted, reason);
  one.node.release();
  // One look for column masks comes before, and is held too.
  const found = await Promise.all(calls);
  assert.equal(new Set(found).size, 1);
  assert.equal(found[0]?.name, 't');
  assert.equal(await failure(metadata.getKeyspaces({ signal: AbortSignal.abort(reason) })), reason);
});

test('more tables at once than a connection has stream ids: they are read in turns', async () => {
  const keyspaces = Array.from({ length: 20 }, (_, i) => ({ name: `ks${i}`, tables: [table('t')] }));
  for (const pooling of [{}, { maxRequestsPerConnection: 1 }]) {
    await using one = await bench({ controlConnectionTimeoutMs: 30_000, pooling }, { keyspaces });
    const { metadata } = one.cluster;
    const found = await Promise.all(Array.from({ length: 1000 }, (_, i) => metadata.getTable('ks0', `t${i}`)));
    assert.ok(found.every((one) => one === null));
    assert.ok((await metadata.getKeyspaces()).size >= 20);
    assert.equal(one.node.counts.connections, 2);
  }
});

test('a node that answers no schema query: those in line fail, too, and what is asked afterwards is read', async () => {
  await using one = await bench(
    { controlConnectionTimeoutMs: 2000, pooling: { maxRequestsPerConnection: 1 } },
    { keyspaces: [{ name: 'ks', tables: [table('t')] }] },
  );
  const { metadata } = one.cluster;
  const rule = one.node.on({ query: /FROM system_schema/ }, hold());
  const asked = Array.from({ length: 100 }, (_, i) => failure(metadata.getTable('ks', `t${i}`)));
  for (const reason of await Promise.all(asked)) {
    assert.ok(reason instanceof OperationTimedOut || reason instanceof ConnectionError, String(reason));
  }
  rule.remove();
  one.node.release();
  assert.equal((await metadata.getTable('ks', 't'))?.name, 't');
});

test('shutdown while schema queries stand in line: all of them fail', async () => {
  await using one = await bench(
    { controlConnectionTimeoutMs: 60_000, pooling: { maxRequestsPerConnection: 1 } },
    { keyspaces: [{ name: 'ks', tables: [table('t')] }] },
  );
  one.node.on({ query: /FROM system_schema/ }, hold());
  const asked = Array.from({ length: 100 }, (_, i) => failure(one.cluster.metadata.getTable('ks', `t${i}`)));
  await one.node.waitFor({ query: /FROM system_schema/ }, 8);
  await one.cluster.shutdown({ drainTimeoutMs: 0 });
  for (const reason of await Promise.all(asked)) assert.equal(reason.message, 'Cluster is closed');
});

test('a change while a table is read: what was read before it is not kept', async () => {
  const keyspace = { name: 'ks', tables: [table('t')] };
  await using one = await bench({}, { keyspaces: [keyspace] });
  const { metadata } = one.cluster;
  await metadata.getTable('ks', 'nothing');
  const rule = one.node.on({ query: /FROM system_schema\.columns/, times: 1 }, hold());
  const reading = metadata.getTable('ks', 't');
  await one.node.waitFor({ query: /FROM system_schema\.columns/ }, 2);
  keyspace.tables = [table('t', 'added')];
  let heard = false;
  one.cluster.on('schemaChanged', () => (heard = true));
  one.node.pushSchema({ change: 'UPDATED', target: 'TABLE', keyspace: 'ks', name: 't' });
  await until(() => heard, 'the event');
  one.node.release();
  rule.remove();
  assert.equal((await reading)?.columns.length, 2);
  assert.equal((await metadata.getTable('ks', 't'))?.columns.length, 2);
  assert.equal(schemaQueries(one.node).filter((query) => query === 'columns(ks,t)').length, 2);
});

test('an event makes the table be read again, and only that one', async () => {
  const keyspace = { name: 'ks', tables: [table('t'), table('u')] };
  await using one = await bench({}, { keyspaces: [keyspace] });
  const { metadata } = one.cluster;
  await metadata.getTable('ks', 't');
  await metadata.getTable('ks', 'u');
  const before = schemaQueries(one.node).length;
  keyspace.tables = [table('t', 'added'), table('u')];
  let heard = false;
  one.cluster.on('schemaChanged', () => (heard = true));
  one.node.pushSchema({ change: 'UPDATED', target: 'TABLE', keyspace: 'ks', name: 't' });
  await until(() => heard, 'the event');
  assert.equal((await metadata.getTable('ks', 't'))?.columns.length, 2);
  assert.equal((await metadata.getTable('ks', 'u'))?.columns.length, 1);
  assert.deepEqual(schemaQueries(one.node).slice(before).sort(), [
    'columns(ks,t)',
    'indexes(ks,t)',
    'tables(ks,t)',
    'triggers(ks,t)',
  ]);
});

test("this client's own change counts with its answer, before any event of it", async () => {
  const keyspace = { name: 'ks', tables: [table('t')] };
  await using one = await bench({}, { keyspaces: [keyspace] });
  const { metadata } = one.cluster;
  assert.equal((await metadata.getTable('ks', 't'))?.columns.length, 1);
  one.node.on('ALTER TABLE ks.t ADD added text', () => {
    keyspace.tables = [table('t', 'added')];
    return reactions.schemaChange({ change: 'UPDATED', target: 'TABLE', keyspace: 'ks', name: 't' });
  });
  await one.session.execute('ALTER TABLE ks.t ADD added text');
  assert.equal((await metadata.getTable('ks', 't'))?.columns.length, 2);
});

test('a lost control connection: a read goes on with the next one, and what was kept is read again', async () => {
  const keyspaces: FakeKeyspace[] = [{ name: 'ks', tables: [table('t'), table('u')] }];
  await using some = await benchOf(2, {}, { keyspaces });
  const { metadata } = some.cluster;
  assert.equal((await metadata.getTable('ks', 'u'))?.columns.length, 1);
  for (const node of some.nodes) node.on({ query: /FROM system_schema\.indexes/, times: 1 }, closeConnection());
  // Changed while nobody listens.
  keyspaces[0] = { name: 'ks', tables: [table('t'), table('u', 'added')] };
  assert.equal((await metadata.getTable('ks', 't'))?.name, 't');
  assert.equal((await metadata.getTable('ks', 'u'))?.columns.length, 2);
});

test('without any control connection: ConnectionError after the time for it; afterwards all is well', async () => {
  await using one = await bench(
    { controlConnectionTimeoutMs: 200 },
    { keyspaces: [{ name: 'ks', tables: [table('t')] }] },
  );
  const { metadata } = one.cluster;
  await one.node.stop();
  const startedAt = performance.now();
  const gone = await failure(metadata.getTable('ks', 't'));
  assert.ok(gone instanceof ConnectionError);
  assert.match(
    gone.message,
    /^There is no control connection to read the schema with, and within 200 ms none came about$/,
  );
  assert.ok(performance.now() - startedAt >= 190);
  const waiting = metadata.getTable('ks', 't').catch((reason: unknown) => reason);
  await one.node.restart();
  await until(() => one.cluster.metadata.hosts.some((host) => host.isUp), 'the host');
  await waiting;
  assert.equal((await metadata.getTable('ks', 't'))?.name, 't');
});

test('a read waits for the control connection that is being opened', async () => {
  await using one = await bench(
    { controlConnectionTimeoutMs: 5000 },
    { keyspaces: [{ name: 'ks', tables: [table('t')] }] },
  );
  await one.node.stop();
  const reading = one.cluster.metadata.getTable('ks', 't');
  await one.node.restart();
  assert.equal((await reading)?.name, 't');
});

test('a cluster that is not connected, and one that is closed', async () => {
  await using node = await FakeNode.start({ keyspaces: [{ name: 'ks', tables: [table('t')] }] });
  const cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint] });
  const early = await failure(cluster.metadata.getTable('ks', 't'));
  assert.ok(early instanceof ConnectionError);
  assert.equal(early.message, 'The cluster is not connected: call connect() first');
  // One that is on its way is waited for.
  const connecting = cluster.connect();
  assert.equal((await cluster.metadata.getTable('ks', 't'))?.name, 't');
  await connecting;
  await node.stop();
  const waiting = failure(cluster.metadata.getTable('ks', 'u'));
  await cluster.shutdown();
  assert.equal((await waiting).message, 'Cluster is closed');
  // What is in memory is not told any more either.
  const late = await failure(cluster.metadata.getTable('ks', 't'));
  assert.ok(late instanceof ConnectionError);
  assert.equal(late.message, 'Cluster is closed');
});

test("a node's silence and its refusals reach the caller, with the caller's stack, and are not kept", async () => {
  await using one = await bench(
    { controlConnectionTimeoutMs: 300 },
    { keyspaces: [{ name: 'ks', tables: [table('t')] }] },
  );
  const { metadata } = one.cluster;
  one.node.on(
    { query: /FROM system_schema\.columns/, nth: 1 },
    error('UNAUTHORIZED', { message: 'no SELECT permission' }),
  );
  const refused = await failure(metadata.getTable('ks', 't'));
  assert.ok(refused instanceof Unauthorized);
  assert.match(refused.stack ?? '', /schema\.test\.ts/);
  one.node.on({ query: /FROM system_schema\.columns/, nth: 1 }, drop());
  assert.ok((await failure(metadata.getTable('ks', 't'))) instanceof OperationTimedOut);
  assert.equal((await metadata.getTable('ks', 't'))?.name, 't');
});

test('names that are no strings are refused before anything is asked', async () => {
  await using one = await bench();
  const { metadata } = one.cluster;
  const wrong = undefined as unknown as string;
  for (const call of [
    metadata.getKeyspace(wrong),
    metadata.getTable('ks', wrong),
    metadata.getUserType(wrong, 'a'),
    metadata.getMaterializedView('ks', null as unknown as string),
    metadata.getFunction('ks', 'f', 'int' as unknown as string[]),
    metadata.getFunction('ks', 'f', [wrong]),
    metadata.getAggregate('ks', 'f', wrong as unknown as string[]),
  ]) {
    assert.ok((await failure(call)) instanceof InvalidParameter);
  }
  assert.equal(schemaQueries(one.node).length, 1);
});

test('what a caller does to the lists of hosts that it was given does not concern the cluster', async () => {
  await using one = await bench({}, { keyspaces: [{ name: 'ks', tables: [table('t')] }] });
  const { metadata } = one.cluster;
  metadata.hosts.length = 0;
  metadata.getReplicas('ks', Buffer.of(1)).length = 0;
  assert.equal(metadata.hosts.length, 1);
  assert.equal(metadata.getReplicas('ks', Buffer.of(1)).length, 1);
});
