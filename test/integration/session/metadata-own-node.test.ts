/** What the shared nodes have not: column masks, SASI indexes and a trigger's class, on a node of its own. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { startCassandra, type EmbeddedCassandra } from '../../../src/embedded/index.js';
import { AsyncCluster, InvalidRequest, type AsyncCassandraSession, type TableMetadata } from '../../../src/index.js';
import { runCommand } from '../../support/command-line.js';
import { TRIGGER_CLASS, triggersFolder } from '../../support/trigger.js';

let triggers: string;
let node: EmbeddedCassandra;
let cluster: AsyncCluster;
let session: AsyncCassandraSession;

before(
  async () => {
    triggers = await triggersFolder('5.0');
    const yaml = { dynamic_data_masking_enabled: true, sasi_indexes_enabled: true };
    node = await startCassandra({ version: '5.0', yaml, jvmArgs: [`-Dcassandra.triggers_dir=${triggers}`] });
    const { contactPoints, port, localDatacenter } = node;
    cluster = new AsyncCluster({ contactPoints, port, localDatacenter, requestTimeoutMs: 60_000 });
    session = await cluster.connect();
    await session.execute(
      "CREATE KEYSPACE masks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
    );
    await session.setKeyspace('masks');
  },
  { timeout: 720_000 },
);
after(async () => {
  await cluster.shutdown();
  await node.stop();
  rmSync(triggers, { recursive: true });
});

function withoutId(table: TableMetadata): unknown {
  return JSON.parse(JSON.stringify(table), (key, value: unknown) => (key === 'id' ? undefined : value));
}

/** Makes the table and its indexes and triggers again from their DDL; what was read before and after, without the ids. */
async function again(name: string): Promise<{ readonly was: unknown; readonly is: unknown }> {
  const read = async (): Promise<TableMetadata> => {
    const table = await cluster.metadata.getTable('masks', name);
    assert.ok(table !== null);
    return table;
  };
  const was = await read();
  await session.execute(`DROP TABLE masks.${name}`);
  assert.equal(await cluster.metadata.getTable('masks', name), null);
  for (const one of [was, ...was.indexes, ...was.triggers]) await session.execute(one.toCql());
  const is = await read();
  return { was: withoutId(was), is: withoutId(is) };
}

test('masked columns: kinds of functions and arguments', async () => {
  await session.execute(
    'CREATE FUNCTION "My mask" (a text, b int) CALLED ON NULL INPUT RETURNS text LANGUAGE java AS \'return a;\'',
  );
  await session.execute(
    `CREATE TABLE masked (
       k int MASKED WITH mask_default(), c timestamp MASKED WITH mask_replace('2020-01-01'),
       s text static MASKED WITH DEFAULT, inside text MASKED WITH mask_inner(1, null), outside text MASKED WITH mask_outer(1, 2, '*'),
       number int MASKED WITH mask_replace(-5), big varint MASKED WITH mask_replace(12345678901234567890),
       real double MASKED WITH mask_replace(1.5), word text MASKED WITH mask_replace('word'), bytes blob MASKED WITH mask_replace(0x00ff),
       id uuid MASKED WITH mask_null(), address inet MASKED WITH mask_replace('::1'), day date MASKED WITH mask_replace('2020-02-03'),
       long duration MASKED WITH mask_replace(1mo2d), yes boolean MASKED WITH mask_replace(true),
       own text MASKED WITH "My mask"(3), plain text, PRIMARY KEY (k, c))`,
  );
  const table = await cluster.metadata.getTable('masks', 'masked');
  const maskOf = (name: string): unknown => table?.columns.find((column) => column.name === name)?.mask;
  assert.equal(maskOf('plain'), null);
  assert.deepEqual(maskOf('k'), { keyspace: 'system', name: 'mask_default', arguments: [] });
  assert.deepEqual(maskOf('inside'), {
    keyspace: 'system',
    name: 'mask_inner',
    arguments: [
      { type: 'int', value: '1' },
      { type: 'int', value: null },
    ],
  });
  assert.deepEqual(maskOf('own'), { keyspace: 'masks', name: 'My mask', arguments: [{ type: 'int', value: '3' }] });
  const { was, is } = await again('masked');
  assert.deepEqual(is, was);
});

test('functions that mask columns are made before the tables', async () => {
  const keyspace = await cluster.metadata.getKeyspace('masks');
  const statements = keyspace?.toCqlStatements() ?? [];
  await session.execute('DROP KEYSPACE masks');
  for (const statement of statements) await session.execute(statement);
  const copy = await cluster.metadata.getKeyspace('masks');
  assert.deepEqual(copy?.toCqlStatements(), statements);
});

test('an argument that has no literal: the DDL is refused, it makes no other mask', async () => {
  await session.execute(
    'CREATE TABLE masks.odd (k int PRIMARY KEY, v frozen<list<int>> MASKED WITH mask_replace([1]))',
  );
  const table = await cluster.metadata.getTable('masks', 'odd');
  await session.execute('DROP TABLE masks.odd');
  await assert.rejects(session.execute(table?.toCql() ?? ''), InvalidRequest);
});

test('SASI indexes', async () => {
  await session.execute('CREATE TABLE masks.searched (k int PRIMARY KEY, v text, w text)');
  await session.execute(
    "CREATE CUSTOM INDEX ON masks.searched (v) USING 'org.apache.cassandra.index.sasi.SASIIndex' WITH OPTIONS = " +
      "{'mode': 'CONTAINS', 'analyzer_class': 'org.apache.cassandra.index.sasi.analyzer.NonTokenizingAnalyzer', 'case_sensitive': 'false'}",
  );
  await session.execute(
    'CREATE CUSTOM INDEX "Second" ON masks.searched (w) USING \'org.apache.cassandra.index.sasi.SASIIndex\'',
  );
  const table = await cluster.metadata.getTable('masks', 'searched');
  assert.deepEqual(
    table?.indexes.map(({ name, kind }) => [name, kind]),
    [
      ['Second', 'CUSTOM'],
      ['searched_v_idx', 'CUSTOM'],
    ],
  );
  const { was, is } = await again('searched');
  assert.deepEqual(is, was);
});

test('triggers', async () => {
  await session.execute('CREATE TABLE masks.watched (k int PRIMARY KEY, v text)');
  const heard = new Promise<void>((resolve) => {
    cluster.on('schemaChanged', ({ name }) => {
      if (name === 'watched') resolve();
    });
  });
  await session.execute(`CREATE TRIGGER "My trigger" ON masks.watched USING '${TRIGGER_CLASS}'`);
  await heard;
  const table = await cluster.metadata.getTable('masks', 'watched');
  assert.deepEqual(
    table?.triggers.map(({ keyspace, table: of, name, className }) => [keyspace, of, name, className]),
    [['masks', 'watched', 'My trigger', TRIGGER_CLASS]],
  );
  const whole = await cluster.metadata.getKeyspace('masks');
  assert.deepEqual(whole?.tables.get('watched')?.triggers, table.triggers);
  assert.ok(whole.toCqlStatements().includes(`CREATE TRIGGER "My trigger" ON masks.watched USING '${TRIGGER_CLASS}';`));
  await session.execute('INSERT INTO masks.watched (k) VALUES (?)', [1]);
  const place = ['--contact-points', node.contactPoints.join(), '--port', String(node.port)];
  const described = await runCommand(['describe', 'masks', 'watched', '--json', ...place]);
  const parts = JSON.parse(described.stdout) as { kind: string; cql: string }[];
  assert.deepEqual(
    parts.map(({ kind, cql }) => [kind, cql]),
    [table, ...table.triggers].map((one, i) => [i === 0 ? 'table' : 'trigger', one.toCql()]),
  );
  const { was, is } = await again('watched');
  assert.deepEqual(is, was);
});
