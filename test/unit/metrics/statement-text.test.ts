import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atStart, spanName } from '../../../src/metrics/opentelemetry/attributes.js';

/** The name of the span, and the keyspace that it tells. */
function spanOf(statement: string, rest: object = {}): readonly unknown[] {
  const attributes = atStart({ statement, keyspace: null, queryType: 'simple', ...rest } as never).attributes;
  return [spanName(attributes), attributes['db.namespace']];
}

function batchOf(...statements: readonly string[]): unknown {
  const [name] = spanOf(statements.join('; '), { queryType: 'batch', batchSize: statements.length });
  return name;
}

test('comments and strings keep nobody from seeing what a statement does, and to which table', () => {
  const same = ['SELECT users', 'shop'];
  assert.deepEqual(spanOf('-- users.ts:12\nSELECT a FROM shop.users'), same);
  assert.deepEqual(spanOf('// users.ts:12\r\nSELECT a FROM shop.users'), same);
  assert.deepEqual(spanOf("/* controller='users' */ SELECT a FROM shop.users"), same);
  assert.deepEqual(spanOf('SELECT a /* FROM x.y */ FROM shop.users'), same);
  assert.deepEqual(spanOf("SELECT a -- why's that\nFROM shop.users"), same);
  assert.deepEqual(spanOf("SELECT f('x FROM y') FROM shop.users"), same);
  assert.deepEqual(spanOf('SELECT $$it FROM x$$ FROM Shop . Users'), same);
  assert.deepEqual(spanOf('DELETE a/* b */FROM shop.users'), ['DELETE users', 'shop']);
  assert.deepEqual(spanOf('INSERT/**/INTO t (a) VALUES (1)'), ['INSERT t', undefined]);
  assert.deepEqual(spanOf('SELECT "a FROM b" FROM "Shop"."the ""users"""'), ['SELECT the "users"', 'Shop']);
  assert.deepEqual(spanOf('-- nothing else'), ['cassandra', undefined]);
});

test('of a text without end the beginning is read, and no name that may go on', () => {
  const long = `SELECT a FROM t WHERE b = '${'x'.repeat(1 << 24)}'`;
  assert.deepEqual(spanOf(long), ['SELECT t', undefined]);
  for (let at = 4070; at < 4100; at++) {
    const [name, keyspace] = spanOf(`SELECT ${'a'.repeat(at - 12)} FROM shop.users WHERE b = 1`);
    assert.ok(
      name === 'SELECT' || (name === 'SELECT users' && keyspace === 'shop'),
      `${String(name)} at ${String(at)}`,
    );
  }
});

test('two statements or more are a batch; one is what it is', () => {
  assert.equal(batchOf('INSERT INTO t (a) VALUES (1)'), 'INSERT t');
  assert.equal(batchOf('INSERT INTO t (a) VALUES (1)', 'INSERT INTO u (a) VALUES (1)'), 'BATCH INSERT');
  assert.equal(batchOf('INSERT INTO t (a) VALUES (1)', 'INSERT INTO t (b) VALUES (1)'), 'BATCH INSERT t');
  assert.equal(batchOf('INSERT INTO t (a) VALUES (1)', 'DELETE FROM t WHERE a = 1'), 'BATCH t');
  assert.equal(batchOf('INSERT INTO t (a) VALUES (1)', 'DELETE FROM u WHERE a = 1'), 'BATCH');
  assert.equal(
    batchOf("INSERT INTO t (a) VALUES ('x; y')", '/* b; c */ INSERT INTO t (a) VALUES (1);'),
    'BATCH INSERT t',
  );
  assert.equal(spanOf('INSERT INTO t (a) VALUES (1)', { queryType: 'batch', batchSize: 2 })[0], 'BATCH INSERT t');
  assert.equal(
    batchOf('INSERT INTO t (a) VALUES (1) -- one', 'UPDATE t SET a = 1'),
    'BATCH',
    'the rest is not to be seen',
  );
});

test('a batch that is written as a text is a batch as well', () => {
  const batchText = (text: string): readonly unknown[] => {
    const given = { statement: text, keyspace: null, queryType: 'simple', parametersCount: 0 } as never;
    return [spanOf(text)[0], atStart(given).ofSpan['db.operation.batch.size']];
  };
  const insert = (table: string): string => `INSERT INTO ${table} (a, b) VALUES (1, 'update x; delete')`;
  assert.deepEqual(batchText(`BEGIN BATCH ${insert('t')}; ${insert('t')}; APPLY BATCH`), ['BATCH INSERT t', 2]);
  assert.deepEqual(batchText(`begin unlogged batch\n${insert('t')}\n${insert('"T"')} apply batch;`), [
    'BATCH INSERT',
    2,
  ]);
  assert.deepEqual(
    batchText(`-- both
      BEGIN BATCH USING TIMESTAMP 7 ${insert('t')}; -- DELETE it
      DELETE "delete" FROM t WHERE a = 1; UPDATE t SET a_delete = :"update" WHERE b = 2; APPLY BATCH`),
    ['BATCH t', 3],
  );
  assert.deepEqual(
    batchText(
      'BEGIN COUNTER BATCH UPDATE shop.hits SET n = n + 1 WHERE a = 1; UPDATE hits SET n = n + 1 WHERE a = 1; APPLY BATCH',
    ),
    ['BATCH UPDATE', 2],
  );
  assert.deepEqual(batchText(`BEGIN BATCH ${insert('shop.t')}; APPLY BATCH`), ['INSERT t', undefined]);
  assert.deepEqual(batchText('BEGIN BATCH APPLY BATCH'), ['BATCH', undefined]);
  assert.deepEqual(batchText('BEGIN BATCHES'), ['BEGIN', undefined]);
  assert.deepEqual(batchText(`BEGIN BATCH ${`${insert('t')};`.repeat(100)} APPLY BATCH`), ['BATCH INSERT t', 100]);
  assert.deepEqual(batchText(`BEGIN BATCH ${insert('t')}; ${'x'.repeat(1 << 24)}`), ['BATCH', undefined]);
  assert.deepEqual(batchText(`BEGIN BATCH ${'delete '.repeat(9000)}`), ['BATCH DELETE', 9000], 'in no time');
  const prepared = { statement: `BEGIN BATCH ${insert('t')} ${insert('t')} APPLY BATCH`, keyspace: null } as never;
  assert.equal(spanName(atStart(prepared).attributes), 'PREPARE t');
});

test('the text of a batch of one shows if its values are bound, as that of any statement', () => {
  const one = { statement: 'INSERT INTO t (a) VALUES (?)', keyspace: null, queryType: 'batch', batchSize: 1 };
  assert.equal(atStart({ ...one, parametersCount: 1 } as never).ofSpan['db.query.text'], one.statement);
  assert.equal(atStart({ ...one, parametersCount: 0 } as never).ofSpan['db.query.text'], undefined);
  assert.equal(atStart({ ...one, parametersCount: 2, batchSize: 2 } as never).ofSpan['db.query.text'], undefined);
});

test('the text of a PREPARE shows if it has bind markers: without any, literals stand in their places', () => {
  const isShown = (statement: string): boolean =>
    atStart({ statement, keyspace: null } as never).ofSpan['db.query.text'] === statement;
  assert.ok(isShown('INSERT INTO t (a) VALUES (?)'));
  assert.ok(isShown('SELECT a FROM t WHERE b = :b LIMIT 7'));
  assert.ok(isShown('SELECT a FROM t WHERE b IN:"B"'));
  assert.ok(isShown("UPDATE t SET a = {'x': ?} WHERE b = 1"));
  assert.ok(!isShown("INSERT INTO users (id, ssn) VALUES (1, '123-45-6789')"));
  assert.ok(!isShown("INSERT INTO t (a, b) VALUES ('why?', 'a:b') -- or :c?"));
  assert.ok(!isShown(`UPDATE "t?" SET a = {'x': {b: 'c', d: now()}} WHERE e = $$:f?$$`));
  assert.ok(!isShown("UPDATE t SET a = {b: 'unfinished"));
  assert.ok(!isShown('INSERT INTO t (a, b) VALUES (4711, P0001-02-03T12:30:05)'), 'a duration has colons');
  assert.ok(!isShown('{'.repeat(200_000)), 'and no time is lost on braces');
  assert.ok(!isShown(''));
});
