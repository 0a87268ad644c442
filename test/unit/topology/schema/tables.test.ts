import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ColumnKind, ColumnMetadata } from '../../../../src/topology/schema/column-metadata.js';
import { KeyspaceMetadata } from '../../../../src/topology/schema/keyspace-metadata.js';
import { AggregateMetadata } from '../../../../src/topology/schema/aggregate-metadata.js';
import { FunctionMetadata } from '../../../../src/topology/schema/function-metadata.js';
import { IndexMetadata } from '../../../../src/topology/schema/index-metadata.js';
import { TableMetadata, type TableFacts } from '../../../../src/topology/schema/table-metadata.js';
import type { TableOptions } from '../../../../src/topology/schema/table-options.js';
import { TriggerMetadata } from '../../../../src/topology/schema/trigger-metadata.js';
import { UserTypeMetadata } from '../../../../src/topology/schema/user-type-metadata.js';
import { MaterializedViewMetadata } from '../../../../src/topology/schema/view-metadata.js';

function column(name: string, type: string, kind: ColumnKind = 'regular'): ColumnMetadata {
  return { name, type, kind, mask: null };
}

const TABLE: TableFacts = {
  keyspace: 'ks',
  name: 't',
  id: '00000000-0000-1000-8000-000000000000',
  columns: [column('id', 'int', 'partition_key'), column('v', 'text')],
  partitionKey: ['id'],
  clusteringKey: [],
  clusteringOrder: [],
  indexes: [],
  triggers: [],
  options: {},
  isVirtual: false,
  isCompactStorage: false,
};

test('a table of one key column and no options', () => {
  assert.equal(new TableMetadata(TABLE).toCql(), 'CREATE TABLE ks.t (\n  id int,\n  v text,\n  PRIMARY KEY (id)\n);');
});

test('composite keys, static columns, clustering order, odd names', () => {
  const table = new TableMetadata({
    ...TABLE,
    name: 'Order',
    columns: [
      column('a', 'int', 'partition_key'),
      column('B', 'text', 'partition_key'),
      column('c', 'int', 'clustering'),
      column('to', 'int', 'clustering'),
      column('s', 'int', 'static'),
    ],
    partitionKey: ['a', 'B'],
    clusteringKey: ['c', 'to'],
    clusteringOrder: ['DESC', 'ASC'],
    options: { comment: "it's" },
  });
  assert.equal(
    table.toCql(),
    'CREATE TABLE ks."Order" (\n  a int,\n  "B" text,\n  c int,\n  "to" int,\n  s int static,\n' +
      '  PRIMARY KEY ((a, "B"), c, "to")\n)\nWITH CLUSTERING ORDER BY (c DESC, "to" ASC)\n  AND comment = \'it\'\'s\';',
  );
});

const OPTIONS: Required<TableOptions> = {
  additional_write_policy: '99p',
  allow_auto_snapshot: false,
  auto_repair: { full_enabled: 'true' },
  bloom_filter_fp_chance: 0.01,
  caching: { keys: 'ALL' },
  cdc: true,
  comment: '',
  compaction: { class: 'X', max_threshold: '32' },
  compression: {},
  crc_check_chance: 1,
  default_time_to_live: 3600,
  fast_path: { kind: 'SIMPLE' },
  gc_grace_seconds: 864000,
  incremental_backups: true,
  max_index_interval: 2048,
  memtable: 'fast',
  memtable_flush_period_in_ms: 0,
  min_index_interval: 128,
  read_repair: 'BLOCKING',
  speculative_retry: 'MIN(99p,50ms)',
};
const WITH_OPTIONS = [
  "additional_write_policy = '99p'",
  'allow_auto_snapshot = false',
  "auto_repair = {'full_enabled': 'true'}",
  'bloom_filter_fp_chance = 0.01',
  "caching = {'keys': 'ALL'}",
  'cdc = true',
  "comment = ''",
  "compaction = {'class': 'X', 'max_threshold': '32'}",
  'compression = {}',
  'crc_check_chance = 1',
  'default_time_to_live = 3600',
  "fast_path = {'kind': 'SIMPLE'}",
  'gc_grace_seconds = 864000',
  'incremental_backups = true',
  'max_index_interval = 2048',
  "memtable = 'fast'",
  'memtable_flush_period_in_ms = 0',
  'min_index_interval = 128',
  "read_repair = 'BLOCKING'",
  "speculative_retry = 'MIN(99p,50ms)'",
];

test('every option', () => {
  const cql = new TableMetadata({ ...TABLE, options: OPTIONS }).toCql();
  assert.equal(cql.slice(cql.indexOf('WITH')), `WITH ${WITH_OPTIONS.join('\n  AND ')};`);
});

test('compact storage comes first, for the server wants it so', () => {
  const table = new TableMetadata({ ...TABLE, isCompactStorage: true, options: { comment: 'c' } });
  assert.match(table.toCql(), /\)\nWITH COMPACT STORAGE\n {2}AND comment = 'c';$/);
});

test("a virtual table's structure is told in a comment", () => {
  const table = new TableMetadata({ ...TABLE, id: null, isVirtual: true, options: { comment: 'settings' } });
  assert.equal(
    table.toCql(),
    '/*\nTable ks.t is virtual and cannot be made with CQL. Its structure:\n\nVIRTUAL TABLE ks.t (\n  id int,\n' +
      "  v text,\n  PRIMARY KEY (id)\n)\nWITH comment = 'settings';\n*/",
  );
});

function view(includesAllColumns: boolean): MaterializedViewMetadata {
  return new MaterializedViewMetadata({
    keyspace: 'ks',
    name: 'By_v',
    id: null,
    baseTable: 't',
    includesAllColumns,
    whereClause: 'id IS NOT NULL AND "V" IS NOT NULL',
    columns: [column('V', 'text', 'partition_key'), column('id', 'int', 'clustering')],
    partitionKey: ['V'],
    clusteringKey: ['id'],
    clusteringOrder: ['DESC'],
    options: { comment: 'c', default_time_to_live: 0 },
  });
}

test('views: all columns or some, and no time to live of their own', () => {
  const rest =
    '\nFROM ks.t\nWHERE id IS NOT NULL AND "V" IS NOT NULL\nPRIMARY KEY ("V", id)\n' +
    "WITH CLUSTERING ORDER BY (id DESC)\n  AND comment = 'c';";
  assert.equal(view(true).toCql(), `CREATE MATERIALIZED VIEW ks."By_v" AS\nSELECT *${rest}`);
  assert.equal(view(false).toCql(), `CREATE MATERIALIZED VIEW ks."By_v" AS\nSELECT "V", id${rest}`);
});

function userType(name: string, ...types: string[]): UserTypeMetadata {
  return new UserTypeMetadata(
    'ks',
    name,
    types.map((type, i) => ({ name: `f${i}`, type })),
  );
}

const EMPTY = {
  name: 'ks',
  replication: { class: 'NetworkTopologyStrategy', dc1: '3' },
  durableWrites: true,
  fastPath: null,
  isVirtual: false,
  tables: [],
  views: [],
  userTypes: [],
  functions: [],
  aggregates: [],
};
const KEYSPACE_CQL =
  "CREATE KEYSPACE ks WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': '3'} AND durable_writes = true;";

test('a keyspace alone', () => {
  const keyspace = new KeyspaceMetadata({ ...EMPTY, userTypes: [userType('a', 'int')] });
  assert.equal(keyspace.toCql(), KEYSPACE_CQL);
  assert.equal(keyspace.toCql({ all: false }), KEYSPACE_CQL);
  const odd = new KeyspaceMetadata({ ...EMPTY, name: 'My Ks', durableWrites: false, replication: { class: 'X' } });
  assert.equal(odd.toCql(), `CREATE KEYSPACE "My Ks" WITH replication = {'class': 'X'} AND durable_writes = false;`);
  const fast = new KeyspaceMetadata({ ...EMPTY, fastPath: { kind: 'SIMPLE' } });
  assert.equal(fast.toCql(), KEYSPACE_CQL.replace(';', " AND fast_path = {'kind': 'SIMPLE'};"));
  assert.ok(Object.isFrozen(fast.fastPath));
  const virtual = new KeyspaceMetadata({ ...EMPTY, isVirtual: true });
  assert.equal(virtual.toCql(), '/* Keyspace ks is virtual and cannot be made with CQL. */');
});

test('user types come after those that they are made of', () => {
  const userTypes = [
    userType('a', 'frozen<b>', 'map<text, frozen<"C d">>'),
    userType('b', 'list<frozen<e>>'),
    userType('C d', 'int', 'frozen<b>'),
    userType('e', 'text'),
    // Called like a built-in type: taken for what `e` is made of, which does no harm.
    userType('text', 'int'),
  ];
  const statements = new KeyspaceMetadata({ ...EMPTY, userTypes }).toCqlStatements();
  const order = statements.slice(1).map((cql) => /^CREATE TYPE ks\.(\S+|".*") \(/.exec(cql)?.[1]);
  assert.deepEqual(order, ['"text"', 'e', 'b', '"C d"', 'a']);
});

test('types that name each other do not keep it from ending', () => {
  const userTypes = [userType('a', 'frozen<b>'), userType('b', 'frozen<a>')];
  assert.equal(new KeyspaceMetadata({ ...EMPTY, userTypes }).toCqlStatements().length, 3);
});

test('everything in a keyspace, in an order that can be run', () => {
  const index = new IndexMetadata({
    keyspace: 'ks',
    table: 't',
    name: 'i',
    kind: 'COMPOSITES',
    target: 'v',
    className: null,
    options: {},
  });
  const trigger = new TriggerMetadata({ keyspace: 'ks', table: 't', name: 'tr', className: 'a.B' });
  const keyspace = new KeyspaceMetadata({
    ...EMPTY,
    views: [view(true)],
    tables: [
      new TableMetadata({ ...TABLE, indexes: [index], triggers: [trigger] }),
      new TableMetadata({ ...TABLE, name: 'u' }),
    ],
    aggregates: [
      new AggregateMetadata({
        keyspace: 'ks',
        name: 'agg',
        argumentTypes: ['int'],
        stateFunction: 'fn',
        stateType: 'int',
        finalFunction: null,
        initialCondition: null,
        returnType: 'int',
      }),
    ],
    functions: [
      new FunctionMetadata({
        keyspace: 'ks',
        name: 'fn',
        argumentNames: [],
        argumentTypes: [],
        returnType: 'int',
        language: 'java',
        body: 'a; b;',
        calledOnNullInput: false,
      }),
    ],
    userTypes: [userType('ty', 'int')],
  });
  const statements = keyspace.toCqlStatements();
  assert.deepEqual(
    statements.map((cql) => /^CREATE (MATERIALIZED )?[A-Z]+/.exec(cql)?.[0]),
    [
      'CREATE KEYSPACE',
      'CREATE TYPE',
      'CREATE FUNCTION',
      'CREATE AGGREGATE',
      'CREATE TABLE',
      'CREATE INDEX',
      'CREATE TRIGGER',
      'CREATE TABLE',
      'CREATE MATERIALIZED VIEW',
    ],
  );
  assert.equal(keyspace.toCql({ all: true }), statements.join('\n\n'));
  assert.deepEqual([...keyspace.tables.keys()], ['t', 'u']);
});

test('what is handed out cannot be changed: callers share it', () => {
  const columns = [...TABLE.columns];
  const table = new TableMetadata({ ...TABLE, columns });
  columns.pop();
  assert.equal(table.columns.length, 2);
  assert.throws(() => {
    (table.columns as ColumnMetadata[]).pop();
  }, TypeError);
  assert.throws(() => {
    (table as { name: string }).name = 'other';
  }, TypeError);
  assert.throws(() => {
    (table.options as { comment: string }).comment = 'other';
  }, TypeError);
});
