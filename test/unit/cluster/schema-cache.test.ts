import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SchemaCache } from '../../../src/cluster/schema-cache.js';
import { SchemaTables } from './schema-tables.js';

function setUp(): { readonly tables: SchemaTables; readonly cache: SchemaCache } {
  const tables = new SchemaTables();
  for (const name of ['ks', 'other']) {
    tables.addKeyspace(name);
    tables.addTable(name, 't', 'v');
    tables.addTable(name, 'u');
    tables.add('system_schema.types', {
      keyspace_name: name,
      type_name: 'ty',
      field_names: ['a'],
      field_types: ['int'],
    });
    const overload = { keyspace_name: name, argument_types: ['int'], argument_names: ['a'] };
    tables.add('system_schema.functions', { ...overload, function_name: 'fn' });
    tables.add('system_schema.aggregates', { ...overload, aggregate_name: 'agg' });
    tables.add('system_schema.views', { keyspace_name: name, view_name: 'w', base_table_name: 't' });
    tables.addColumn(name, 'w', 'id', 'partition_key');
  }
  return { tables, cache: new SchemaCache(tables.ask) };
}

/** Everything that can be asked for by itself. */
async function askAll(cache: SchemaCache, keyspace: string): Promise<unknown[]> {
  return Promise.all([
    cache.table(keyspace, 't'),
    cache.table(keyspace, 'u'),
    cache.view(keyspace, 'w'),
    cache.userType(keyspace, 'ty'),
    cache.function(keyspace, 'fn', ['int']),
    cache.aggregate(keyspace, 'agg', ['int']),
  ]);
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a table is read by itself, once', async () => {
  const { tables, cache } = setUp();
  const table = await cache.table('ks', 't');
  assert.equal(table?.columns.length, 2);
  assert.deepEqual(tables.news().sort(), [
    'system_schema.columns(ks,t)',
    'system_schema.indexes(ks,t)',
    'system_schema.tables(ks,t)',
    'system_schema.tables(system_schema,column_masks)',
    'system_schema.triggers(ks,t)',
  ]);
  assert.equal(await cache.table('ks', 't'), table);
  assert.deepEqual(tables.news(), []);
});

test('calls at the same time share one read', async () => {
  const { tables, cache } = setUp();
  const all = await Promise.all(Array.from({ length: 100 }, () => cache.table('ks', 't')));
  assert.equal(new Set(all).size, 1);
  assert.equal(tables.asked.length, 5);
  await Promise.all([cache.keyspace('ks'), cache.keyspace('ks')]);
  assert.equal(tables.asked.filter((one) => one.startsWith('system_schema.keyspaces')).length, 1);
});

test('a read that fails fails all its callers and is not kept', async () => {
  const { tables } = setUp();
  let failures = 1;
  const cache = new SchemaCache((query, parameters) =>
    query.includes('system_schema.columns') && failures-- > 0
      ? Promise.reject(new Error('down'))
      : tables.ask(query, parameters),
  );
  const outcomes = await Promise.allSettled([cache.table('ks', 't'), cache.table('ks', 't')]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal((await cache.table('ks', 't'))?.name, 't');
});

test('a read during which an event came is not kept, and goes again', async () => {
  const { tables, cache } = setUp();
  await cache.table('ks', 'u');
  tables.news();
  tables.shut();
  const early = cache.table('ks', 't');
  await turn();
  assert.equal(tables.news().length, 4);
  tables.addColumn('ks', 't', 'added');
  cache.onEvent({ change: 'UPDATED', target: 'TABLE', keyspace: 'ks', name: 't' });
  // Who asks after the event must not get what was read before it.
  const late = cache.table('ks', 't');
  await turn();
  assert.equal(tables.news().length, 4);
  tables.open();
  assert.equal((await late)?.columns.length, 3);
  assert.equal((await early)?.columns.length, 3);
  assert.deepEqual(tables.news(), []);
  assert.equal(await cache.table('ks', 't'), await late);
  assert.deepEqual(tables.news(), []);
});

test('a read whose subject changes all the time ends all the same, and is not kept', async () => {
  const { tables } = setUp();
  const cache: SchemaCache = new SchemaCache((query, parameters) => {
    cache.onEvent({ change: 'UPDATED', target: 'TYPE', keyspace: 'ks', name: 'ty' });
    return tables.ask(query, parameters);
  });
  assert.equal((await cache.userType('ks', 'ty'))?.name, 'ty');
  assert.equal(tables.news().length, 3);
  await cache.userType('ks', 'ty');
  assert.equal(tables.news().length, 3);
});

test('what does not exist is not kept: it is asked for each time', async () => {
  const { tables, cache } = setUp();
  assert.equal(await cache.table('ks', 'later'), null);
  assert.equal(await cache.keyspace('later'), null);
  assert.equal(await cache.function('ks', 'later', []), null);
  tables.addTable('ks', 'later');
  tables.addKeyspace('later');
  assert.equal((await cache.table('ks', 'later'))?.name, 'later');
  assert.equal((await cache.keyspace('later'))?.name, 'later');
});

test('an event drops exactly what it makes stale', async () => {
  const stale = async (event: Parameters<SchemaCache['onEvent']>[0]): Promise<string[]> => {
    const { tables, cache } = setUp();
    for (const name of ['ks', 'other']) {
      await askAll(cache, name);
      await cache.keyspace(name);
    }
    await cache.keyspaces();
    tables.news();
    cache.onEvent(event);
    // By themselves first: a keyspace that is known whole would answer for them.
    for (const name of ['ks', 'other']) await askAll(cache, name);
    await cache.keyspace('ks');
    await cache.keyspace('other');
    await cache.keyspaces();
    return [...new Set(tables.news())].sort();
  };
  const whole = ['keyspaces', 'tables', 'views', 'columns', 'indexes', 'triggers', 'types', 'functions', 'aggregates'];
  const ks = whole.map((table) => `system_schema.${table}(ks)`);
  const parts = (name: string): string[] =>
    ['tables', 'columns', 'indexes', 'triggers'].map((one) => `system_schema.${one}(ks,${name})`);
  const everything = [
    ...parts('t'),
    ...parts('u'),
    'system_schema.views(ks,w)',
    'system_schema.columns(ks,w)',
    'system_schema.types(ks,ty)',
    'system_schema.functions(ks,fn)',
    'system_schema.aggregates(ks,agg)',
  ];
  const names = ['system_schema.keyspaces()', 'system_virtual_schema.keyspaces()'];
  const UPDATED = { change: 'UPDATED', keyspace: 'ks' };
  assert.deepEqual(await stale({ ...UPDATED, target: 'TABLE', name: 't' }), [...ks, ...parts('t')].sort());
  assert.deepEqual(
    await stale({ ...UPDATED, target: 'TABLE', name: 'w' }),
    [...ks, 'system_schema.views(ks,w)', 'system_schema.columns(ks,w)'].sort(),
  );
  assert.deepEqual(
    await stale({ ...UPDATED, target: 'TYPE', name: 'ty' }),
    [...ks, 'system_schema.types(ks,ty)'].sort(),
  );
  assert.deepEqual(
    await stale({ ...UPDATED, target: 'FUNCTION', name: 'fn', arguments: ['int'] }),
    [...ks, 'system_schema.functions(ks,fn)'].sort(),
  );
  assert.deepEqual(
    await stale({ ...UPDATED, target: 'AGGREGATE', name: 'agg', arguments: ['int'] }),
    [...ks, 'system_schema.aggregates(ks,agg)'].sort(),
  );
  assert.deepEqual(await stale({ ...UPDATED, target: 'KEYSPACE' }), [...ks].sort());
  assert.deepEqual(
    await stale({ ...UPDATED, change: 'DROPPED', target: 'KEYSPACE' }),
    [...ks, ...everything, ...names].sort(),
  );
  assert.deepEqual(
    await stale({ ...UPDATED, change: 'CREATED', target: 'KEYSPACE' }),
    [...ks, ...everything, ...names].sort(),
  );
  // A target of a later server, with and without a name.
  assert.deepEqual(await stale({ ...UPDATED, target: 'TRIGGER', name: 'x' }), [...ks, ...everything].sort());
  assert.deepEqual(await stale({ ...UPDATED, target: 'TRIGGER' }), [...ks, ...everything].sort());
  assert.deepEqual(await stale({ ...UPDATED, keyspace: 'third', target: 'TABLE', name: 't' }), []);
});

test('a keyspace that is known whole answers for what is in it', async () => {
  const { tables, cache } = setUp();
  const keyspace = await cache.keyspace('ks');
  tables.news();
  assert.equal(await cache.table('ks', 't'), keyspace?.tables.get('t'));
  assert.equal(await cache.view('ks', 'w'), keyspace?.views.get('w'));
  assert.equal(await cache.userType('ks', 'ty'), keyspace?.userTypes.get('ty'));
  assert.deepEqual(tables.news(), []);
});

test('clear() drops everything, what is being read too', async () => {
  const { tables, cache } = setUp();
  await askAll(cache, 'ks');
  await cache.keyspaces();
  tables.news();
  tables.shut();
  const early = cache.table('other', 'later');
  await turn();
  tables.addTable('other', 'later');
  cache.clear();
  tables.open();
  // The node may be another one: whether it knows masks is asked again.
  assert.equal((await early)?.name, 'later');
  assert.equal(tables.news().filter((one) => one.includes('column_masks')).length, 1);
  await askAll(cache, 'ks');
  assert.equal(tables.news().length, 13);
  await cache.keyspaces();
  assert.equal(tables.news().length, 2 + 2 * 9);
});

test('all keyspaces: each is read once, and again only when it changed', async () => {
  const { tables, cache } = setUp();
  tables.add('system_virtual_schema.keyspaces', { keyspace_name: 'virtual' });
  const all = await cache.keyspaces();
  assert.deepEqual([...all.keys()], ['ks', 'other', 'virtual']);
  assert.equal(all.get('virtual')?.isVirtual, true);
  tables.news();
  cache.onEvent({ change: 'UPDATED', target: 'TABLE', keyspace: 'ks', name: 't' });
  const again = await cache.keyspaces();
  assert.equal(again.get('other'), all.get('other'));
  assert.notEqual(again.get('ks'), all.get('ks'));
  assert.ok(tables.news().every((one) => one.includes('(ks)')));
  // The map is the caller's own.
  again.clear();
  assert.equal((await cache.keyspaces()).size, 3);
});

test('all keyspaces: one that goes meanwhile is left out', async () => {
  const { tables } = setUp();
  const cache = new SchemaCache(async (query, parameters) => {
    const rows = await tables.ask(query, parameters);
    if (query.startsWith('SELECT keyspace_name FROM system_schema')) tables.removeKeyspace('other');
    return rows;
  });
  assert.deepEqual([...(await cache.keyspaces()).keys()], ['ks']);
});

test('all keyspaces: after an abort or a failure no further one is read', async () => {
  const { tables } = setUp();
  for (let i = 0; i < 50; i++) tables.addKeyspace(`many${i}`);
  const controller = new AbortController();
  const cache = new SchemaCache((query, parameters) => {
    if (parameters[0] === 'ks') controller.abort(new Error('enough'));
    return tables.ask(query, parameters);
  });
  await assert.rejects(cache.keyspaces(controller.signal), /enough/);
  await turn();
  assert.ok(tables.asked.length < 100, `${tables.asked.length} queries`);

  let asked = 0;
  const failing = new SchemaCache((query, parameters) => {
    asked++;
    return parameters[0] === 'ks' ? Promise.reject(new Error('down')) : tables.ask(query, parameters);
  });
  await assert.rejects(failing.keyspaces(), /down/);
  await turn();
  assert.ok(asked < 100, `${asked} queries`);
});
