import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AsyncCluster,
  BatchStatement,
  BatchType,
  ConsistencyLevel,
  InvalidParameter,
  InvalidRequest,
  SimpleStatement,
  type AsyncCassandraSession,
} from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

let space: Workspace;
let session: AsyncCassandraSession;

before(async () => {
  space = await openWorkspace('it_lwt_batch');
  session = space.session;
  await session.execute('CREATE TABLE users (id int PRIMARY KEY, name text, age int)');
  await session.execute('CREATE TABLE hits (page text PRIMARY KEY, count counter)');
});
after(() => space.close());

for (const how of ['prepared', 'plain'] as const) {
  test(`wasApplied of a lightweight transaction, both outcomes (${how})`, async () => {
    const id = how === 'prepared' ? 1 : 2;
    const insert = (name: string, rowMode: 'object' | 'array'): ReturnType<AsyncCassandraSession['execute']> =>
      how === 'prepared'
        ? session.execute('INSERT INTO users (id, name) VALUES (?, ?) IF NOT EXISTS', [id, name], { rowMode })
        : session.execute(`INSERT INTO users (id, name) VALUES (${String(id)}, '${name}') IF NOT EXISTS`, undefined, {
            rowMode,
          });
    const first = await insert('ann', 'object');
    assert.equal(first.wasApplied, true);
    assert.deepEqual(first.one(), { '[applied]': true });
    const second = await insert('bob', 'object');
    assert.equal(second.wasApplied, false);
    assert.deepEqual(second.one(), { '[applied]': false, id, age: null, name: 'ann' });
    const third = await insert('cy', 'array');
    assert.equal(third.wasApplied, false);
    assert.deepEqual(third.one(), [false, id, null, 'ann']);
    await session.execute(`DELETE FROM users WHERE id = ${String(id)}`, undefined, {});
    const fourth = await insert('dee', 'array');
    assert.equal(fourth.wasApplied, true);
    assert.deepEqual(fourth.one(), [true]);
  });
}

test('one prepared conditional statement alternates between its two shapes of answer', async () => {
  await session.execute('INSERT INTO users (id, name, age) VALUES (?, ?, ?)', [10, 'x', 1]);
  const update = await session.prepare('UPDATE users SET age = ? WHERE id = 10 IF age = ?');
  for (let age = 1; age < 6; age++) {
    assert.deepEqual((await session.execute(update, [age + 1, age])).rows, [{ '[applied]': true }]);
    const missed = await session.execute(update, [0, 999]);
    assert.deepEqual(missed.rows, [{ '[applied]': false, age: age + 1 }]);
    assert.equal(missed.wasApplied, false);
  }
});

test('wasApplied of anything else is true', async () => {
  assert.equal((await session.execute('SELECT * FROM users WHERE id = 404')).wasApplied, true);
  assert.equal((await session.execute('INSERT INTO users (id) VALUES (405)')).wasApplied, true);
});

test('serial consistency levels', async () => {
  const options = {
    serialConsistencyLevel: ConsistencyLevel.LOCAL_SERIAL,
    consistencyLevel: ConsistencyLevel.LOCAL_QUORUM,
  };
  const result = await session.execute('INSERT INTO users (id, name) VALUES (?, ?) IF NOT EXISTS', [20, 'a'], options);
  assert.equal(result.wasApplied, true);
  const read = await session.execute('SELECT name FROM users WHERE id = ?', [20], {
    consistencyLevel: ConsistencyLevel.LOCAL_SERIAL,
  });
  assert.deepEqual(read.rows, [{ name: 'a' }]);
});

test('a batch of strings, simple, prepared and bound statements', async () => {
  const insert = await session.prepare('INSERT INTO users (id, name, age) VALUES (?, ?, ?)');
  const batch = new BatchStatement()
    .add("INSERT INTO users (id, name) VALUES (100, 'plain')")
    .add('INSERT INTO users (id, name) VALUES (?, ?)', [101, 'string'])
    .add(
      new SimpleStatement('INSERT INTO users (id, name) VALUES (:id, :name)', {
        parameters: { id: 102, name: 'simple' },
      }),
    )
    .add(insert, [103, 'prepared', 3])
    .add(insert.bind({ id: 104, name: 'bound', age: undefined }));
  assert.equal(batch.length, 5);
  const result = await session.executeBatch(batch);
  assert.equal(result.wasApplied, true);
  assert.equal(result.length, 0);
  const { rows } = await session.execute('SELECT id, name, age FROM users WHERE id IN (100, 101, 102, 103, 104)');
  assert.deepEqual(rows, [
    { id: 100, name: 'plain', age: null },
    { id: 101, name: 'string', age: null },
    { id: 102, name: 'simple', age: null },
    { id: 103, name: 'prepared', age: 3 },
    { id: 104, name: 'bound', age: null },
  ]);
});

test('an unlogged batch', async () => {
  const batch = new BatchStatement({ type: BatchType.UNLOGGED, isIdempotent: true });
  for (let id = 200; id < 220; id++) batch.add('INSERT INTO users (id, age) VALUES (?, ?)', [id, id]);
  await session.executeBatch(batch);
  const { rows } = await session.execute<{ n: bigint }>('SELECT count(*) AS n FROM users WHERE id IN ?', [
    Array.from({ length: 20 }, (_, at) => 200 + at),
  ]);
  assert.equal(rows[0]?.n, 20n);
});

test('a batch of counters', async () => {
  const batch = new BatchStatement({ type: BatchType.COUNTER });
  for (let at = 0; at < 5; at++) batch.add('UPDATE hits SET count = count + ? WHERE page = ?', [BigInt(at), 'home']);
  await session.executeBatch(batch);
  assert.deepEqual((await session.execute('SELECT count FROM hits WHERE page = ?', ['home'])).one(), { count: 10n });
});

test('counters in a logged batch are the server’s error', async () => {
  const batch = new BatchStatement().add("UPDATE hits SET count = count + 1 WHERE page = 'x'");
  await assert.rejects(session.executeBatch(batch), InvalidRequest);
});

test('a batch with a timestamp', async () => {
  const batch = new BatchStatement({ timestamp: 1234n }).add('INSERT INTO users (id, name) VALUES (?, ?)', [
    300,
    'then',
  ]);
  await session.executeBatch(batch);
  const row = (await session.execute('SELECT writetime(name) AS at FROM users WHERE id = 300')).one();
  assert.deepEqual(row, { at: 1234n });
  batch.timestamp = 5678n;
  await session.executeBatch(batch, { timestamp: 9999n });
  assert.deepEqual((await session.execute('SELECT writetime(name) AS at FROM users WHERE id = 300')).one(), {
    at: 9999n,
  });
});

test('a conditional batch tells whether it was applied', async () => {
  await session.execute('CREATE TABLE pairs (p int, c int, v int, PRIMARY KEY (p, c))');
  const make = (): BatchStatement =>
    new BatchStatement()
      .add('INSERT INTO pairs (p, c, v) VALUES (?, ?, ?) IF NOT EXISTS', [1, 1, 1])
      .add('INSERT INTO pairs (p, c, v) VALUES (?, ?, ?)', [1, 2, 2]);
  assert.equal((await session.executeBatch(make())).wasApplied, true);
  const again = await session.executeBatch(make());
  assert.equal(again.wasApplied, false);
  assert.deepEqual(again.rows[0], { '[applied]': false, p: 1, c: 1, v: 1 });
});

test('a codec of one’s own for booleans does not change what wasApplied tells (it was always false)', async () => {
  const codec = { type: 'boolean', decode: (value: unknown) => (value === true ? 'yes' : 'no'), encode: Boolean };
  const cluster = new AsyncCluster({ ...space.options, values: { codecs: [codec] } });
  await using own = await cluster.connect(space.keyspace);
  const outcome = async (running: Promise<{ wasApplied: boolean; rows: unknown[] }>): Promise<unknown[]> => {
    const { wasApplied, rows } = await running;
    return [wasApplied, rows[0]];
  };
  try {
    for (const parameters of [undefined, [500]]) {
      const id = parameters === undefined ? '500' : '?';
      await session.execute('DELETE FROM users WHERE id = 500');
      const insert = `INSERT INTO users (id) VALUES (${id}) IF NOT EXISTS`;
      assert.deepEqual(await outcome(own.execute(insert, parameters)), [true, { '[applied]': 'yes' }]);
      const refused = { '[applied]': 'no', id: 500, age: null, name: null };
      assert.deepEqual(await outcome(own.execute(insert, parameters)), [false, refused]);
      const remove = `DELETE FROM users WHERE id = ${id} IF EXISTS`;
      assert.deepEqual(await outcome(own.execute(remove, parameters, { rowMode: 'array' })), [true, ['yes']]);
      assert.deepEqual(await outcome(own.execute(remove, parameters, { rowMode: 'array' })), [false, ['no']]);
      const batch = new BatchStatement().add(insert, parameters);
      assert.deepEqual(await outcome(own.executeBatch(batch)), [true, { '[applied]': 'yes' }]);
      assert.deepEqual(await outcome(own.executeBatch(batch)), [false, refused]);
      assert.deepEqual(await outcome(own.executeBatch(batch, { rowMode: 'array' })), [false, ['no', 500, null, null]]);
    }
  } finally {
    await cluster.shutdown();
  }
});

test('a bad value in a batch is refused whole', async () => {
  const batch = new BatchStatement()
    .add('INSERT INTO users (id, name) VALUES (?, ?)', [400, 'fine'])
    .add('INSERT INTO users (id, name) VALUES (?, ?)', [401, 7]);
  await assert.rejects(session.executeBatch(batch), InvalidParameter);
  assert.equal((await session.execute('SELECT id FROM users WHERE id IN (400, 401)')).length, 0);
});

test('a batch whose statements the server has forgotten prepares each of them again', async () => {
  await session.execute('CREATE TABLE b1 (id int PRIMARY KEY, v text)');
  await session.execute('CREATE TABLE b2 (id int PRIMARY KEY, v text)');
  await session.execute('CREATE TABLE b3 (id int PRIMARY KEY, v text)');
  const inserts = await Promise.all(
    ['b1', 'b2', 'b3'].map((table) => session.prepare(`INSERT INTO ${table} (id, v) VALUES (?, ?)`)),
  );
  for (const table of ['b1', 'b2', 'b3']) await session.execute(`ALTER TABLE ${table} ADD w text`);
  const batch = new BatchStatement();
  for (const insert of inserts) batch.add(insert, [1, 'v']);
  await session.executeBatch(batch);
  for (const table of ['b1', 'b2', 'b3']) {
    assert.deepEqual((await session.execute(`SELECT v FROM ${table} WHERE id = 1`)).rows, [{ v: 'v' }]);
  }
});

test('an empty batch is harmless', async () => {
  assert.equal((await session.executeBatch(new BatchStatement())).length, 0);
});
