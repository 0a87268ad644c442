import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorTypeOf } from '../../../src/util/error-type.js';
import { QueryHashes } from '../../../src/observe/metrics/query-hash.js';
import { SecondCounts } from '../../../src/observe/metrics/second-counts.js';
import { shownText } from '../../../src/statement/shown-text.js';
import { ReadTimeout } from '../../../src/index.js';

test('the same text has the same hash, also after many others', () => {
  const hashes = new QueryHashes();
  const before = hashes.of('SELECT 1');
  for (let i = 0; i < 5000; i++) hashes.of(`SELECT ${String(i)} FROM t`);
  assert.equal(hashes.of('SELECT 1'), before);
  assert.equal(new QueryHashes().of('SELECT 1'), before);
  assert.match(before, /^[0-9a-f]{16}$/);
  assert.notEqual(hashes.of('SELECT 2'), before);
});

test('counts of the last seconds forget what is older', () => {
  const counts = new SecondCounts(5);
  for (let second = 0; second < 20; second++) counts.count(second * 1000);
  assert.equal(counts.total(19_999), 5);
  assert.equal(counts.total(22_000), 2);
  assert.equal(counts.total(100_000), 0);
});

test('counts take what is told late, also from before the beginning, but not what is older than they reach', () => {
  const counts = new SecondCounts(5);
  for (const second of [1, 0, -1, -3, -3, -4, -100, 1]) counts.count(second * 1000);
  assert.equal(counts.total(1999), 6);
  counts.count(6000);
  counts.count(1000);
  assert.equal(counts.total(6000), 1);
});

test('passwords never show, other texts are left as they are', () => {
  assert.equal(
    shownText(`ALTER ROLE "o'x" WITH PASSWORD = 'it''s secret' -- password 'x'\nAND LOGIN = true`),
    `ALTER ROLE "o'x" WITH PASSWORD = '***'  AND LOGIN = true`,
  );
  assert.equal(shownText("CREATE ROLE r WITH PASSWORD = $$se'cret$$"), "CREATE ROLE r WITH PASSWORD = '***'");
  // What the server refuses is shown by an error's trace.
  for (const bad of ['PASSWORD = "secret"', 'password="secret', 'PASSWORD = secret', 'PASSWORD "secret"']) {
    assert.doesNotMatch(shownText(`CREATE ROLE r WITH ${bad} AND LOGIN = true`), /secret/);
  }
  for (const plain of [
    "SELECT * FROM t WHERE a = 'b'",
    'SELECT "password" FROM t WHERE "password" = ?',
    'UPDATE users SET password = ?, b = :b WHERE a = ? IF password = :old',
    'SELECT password FROM users WHERE a = 1',
  ]) {
    assert.equal(shownText(plain), plain);
  }
});

test('the type of an error is its class, and no text', () => {
  const facts = { consistency: 1, required: 1, received: 0, dataRetrieved: false };
  assert.equal(errorTypeOf(new ReadTimeout('x', facts)), 'ReadTimeout');
  assert.equal(errorTypeOf(Object.assign(new Error('x'), { name: 'a b\n' })), 'Error');
  assert.equal(errorTypeOf('text'), 'string');
});
