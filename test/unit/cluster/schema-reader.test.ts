import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SchemaReader } from '../../../src/cluster/schema-reader.js';
import { SchemaTables } from './schema-tables.js';

function setUp(): { readonly tables: SchemaTables; readonly reader: SchemaReader } {
  const tables = new SchemaTables();
  return { tables, reader: new SchemaReader(tables.ask) };
}

test('names go as parameters, never into the text', async () => {
  const texts: string[] = [];
  const reader = new SchemaReader(async (query) => {
    texts.push(query);
    return [];
  });
  const evil = "x' OR keyspace_name = 'y";
  await reader.keyspace(evil);
  await reader.table(evil, evil);
  await reader.view(evil, evil);
  await reader.userType(evil, evil);
  await reader.functions(evil, evil);
  await reader.aggregates(evil, evil);
  assert.ok(texts.length > 10);
  for (const text of texts) assert.doesNotMatch(text, /['"]/);
});

test('an empty keyspace name is no question to a server', async () => {
  const { tables, reader } = setUp();
  assert.equal(await reader.keyspace(''), null);
  assert.equal(await reader.table('', 't'), null);
  assert.equal(await reader.userType('', 't'), null);
  assert.ok(
    tables.asked.every((one) => !one.includes('(,')),
    tables.asked.join(),
  );
});

test('options of newer servers are read where the rows have them', async () => {
  const { tables, reader } = setUp();
  tables.addKeyspace('old');
  tables.add('system_schema.keyspaces', { keyspace_name: 'new', fast_path: new Map([['kind', 'SIMPLE']]) });
  tables.addTable('new', 't');
  const [row] = tables.rows.get('system_schema.tables') ?? [];
  assert.ok(row);
  Object.assign(row, { auto_repair: new Map([['priority', '0']]), fast_path: null });
  const keyspace = await reader.keyspace('new');
  assert.deepEqual(keyspace?.fastPath, { kind: 'SIMPLE' });
  assert.deepEqual(keyspace.tables.get('t')?.options, { auto_repair: { priority: '0' } });
  assert.equal((await reader.keyspace('old'))?.fastPath, null);
});

test('columns are put in order: keys by place, then static and regular ones by name', async () => {
  const { tables, reader } = setUp();
  tables.add('system_schema.tables', { keyspace_name: 'ks', table_name: 't', flags: new Set(['compound']) });
  const column = (name: string, kind: string, position = -1, order = 'none'): void => {
    tables.add('system_schema.columns', {
      keyspace_name: 'ks',
      table_name: 't',
      column_name: name,
      kind,
      position,
      type: 'int',
      clustering_order: order,
    });
  };
  column('a2', 'clustering', 1, 'asc');
  column('b', 'partition_key', 1);
  column('b1', 'clustering', 0, 'desc');
  column('c', 'partition_key', 0);
  column('y', 'regular');
  column('Z', 'regular');
  column('z', 'static');
  column('s', 'static');
  column('odd', 'a later kind');
  const table = await reader.table('ks', 't');
  assert.deepEqual(
    table?.columns.map(({ name }) => name),
    ['c', 'b', 'b1', 'a2', 's', 'z', 'Z', 'odd', 'y'],
  );
  assert.deepEqual(table.partitionKey, ['c', 'b']);
  assert.deepEqual(table.clusteringKey, ['b1', 'a2']);
  assert.deepEqual(table.clusteringOrder, ['DESC', 'ASC']);
});

test('options: null and unknown ones are left out, extensions too', async () => {
  const { tables, reader } = setUp();
  tables.addTable('ks', 'other');
  tables.add('system_schema.tables', {
    keyspace_name: 'ks',
    table_name: 't',
    id: '00000000-0000-1000-8000-000000000000',
    flags: new Set(['compound']),
    comment: '',
    cdc: null,
    memtable: null,
    gc_grace_seconds: 10,
    crc_check_chance: 0.5,
    allow_auto_snapshot: false,
    caching: new Map([['keys', 'ALL']]),
    extensions: new Map([['x', Buffer.of(1)]]),
    read_repair_chance: 0,
    dclocal_read_repair_chance: 0,
    from_the_future: 'x',
  });
  tables.addColumn('ks', 't', 'id', 'partition_key');
  const table = await reader.table('ks', 't');
  assert.deepEqual(table?.options, {
    allow_auto_snapshot: false,
    caching: { keys: 'ALL' },
    comment: '',
    crc_check_chance: 0.5,
    gc_grace_seconds: 10,
  });
  assert.equal(table.id, '00000000-0000-1000-8000-000000000000');
});

test('triggers: the class comes out of the options', async () => {
  const { tables, reader } = setUp();
  for (const name of ['t', 'u']) tables.addTable('ks', name, 'v');
  tables.addKeyspace('ks');
  const options = new Map([['class', 'a.B']]);
  tables.add('system_schema.triggers', { keyspace_name: 'ks', table_name: 't', trigger_name: 'Tr', options });
  for (const table of [await reader.table('ks', 't'), (await reader.keyspace('ks'))?.tables.get('t')]) {
    assert.deepEqual(
      table?.triggers.map(({ keyspace, table: of, name, className }) => [keyspace, of, name, className]),
      [['ks', 't', 'Tr', 'a.B']],
    );
  }
  assert.deepEqual((await reader.table('ks', 'u'))?.triggers, []);
});

test('indexes: target and class come out of the options', async () => {
  const { tables, reader } = setUp();
  tables.addTable('ks', 't', 'v');
  const index = { keyspace_name: 'ks', table_name: 't' };
  tables.add(
    'system_schema.indexes',
    { ...index, index_name: 'a', kind: 'COMPOSITES', options: new Map([['target', 'keys(v)']]) },
    {
      ...index,
      index_name: 'b',
      kind: 'CUSTOM',
      options: new Map([
        ['target', 'v'],
        ['class_name', 'sai'],
        ['__proto__', 'x'],
      ]),
    },
  );
  const table = await reader.table('ks', 't');
  assert.deepEqual(
    table?.indexes.map(({ name, kind, target, className, options }) => [
      name,
      kind,
      target,
      className,
      Object.entries(options),
    ]),
    [
      ['a', 'COMPOSITES', 'keys(v)', null, []],
      ['b', 'CUSTOM', 'v', 'sai', [['__proto__', 'x']]],
    ],
  );
});

test('masks are read where the server has a table of them, which is asked once', async () => {
  const { tables, reader } = setUp();
  tables.addTable('ks', 't', 'v');
  assert.equal((await reader.table('ks', 't'))?.columns[1]?.mask, null);
  assert.ok(!tables.asked.some((one) => one.startsWith('system_schema.column_masks')));
  tables.add('system_schema.tables', { keyspace_name: 'system_schema', table_name: 'column_masks' });
  tables.add('system_schema.column_masks', {
    keyspace_name: 'ks',
    table_name: 't',
    column_name: 'v',
    function_keyspace: 'system',
    function_name: 'mask_inner',
    function_argument_types: ['int', 'int'],
    function_argument_values: ['1', ''],
    function_argument_nulls: [false, true],
  });
  const mask = {
    keyspace: 'system',
    name: 'mask_inner',
    arguments: [
      { type: 'int', value: '1' },
      { type: 'int', value: null },
    ],
  };
  assert.equal((await reader.table('ks', 't'))?.columns[1]?.mask, null);
  reader.forgetServer();
  assert.deepEqual((await reader.table('ks', 't'))?.columns[1]?.mask, mask);
  tables.addKeyspace('ks');
  assert.deepEqual((await reader.keyspace('ks'))?.tables.get('t')?.columns[1]?.mask, mask);
  const looks = tables.asked.filter((one) => one === 'system_schema.tables(system_schema,column_masks)');
  assert.equal(looks.length, 2);
});

test('a look for masks that failed is taken again', async () => {
  const { tables } = setUp();
  tables.addTable('ks', 't');
  let failures = 1;
  const reader = new SchemaReader((query, parameters) =>
    parameters[1] === 'column_masks' && failures-- > 0
      ? Promise.reject(new Error('down'))
      : tables.ask(query, parameters),
  );
  await assert.rejects(reader.table('ks', 't'), /down/);
  assert.equal((await reader.table('ks', 't'))?.name, 't');
});

test('a table whose rows are not whole counts as none: it came or went between two answers', async () => {
  const { tables, reader } = setUp();
  tables.addKeyspace('ks');
  tables.addTable('ks', 'whole');
  tables.add('system_schema.tables', { keyspace_name: 'ks', table_name: 'half', flags: new Set(['compound']) });
  tables.add('system_schema.views', { keyspace_name: 'ks', view_name: 'half_view' });
  assert.equal(await reader.table('ks', 'half'), null);
  assert.equal(await reader.view('ks', 'half_view'), null);
  const keyspace = await reader.keyspace('ks');
  assert.deepEqual([...(keyspace?.tables.keys() ?? [])], ['whole']);
  assert.equal(keyspace?.views.size, 0);
});

test('compact storage: hidden columns are left out', async () => {
  const { tables, reader } = setUp();
  const table = (name: string, ...flags: string[]): void => {
    tables.add('system_schema.tables', { keyspace_name: 'ks', table_name: name, flags: new Set(flags) });
    tables.addColumn('ks', name, 'k', 'partition_key');
  };
  table('rows');
  tables.addColumn('ks', 'rows', 'column1', 'clustering');
  tables.addColumn('ks', 'rows', 'v', 'static');
  tables.addColumn('ks', 'rows', 'value');
  table('dense', 'dense');
  tables.addColumn('ks', 'dense', 'c', 'clustering');
  tables.addColumn('ks', 'dense', 'v');
  table('keys', 'dense');
  tables.add('system_schema.columns', {
    keyspace_name: 'ks',
    table_name: 'keys',
    column_name: 'value',
    kind: 'regular',
    position: -1,
    type: 'empty',
  });
  const shown = async (name: string): Promise<unknown> => {
    const read = await reader.table('ks', name);
    assert.equal(read?.isCompactStorage, true);
    return read.columns.map((column) => `${column.name} ${column.kind}`);
  };
  assert.deepEqual(await shown('rows'), ['k partition_key', 'v regular']);
  assert.deepEqual(await shown('dense'), ['k partition_key', 'c clustering', 'v regular']);
  assert.deepEqual(await shown('keys'), ['k partition_key']);
});

test('virtual tables and keyspaces are looked for where there is no real one', async () => {
  const { tables, reader } = setUp();
  tables.add('system_virtual_schema.keyspaces', { keyspace_name: 'v' });
  tables.add('system_virtual_schema.tables', { keyspace_name: 'v', table_name: 't', comment: 'virtual' });
  const column = { keyspace_name: 'v', table_name: 't', type: 'int' };
  tables.add('system_virtual_schema.columns', { ...column, column_name: 'k', kind: 'partition_key', position: 0 });
  const table = await reader.table('v', 't');
  assert.equal(table?.isVirtual, true);
  assert.equal(table.isCompactStorage, false);
  assert.equal(table.id, null);
  assert.deepEqual(table.options, { comment: 'virtual' });
  const keyspace = await reader.keyspace('v');
  assert.equal(keyspace?.isVirtual, true);
  assert.deepEqual(keyspace.tables.get('t'), table);
  assert.deepEqual(keyspace.replication, {});
  assert.deepEqual(await reader.keyspaceNames(), ['v']);
});
