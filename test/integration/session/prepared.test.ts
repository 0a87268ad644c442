import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AsyncCluster,
  BatchStatement,
  InvalidParameter,
  InvalidRequest,
  QueryError,
  type AsyncCassandraSession,
} from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

let space: Workspace;
let session: AsyncCassandraSession;

before(async () => {
  space = await openWorkspace('it_prepared');
  session = space.session;
});
after(() => space.close());

/** How many requests the server has had from the sessions of one application. */
async function requestsOf(applicationName: string): Promise<number> {
  const { rows } = await session.execute<{ request_count: bigint; client_options: Map<string, string> | null }>(
    'SELECT request_count, client_options FROM system_views.clients',
  );
  return rows
    .filter((row) => row.client_options?.get('APPLICATION_NAME') === applicationName)
    .reduce((sum, row) => sum + Number(row.request_count), 0);
}

test('100 concurrent executions of a new text share one PREPARE', async () => {
  await session.execute('CREATE TABLE flight (id int PRIMARY KEY, v text)');
  const name = 'single-flight';
  await using cluster = new AsyncCluster({ ...space.options, applicationName: name });
  const own = await cluster.connect(space.keyspace);
  const before = await requestsOf(name);
  await Promise.all(
    Array.from({ length: 100 }, (_, id) => own.execute('INSERT INTO flight (id, v) VALUES (?, ?)', [id, 'x'])),
  );
  assert.equal((await requestsOf(name)) - before, 101);
  await Promise.all(Array.from({ length: 50 }, () => own.prepare('SELECT v FROM flight WHERE id = ?')));
  assert.equal((await requestsOf(name)) - before, 102);
});

test('a prepared statement tells its parameters and columns', async () => {
  await session.execute('CREATE TABLE told (id int PRIMARY KEY, tags map<text, frozen<list<int>>>)');
  const statement = await session.prepare('SELECT id, tags FROM told WHERE id = :which');
  assert.equal(statement.query, 'SELECT id, tags FROM told WHERE id = :which');
  assert.deepEqual([...statement.parameters], [{ name: 'which', type: 'int' }]);
  assert.deepEqual(
    statement.columns.map(({ name, type }) => [name, type]),
    [
      ['id', 'int'],
      ['tags', 'map<text, list<int>>'],
    ],
  );
});

test('parameters by position, by column name, by marker; unset and null', async () => {
  await session.execute('CREATE TABLE binds (id int PRIMARY KEY, a text, b text)');
  await session.execute('INSERT INTO binds (id, a, b) VALUES (?, ?, ?)', [1, 'a', 'b']);
  await session.execute('INSERT INTO binds (id, a, b) VALUES (?, ?, ?)', { id: 2, a: 'a2', b: 'b2' });
  await session.execute('INSERT INTO binds (id, a, b) VALUES (:k, :x, :y)', { k: 3, x: 'a3', y: 'b3' });
  await session.execute('INSERT INTO binds (id, a, b) VALUES (?, ?, ?)', [1, undefined, null]);
  const { rows } = await session.execute('SELECT id, a, b FROM binds WHERE id IN ?', [[1, 2, 3]]);
  assert.deepEqual(rows, [
    { id: 1, a: 'a', b: null },
    { id: 2, a: 'a2', b: 'b2' },
    { id: 3, a: 'a3', b: 'b3' },
  ]);
});

test('wrong parameters are refused before anything is sent', async () => {
  await session.execute('CREATE TABLE wrong (id int PRIMARY KEY, v text)');
  const name = 'wrong-parameters';
  await using cluster = new AsyncCluster({ ...space.options, applicationName: name });
  const own = await cluster.connect(space.keyspace);
  const query = 'INSERT INTO wrong (id, v) VALUES (?, ?)';
  await own.execute(query, [0, 'fine']);
  assert.ok((await requestsOf(name)) > 0);
  const before = await requestsOf(name);
  for (const parameters of [[1], [1, 'a', 'b'], ['1', 'a'], [1.5, 'a'], [2 ** 31, 'a'], [1, 5], { id: 1, w: 'a' }]) {
    await assert.rejects(own.execute(query, parameters), InvalidParameter);
  }
  assert.equal(await requestsOf(name), before);
  assert.equal((await own.execute('SELECT v FROM wrong WHERE id = ?', [0])).one()?.['v'], 'fine');
});

test('a cache of 2 statements serves 20 texts at once', async () => {
  await session.execute('CREATE TABLE lru (id int PRIMARY KEY, v int)');
  await session.execute('INSERT INTO lru (id, v) VALUES (1, 10)');
  await using cluster = new AsyncCluster({ ...space.options, maxPreparedStatements: 2 });
  const own = await cluster.connect(space.keyspace);
  const kept = await own.prepare('SELECT v AS kept FROM lru WHERE id = ?');
  for (let round = 0; round < 5; round++) {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, at) => own.execute(`SELECT v AS "v${String(at)}" FROM lru WHERE id = ?`, [1])),
    );
    results.forEach((result, at) => {
      assert.deepEqual(result.rows, [{ [`v${String(at)}`]: 10 }]);
    });
    assert.deepEqual((await own.execute(kept, [1])).rows, [{ kept: 10 }]);
  }
});

test('UNPREPARED after ALTER TABLE is cured, for 200 requests at once', async () => {
  await session.execute('CREATE TABLE altered (id int PRIMARY KEY, b text)');
  await session.execute('INSERT INTO altered (id, b) VALUES (1, ?)', ['b']);
  const select = await session.prepare('SELECT * FROM altered WHERE id = ?');
  const insert = await session.prepare('INSERT INTO altered (id, b) VALUES (?, ?)');
  await session.execute(select, [1]);
  await session.execute('ALTER TABLE altered ADD a text');
  await Promise.all(
    Array.from({ length: 200 }, async (_, at) => {
      if (at % 2 === 0) await session.execute(insert, [at, 'x']);
      else assert.equal((await session.execute(select, [1])).one()?.['b'], 'b');
    }),
  );
});

test('ALTER TABLE under live prepared statements never shifts a column', async () => {
  await session.execute('CREATE TABLE shifting (id int PRIMARY KEY, m text, z int)');
  await session.execute('INSERT INTO shifting (id, m, z) VALUES (?, ?, ?)', [1, 'm', 26]);
  const select = await session.prepare('SELECT * FROM shifting WHERE id = ?');
  let stop = false;
  let seen = 0;
  const reader = async (): Promise<void> => {
    while (!stop) {
      const row = (await session.execute(select, [1])).one();
      assert.equal(row?.['m'], 'm');
      assert.equal(row['z'], 26);
      assert.equal(row['id'], 1);
      for (const [name, value] of Object.entries(row)) if (!['id', 'm', 'z'].includes(name)) assert.equal(value, null);
      seen++;
    }
  };
  const readers = Array.from({ length: 8 }, reader);
  // Names before, between and behind the others, for `SELECT *` sorts its columns.
  for (const name of ['a', 'n', 'zz']) await session.execute(`ALTER TABLE shifting ADD ${name} bigint`);
  for (const name of ['a', 'n', 'zz']) await session.execute(`ALTER TABLE shifting DROP ${name}`);
  await session.execute('ALTER TABLE shifting ADD b2 list<int>');
  stop = true;
  await Promise.all(readers);
  assert.ok(seen > 50);
  assert.deepEqual((await session.execute(select, [1])).one(), { id: 1, b2: null, m: 'm', z: 26 });
  assert.deepEqual(
    select.columns.map(({ name }) => name),
    ['id', 'b2', 'm', 'z'],
  );
});

test('UNPREPARED after DROP and CREATE of the table is cured', async () => {
  await session.execute('CREATE TABLE reborn (id int PRIMARY KEY, v text)');
  const insert = await session.prepare('INSERT INTO reborn (id, v) VALUES (?, ?)');
  const select = await session.prepare('SELECT * FROM reborn WHERE id = ?');
  await session.execute(insert, [1, 'first']);
  await session.execute(select, [1]);
  await session.execute('DROP TABLE reborn');
  await assert.rejects(session.execute(select, [1]), InvalidRequest);
  await session.execute('CREATE TABLE reborn (id int PRIMARY KEY, before int, v text)');
  await session.execute(insert, [1, 'second']);
  assert.deepEqual((await session.execute(select, [1])).one(), { id: 1, before: null, v: 'second' });
});

test('UNPREPARED when the table came back with other types is an error, not a wrong write', async () => {
  await session.execute('CREATE TABLE retyped (id int PRIMARY KEY, v text)');
  const insert = await session.prepare('INSERT INTO retyped (id, v) VALUES (?, ?)');
  await session.execute(insert, [1, 'text']);
  await session.execute('DROP TABLE retyped');
  await session.execute('CREATE TABLE retyped (id int PRIMARY KEY, v int)');
  // A text of four bytes would be taken for an int.
  const isOutdated = (error: unknown): boolean =>
    error instanceof QueryError && error.message.includes('prepare it again');
  await assert.rejects(session.execute(insert, [1, 'four']), isOutdated);
  await assert.rejects(session.execute(insert, [1, 'four']), isOutdated);
  await assert.rejects(session.executeBatch(new BatchStatement().add(insert, [1, 'four'])), isOutdated);
  assert.equal((await session.execute('SELECT * FROM retyped')).length, 0);
  const again = await session.prepare('INSERT INTO retyped (id, v) VALUES (?, ?)');
  assert.deepEqual(
    again.parameters.map(({ type }) => type),
    ['int', 'int'],
  );
  await session.execute(again, [1, 4]);
  assert.deepEqual((await session.execute('SELECT v FROM retyped')).rows, [{ v: 4 }]);
});

test('a text executed with parameters is cured by itself after the table came back with other types', async () => {
  await session.execute('CREATE TABLE retold (id int PRIMARY KEY, v text)');
  const insert = 'INSERT INTO retold (id, v) VALUES (?, ?)';
  await session.execute(insert, [1, 'text']);
  await session.execute('DROP TABLE retold');
  await session.execute('CREATE TABLE retold (id int PRIMARY KEY, v int)');
  await assert.rejects(session.execute(insert, [1, 'four']), QueryError);
  await session.execute(insert, [1, 4]);
  assert.deepEqual((await session.execute('SELECT v FROM retold')).rows, [{ v: 4 }]);
});

test('a stream’s fetch size is not written into the shared prepared statement', async () => {
  await session.execute('CREATE TABLE sized (p int, c int, PRIMARY KEY (p, c))');
  await session.executeConcurrent(
    'INSERT INTO sized (p, c) VALUES (1, ?)',
    Array.from({ length: 50 }, (_, c) => [c]),
  );
  const select = await session.prepare('SELECT c FROM sized WHERE p = ?');
  const stream = await session.executeStream(select, [1], { fetchSize: 3 });
  await stream.close();
  assert.equal(select.fetchSize, undefined);
  assert.equal((await session.execute(select, [1], { pagingState: null })).length, 50);
  select.fetchSize = 20;
  assert.equal((await session.execute(select, [1], { pagingState: null })).length, 20);
});

test('LIST ROLES and other statements without result metadata of their own keep their rows when prepared', async () => {
  const plain = await session.execute('SELECT role FROM system_auth.roles');
  const prepared = await session.prepare('SELECT role FROM system_auth.roles');
  assert.equal((await session.execute(prepared)).length, plain.length);
});

test('a bound statement keeps its values, whatever becomes of the array', async () => {
  await session.execute('CREATE TABLE bound (id int PRIMARY KEY, v list<text>)');
  const insert = await session.prepare('INSERT INTO bound (id, v) VALUES (?, ?)');
  const list = ['a'];
  const bound = insert.bind([1, list]);
  list.push('b');
  await session.execute(bound);
  await session.execute(bound);
  assert.deepEqual((await session.execute('SELECT v FROM bound WHERE id = 1')).one(), { v: ['a'] });
});
