/** What the schema tables of real nodes become, and that the DDL made of it makes the same schema again. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  AsyncCluster,
  type AsyncCassandraSession,
  type KeyspaceMetadata,
  type Metadata,
  type SchemaChangedEvent,
} from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';
import { isAtLeast, testVersions } from '../../support/node-table.js';
import { richSchema } from '../../support/rich-schema.js';

const SLOW = { timeoutMs: 60_000 };
const ORIGINAL = 'it_metadata';
const COPY = 'it_metadata_copy';

/** The server's own words for a keyspace, without what differs between two that are made alike. */
async function serverRows(session: AsyncCassandraSession, keyspace: string, version: string): Promise<string[]> {
  const tables = ['tables', 'columns', 'indexes', 'views', 'types', 'functions', 'aggregates'];
  if (isAtLeast(version, '5.0')) tables.push('column_masks');
  const pictures: string[] = [];
  for (const table of tables) {
    const { rows } = await session.execute(`SELECT * FROM system_schema.${table} WHERE keyspace_name = ?`, [keyspace]);
    for (const { keyspace_name: _name, id: _id, base_table_id: _base, ...row } of rows) {
      pictures.push(`${table} ${show(row)}`);
    }
  }
  return pictures;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    one instanceof Map || one instanceof Set ? [...(one as Iterable<unknown>)] : one,
  );
}

/** All that the model says, without ids. */
function picture(keyspace: KeyspaceMetadata | null): unknown {
  return JSON.parse(show(keyspace), (key, value: unknown) => (key === 'id' ? undefined : value));
}

/** Resolves once `cluster` has heard of the change. */
function heard(cluster: AsyncCluster, change: string, name: string): Promise<void> {
  return new Promise((resolve) => {
    const listener = (event: SchemaChangedEvent): void => {
      if (event.change !== change || (event.name ?? event.keyspace) !== name) return;
      cluster.off('schemaChanged', listener);
      resolve();
    };
    cluster.on('schemaChanged', listener);
  });
}

for (const version of testVersions) {
  describe(`Cassandra ${version}`, () => {
    let space: Workspace;
    let metadata: Metadata;

    before(async () => {
      space = await openWorkspace(ORIGINAL, { version });
      metadata = space.cluster.metadata;
      for (const statement of richSchema(version)) await space.session.execute(statement, undefined, SLOW);
    });
    after(async () => {
      await space.session.execute(`DROP KEYSPACE IF EXISTS ${COPY}`, undefined, SLOW);
      await space.close();
    });

    test('the DDL of a keyspace makes the same keyspace again', { timeout: 360_000 }, async () => {
      const { session } = space;
      await session.execute(`DROP KEYSPACE IF EXISTS ${COPY}`, undefined, SLOW);
      const original = await metadata.getKeyspace(ORIGINAL);
      assert.ok(original !== null);
      const statements = original.toCqlStatements();
      assert.equal(original.toCql({ all: true }), statements.join('\n\n'));
      assert.equal(original.toCql(), statements[0]);
      for (const statement of statements) {
        await session.execute(statement.replaceAll(ORIGINAL, COPY), undefined, SLOW);
      }
      assert.deepEqual(await serverRows(session, COPY, version), await serverRows(session, ORIGINAL, version));
      const copy = await metadata.getKeyspace(COPY);
      assert.deepEqual(JSON.parse(JSON.stringify(picture(copy)).replaceAll(COPY, ORIGINAL)), picture(original));
      // As many as were made: nothing was passed over on both sides.
      assert.equal(statements.length - 1, richSchema(version).filter((one) => one.startsWith('CREATE')).length);
    });

    test('each thing read by itself is the same as in its keyspace, and has the same DDL', async () => {
      await using other = new AsyncCluster(space.options);
      await other.connect();
      const whole = await metadata.getKeyspace(ORIGINAL);
      assert.ok(whole !== null);
      const alone = other.metadata;
      for (const [name, table] of whole.tables) assert.deepEqual(await alone.getTable(ORIGINAL, name), table);
      for (const [name, view] of whole.views) assert.deepEqual(await alone.getMaterializedView(ORIGINAL, name), view);
      for (const [name, type] of whole.userTypes) assert.deepEqual(await alone.getUserType(ORIGINAL, name), type);
      for (const one of whole.functions) {
        assert.deepEqual(await alone.getFunction(ORIGINAL, one.name, one.argumentTypes), one);
      }
      for (const one of whole.aggregates) {
        assert.deepEqual(await alone.getAggregate(ORIGINAL, one.name, one.argumentTypes), one);
      }
      assert.equal((await alone.getTable(ORIGINAL, 'wide'))?.toCql(), whole.tables.get('wide')?.toCql());
    });

    test('a table: columns, keys, order, indexes, options', async () => {
      const table = await metadata.getTable(ORIGINAL, 'wide');
      assert.ok(table !== null);
      assert.equal(table.name, 'wide');
      assert.equal(table.keyspace, ORIGINAL);
      assert.match(table.id ?? '', /^[0-9a-f-]{36}$/);
      assert.deepEqual(table.partitionKey, ['p1', 'P "2"']);
      assert.deepEqual(table.clusteringKey, ['c1', 'c2', 'token']);
      assert.deepEqual(table.clusteringOrder, ['DESC', 'ASC', 'DESC']);
      assert.deepEqual(
        table.columns.slice(0, 8).map(({ name, type, kind }) => `${name} ${type} ${kind}`),
        [
          'p1 int partition_key',
          'P "2" text partition_key',
          'c1 int clustering',
          'c2 text clustering',
          'token timeuuid clustering',
          'S frozen<list<int>> static',
          's int static',
          'd duration regular',
        ],
      );
      assert.equal(table.columns.find((column) => column.name === 'm')?.type, 'map<text, frozen<z_inner>>');
      assert.equal(table.columns.length, 18);
      assert.equal(table.options.comment, `it's a "table"; -- with all`);
      assert.equal(table.options.gc_grace_seconds, 1000);
      assert.equal(table.options.bloom_filter_fp_chance, 0.25);
      assert.equal(table.options.caching?.['rows_per_partition'], '12');
      assert.match(table.options.compaction?.['class'] ?? '', /LeveledCompactionStrategy$/);
      assert.equal(table.options.speculative_retry, '75p');
      assert.ok(!('extensions' in table.options));
      assert.deepEqual(
        table.indexes.map(({ name, target }) => `${name}: ${target}`),
        [
          'OddIndex: values(l)',
          'by_all: full(fl)',
          'by_entry: entries(m)',
          'by_key: keys(m)',
          'by_part: "P ""2"""',
          'by_value: values(m)',
          'wide_v_idx: v',
        ],
      );
      assert.equal(table.isVirtual, false);
      assert.equal(table.isCompactStorage, false);
    });

    test('tables with compact storage show the columns that CQL shows', async () => {
      const rows = await metadata.getTable(ORIGINAL, 'old_rows');
      assert.deepEqual(
        rows?.columns.map(({ name, kind }) => [name, kind]),
        [
          ['a', 'partition_key'],
          ['b', 'regular'],
          ['c', 'regular'],
        ],
      );
      assert.equal(rows.isCompactStorage, true);
      assert.deepEqual(rows.clusteringKey, []);
      const keys = await metadata.getTable(ORIGINAL, 'old_keys');
      assert.deepEqual(
        keys?.columns.map(({ name }) => name),
        ['a', 'b'],
      );
    });

    test('functions and aggregates are told apart by their argument types', async () => {
      const whole = await metadata.getFunction(ORIGINAL, 'plus', ['int', 'int']);
      assert.equal(whole?.returnType, 'int');
      assert.equal(whole.calledOnNullInput, true);
      const text = await metadata.getFunction(ORIGINAL, 'plus', ['varchar', ' INT']);
      assert.equal(text?.body, `return s + "it's;";`);
      assert.equal(await metadata.getFunction(ORIGINAL, 'plus', ['int']), null);
      const odd = ['frozen<tuple<int,bigint>>', 'int', '"z_inner"', 'map<text, list<z_inner>>'];
      assert.deepEqual((await metadata.getFunction(ORIGINAL, 'Odd fn', odd))?.argumentNames, ['s', 'V', 'u', 'm']);
      const aggregate = await metadata.getAggregate(ORIGINAL, 'Agg', ['int']);
      assert.equal(aggregate?.initialCondition, '(1, 2)');
      assert.equal(aggregate.finalFunction, 'Last');
      assert.equal(await metadata.getAggregate(ORIGINAL, 'Agg', ['text']), null);
    });

    test('what does not exist is null, and names are exact', async () => {
      assert.equal(await metadata.getKeyspace('it_metadata_nowhere'), null);
      assert.equal(await metadata.getKeyspace(ORIGINAL.toUpperCase()), null);
      assert.equal(await metadata.getTable(ORIGINAL, 'nothing'), null);
      assert.equal(await metadata.getTable('it_metadata_nowhere', 'wide'), null);
      assert.equal(await metadata.getTable(ORIGINAL, 'WIDE'), null);
      assert.equal(await metadata.getTable(ORIGINAL, 'counters'), null);
      assert.equal((await metadata.getTable(ORIGINAL, 'Counters'))?.name, 'Counters');
      assert.equal(await metadata.getTable(ORIGINAL, 'all_of_base'), null);
      assert.equal(await metadata.getTable(ORIGINAL, "wide' OR table_name = 'base"), null);
      assert.equal(await metadata.getTable('', ''), null);
      assert.equal(await metadata.getUserType(ORIGINAL, 'nothing'), null);
      assert.equal(await metadata.getMaterializedView(ORIGINAL, 'base'), null);
      assert.equal(await metadata.getFunction(ORIGINAL, 'nothing', []), null);
      assert.equal(await metadata.getAggregate(ORIGINAL, 'plus', ['int', 'int']), null);
    });

    test('system and virtual keyspaces', async () => {
      const all = await metadata.getKeyspaces();
      for (const name of ['system', 'system_schema', 'system_auth', 'system_views', ORIGINAL]) assert.ok(all.has(name));
      assert.equal(all.get('system')?.tables.get('local')?.partitionKey[0], 'key');
      assert.equal(all.get(ORIGINAL)?.durableWrites, true);
      assert.deepEqual(all.get(ORIGINAL)?.replication, {
        class: 'org.apache.cassandra.locator.SimpleStrategy',
        replication_factor: '1',
      });
      const views = all.get('system_views');
      assert.equal(views?.isVirtual, true);
      assert.deepEqual(views.tables.get('settings')?.columns, [
        { name: 'name', type: 'text', kind: 'partition_key', mask: null },
        { name: 'value', type: 'text', kind: 'regular', mask: null },
      ]);
      const settings = await metadata.getTable('system_views', 'settings');
      assert.equal(settings?.isVirtual, true);
      assert.equal(settings.options.comment, 'current settings');
      assert.match(settings.toCql(), /^\/\*[^]*\*\/$/);
      assert.equal(all.get('system_virtual_schema')?.isVirtual, true);
    });

    test("this client's own changes are seen at once", async () => {
      const { session } = space;
      assert.equal(await metadata.getTable(ORIGINAL, 'own'), null);
      assert.equal((await metadata.getKeyspace(ORIGINAL))?.tables.has('own'), false);
      await session.execute('CREATE TABLE own (id int PRIMARY KEY)');
      assert.equal((await metadata.getTable(ORIGINAL, 'own'))?.columns.length, 1);
      await session.execute('ALTER TABLE own ADD v text');
      assert.equal((await metadata.getTable(ORIGINAL, 'own'))?.columns.length, 2);
      await session.execute('CREATE INDEX own_v ON own (v)');
      assert.equal((await metadata.getTable(ORIGINAL, 'own'))?.indexes.length, 1);
      assert.equal((await metadata.getKeyspace(ORIGINAL))?.tables.get('own')?.indexes.length, 1);
      await session.execute('DROP TABLE own', undefined, SLOW);
      assert.equal(await metadata.getTable(ORIGINAL, 'own'), null);
      assert.equal((await metadata.getKeyspace(ORIGINAL))?.tables.has('own'), false);
    });

    test("another client's changes are seen as soon as they are heard of", { timeout: 300_000 }, async () => {
      const { session } = space;
      await using watcher = new AsyncCluster(space.options);
      await watcher.connect();
      const seen = watcher.metadata;
      const run = async (statement: string, change: string, name: string): Promise<void> => {
        const news = heard(watcher, change, name);
        await session.execute(statement, undefined, SLOW);
        await news;
      };
      assert.equal((await seen.getKeyspace(ORIGINAL))?.tables.has('theirs'), false);
      await run('CREATE TABLE theirs (id int PRIMARY KEY, v int)', 'CREATED', 'theirs');
      assert.equal((await seen.getTable(ORIGINAL, 'theirs'))?.columns.length, 2);
      assert.equal((await seen.getKeyspace(ORIGINAL))?.tables.has('theirs'), true);
      await run('ALTER TABLE theirs RENAME id TO key', 'UPDATED', 'theirs');
      assert.deepEqual((await seen.getTable(ORIGINAL, 'theirs'))?.partitionKey, ['key']);
      await run("ALTER TABLE theirs WITH comment = 'new'", 'UPDATED', 'theirs');
      assert.equal((await seen.getTable(ORIGINAL, 'theirs'))?.options.comment, 'new');

      const view =
        'CREATE MATERIALIZED VIEW their_view AS SELECT * FROM theirs ' +
        'WHERE key IS NOT NULL AND v IS NOT NULL PRIMARY KEY (v, key)';
      assert.equal(await seen.getMaterializedView(ORIGINAL, 'their_view'), null);
      await run(view, 'CREATED', 'their_view');
      assert.equal((await seen.getMaterializedView(ORIGINAL, 'their_view'))?.columns.length, 2);
      // The view gets the base table's new column, and an event of its own.
      await run('ALTER TABLE theirs ADD w int', 'UPDATED', 'their_view');
      assert.equal((await seen.getMaterializedView(ORIGINAL, 'their_view'))?.columns.length, 3);
      await run('DROP MATERIALIZED VIEW their_view', 'DROPPED', 'their_view');
      assert.equal(await seen.getMaterializedView(ORIGINAL, 'their_view'), null);
      await run('DROP TABLE theirs', 'DROPPED', 'theirs');
      assert.equal(await seen.getTable(ORIGINAL, 'theirs'), null);

      await run('CREATE TYPE their_type (a int)', 'CREATED', 'their_type');
      assert.equal((await seen.getUserType(ORIGINAL, 'their_type'))?.fields.length, 1);
      await run('ALTER TYPE their_type ADD b text', 'UPDATED', 'their_type');
      assert.equal((await seen.getUserType(ORIGINAL, 'their_type'))?.fields.length, 2);
      await run('DROP TYPE their_type', 'DROPPED', 'their_type');
      assert.equal(await seen.getUserType(ORIGINAL, 'their_type'), null);

      const body = (text: string): string =>
        `CREATE OR REPLACE FUNCTION their_fn (s int, v int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS '${text}'`;
      await run(body('return s;'), 'CREATED', 'their_fn');
      assert.equal((await seen.getFunction(ORIGINAL, 'their_fn', ['int', 'int']))?.body, 'return s;');
      await run(body('return v;'), 'UPDATED', 'their_fn');
      assert.equal((await seen.getFunction(ORIGINAL, 'their_fn', ['int', 'int']))?.body, 'return v;');
      await run('CREATE AGGREGATE their_agg (int) SFUNC their_fn STYPE int', 'CREATED', 'their_agg');
      assert.equal((await seen.getAggregate(ORIGINAL, 'their_agg', ['int']))?.stateFunction, 'their_fn');
      await run('DROP AGGREGATE their_agg', 'DROPPED', 'their_agg');
      assert.equal(await seen.getAggregate(ORIGINAL, 'their_agg', ['int']), null);
      await run('DROP FUNCTION their_fn', 'DROPPED', 'their_fn');
      assert.equal(await seen.getFunction(ORIGINAL, 'their_fn', ['int', 'int']), null);

      const replication = "replication = {'class': 'SimpleStrategy', 'replication_factor': 1}";
      await session.execute('DROP KEYSPACE IF EXISTS it_metadata_theirs', undefined, SLOW);
      assert.equal((await seen.getKeyspaces()).has('it_metadata_theirs'), false);
      await run(`CREATE KEYSPACE it_metadata_theirs WITH ${replication}`, 'CREATED', 'it_metadata_theirs');
      assert.equal((await seen.getKeyspaces()).get('it_metadata_theirs')?.durableWrites, true);
      await run('ALTER KEYSPACE it_metadata_theirs WITH durable_writes = false', 'UPDATED', 'it_metadata_theirs');
      assert.equal((await seen.getKeyspace('it_metadata_theirs'))?.durableWrites, false);
      await run('DROP KEYSPACE it_metadata_theirs', 'DROPPED', 'it_metadata_theirs');
      assert.equal(await seen.getKeyspace('it_metadata_theirs'), null);
      assert.equal((await seen.getKeyspaces()).has('it_metadata_theirs'), false);
    });
  });
}
