import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../../../src/util/cql-scanner.js';
import { isConditionalQuery, isSelectQuery, isUseQuery } from '../../../src/statement/query-text.js';

test('a SELECT is known behind white space and every kind of comment', () => {
  for (const text of [
    'SELECT 1',
    '  \n\tselect * FROM t',
    '-- INSERT\nSELECT *',
    '// it\r\n SeLeCt*',
    '/* a -- b */ /**/SELECT "x"',
  ]) {
    assert.equal(isSelectQuery(text), true, text);
  }
});

test('what only looks like a SELECT is none', () => {
  for (const text of [
    '',
    'SELECTED',
    'INSERT INTO select (a) VALUES (1)',
    '-- SELECT',
    '/* SELECT',
    "'SELECT'",
    'UPDATE t SET a = 1',
  ]) {
    assert.equal(isSelectQuery(text), false, text);
  }
});

test('USE gives the keyspace as the server knows it', () => {
  assert.equal(isUseQuery('USE Ks'), 'ks');
  assert.equal(isUseQuery(' /* x */ use ks ; '), 'ks');
  assert.equal(isUseQuery('USE "My ""Ks"""'), 'My "Ks"');
  assert.equal(isUseQuery('USE"Ks"'), 'Ks');
  assert.equal(isUseQuery('USER ks'), null);
  assert.equal(isUseQuery('USE'), null);
  assert.equal(isUseQuery('SELECT * FROM use'), null);
});

test('USE is known with comments wherever they may stand, and with more than one semicolon', () => {
  for (const text of [
    'USE k2 -- x',
    'USE k2 -- x\n',
    'USE k2; // x',
    'USE k2 /* t */ ;',
    'USE/**/k2',
    'USE -- from k1\nk2',
    '/* a */ USE /* b */ "k2" /* c */ ; /* d */',
    'USE k2;;',
    'USE k2 ; ;\n',
  ]) {
    assert.equal(isUseQuery(text), 'k2', text);
  }
  assert.equal(isUseQuery('USE "a -- b"'), 'a -- b');
  assert.equal(isUseQuery('USE "/*k2*/"-- x'), '/*k2*/');
  assert.equal(isUseQuery('USE -- k2'), null);
  assert.equal(isUseQuery('USE k2; SELECT'), null);
});

test('a carriage return alone ends a comment, as it does in Cassandra', () => {
  assert.equal(isSelectQuery('-- it\rSELECT 1'), true);
  assert.equal(isUseQuery('// it\rUSE ks'), 'ks');
  assert.equal(isConditionalQuery('INSERT INTO t (a) VALUES (?) -- so\rIF NOT EXISTS'), true);
});

test('a condition is found behind leading comments', () => {
  assert.equal(isConditionalQuery('-- if\nUPDATE t SET a = 1 WHERE b = 2 IF EXISTS'), true);
  assert.equal(isConditionalQuery('/* if */ UPDATE t SET a = 1 WHERE b = 2'), false);
});

test('a condition counts only as code of a write', () => {
  assert.equal(isConditionalQuery('INSERT INTO t (a) VALUES (?) IF NOT EXISTS'), true);
  assert.equal(isConditionalQuery('update t set a = 1 where b = 2 if a = 3'), true);
  assert.equal(isConditionalQuery('BEGIN BATCH UPDATE t SET a = 1 WHERE b = 1 IF EXISTS; APPLY BATCH'), true);
  assert.equal(isConditionalQuery("INSERT INTO t (a) VALUES ('what if')"), false);
  assert.equal(isConditionalQuery('INSERT INTO t ("if") VALUES (1) -- if'), false);
  assert.equal(isConditionalQuery('INSERT INTO t (iffy) VALUES ($$ if $$)'), false);
  assert.equal(isConditionalQuery('CREATE TABLE IF NOT EXISTS t (a int PRIMARY KEY)'), false);
  assert.equal(isConditionalQuery('SELECT if FROM t'), false);
});

test('spans that are never closed reach to the end', () => {
  assert.equal(codeOf("a 'b"), 'a  ');
  assert.equal(codeOf('a /* b'), 'a  ');
  assert.equal(codeOf('a $$ b'), 'a  ');
  assert.equal(codeOf("a 'it''s' b"), 'a   b');
  assert.equal(codeOf('a - b / c $d'), 'a - b / c $d');
});
