import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitStatements } from '../../../src/cli/statements.js';
import { syntaxPointer } from '../../../src/cli/syntax-pointer.js';

const SPLIT: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  [' ;; \n', []],
  ['-- nothing; at all\n/* ; */ // ;', []],
  ['SELECT 1', ['SELECT 1']],
  ['SELECT 1; SELECT 2;', ['SELECT 1', 'SELECT 2']],
  [`SELECT ';' , 'it''s;' FROM "a;""b"; x`, [`SELECT ';' , 'it''s;' FROM "a;""b"`, 'x']],
  ["CREATE FUNCTION f () AS $$ return 1; // it's $$; x", ["CREATE FUNCTION f () AS $$ return 1; // it's $$", 'x']],
  ['a -- one; \n b; c /* ; */ d', ['a -- one; \n b', 'c /* ; */ d']],
  ["-- it's a comment\nSELECT 1; -- and the end", ["-- it's a comment\nSELECT 1"]],
  [
    "begin unlogged batch insert 'apply batch;'; update x; Apply  Batch; SELECT 1",
    ["begin unlogged batch insert 'apply batch;'; update x; Apply  Batch", 'SELECT 1'],
  ],
  [
    'BEGIN TRANSACTION LET x = (a); IF x IS NULL THEN b; END IF COMMIT  Transaction; c;',
    ['BEGIN TRANSACTION LET x = (a); IF x IS NULL THEN b; END IF COMMIT  Transaction', 'c'],
  ],
  ['/* c */ BEGIN BATCH a; b; APPLY BATCH;', ['/* c */ BEGIN BATCH a; b; APPLY BATCH']],
  ["INSERT 'never closed; x", ["INSERT 'never closed; x"]],
  ['a; -- one\rb; // two\rc', ['a', '-- one\rb', '// two\rc']],
];

test('statements end with semicolons, but not with those in strings, names, comments, bodies and batches', () => {
  for (const [text, statements] of SPLIT) assert.deepEqual(splitStatements(text), statements, text);
});

test("the place of the server's syntax errors is shown below the line", () => {
  assert.equal(
    syntaxPointer("line 1:9 no viable alternative at input 'FORM'", 'SELECT * FORM x'),
    'SELECT * FORM x\n         ^',
  );
  assert.equal(syntaxPointer('line 2:2 x', 'SELECT\n日\tx FROM'), '日\\tx FROM\n    ^');
  assert.equal(syntaxPointer('line 1:0 x', ''), '\n^');
  assert.equal(syntaxPointer('no place', 'x'), null);
  assert.equal(syntaxPointer('line 3:1 x', 'x'), null);
  const long = `${'a'.repeat(100)}!${'b'.repeat(100)}`;
  assert.equal(syntaxPointer('line 1:100 x', long), `${'a'.repeat(60)}!${'b'.repeat(19)}\n${' '.repeat(60)}^`);
});
