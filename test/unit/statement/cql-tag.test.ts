import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../../src/errors.js';
import { cqlTagText } from '../../../src/statement/cql-tag.js';

function tag(strings: TemplateStringsArray, ..._values: unknown[]): string {
  return cqlTagText(strings);
}

function refused(run: () => unknown, text: RegExp): void {
  assert.throws(run, (error: unknown) => error instanceof ConfigurationError && text.test(error.message));
}

test('each value becomes a marker', () => {
  assert.equal(tag`SELECT * FROM t WHERE a = ${1} AND b = ${2}`, 'SELECT * FROM t WHERE a = ? AND b = ?');
  assert.equal(tag`SELECT * FROM t`, 'SELECT * FROM t');
  assert.equal(tag`${1}`, '?');
});

test('one call site is read once', () => {
  const seen: TemplateStringsArray[] = [];
  const keep = (strings: TemplateStringsArray, ..._values: unknown[]): string => {
    seen.push(strings);
    return cqlTagText(strings);
  };
  for (let i = 0; i < 2; i++) assert.equal(keep`SELECT ${i}`, 'SELECT ?');
  assert.equal(seen[0], seen[1]);
});

test('a value inside quotes is refused: nothing would be bound', () => {
  refused(() => tag`SELECT * FROM t WHERE name = '${'x'}'`, /inside a string .*leave the quotes out/);
  refused(() => tag`SELECT * FROM t WHERE name = 'it''s ${'x'}'`, /inside a string/);
  refused(() => tag`SELECT $$${'x'}$$ FROM t`, /inside a string/);
  refused(() => tag`SELECT "${'x'}" FROM t`, /quoted identifier.*cannot be bound/);
  refused(() => tag`SELECT a -- ${'x'}`, /inside a comment/);
  refused(() => tag`SELECT a /* ${'x'} */`, /inside a comment/);
});

test('the text in front of a misplaced value is shown without a password', () => {
  refused(() => tag`ALTER ROLE a WITH PASSWORD = 'abc' AND b = '${'x'}'`, /\(after "WORD = '\*\*\*' AND b ="\)/);
});

test('quotes that were closed before a value do no harm', () => {
  assert.equal(tag`SELECT 'a''b', "c" FROM t WHERE d = ${1} -- e?`, `SELECT 'a''b', "c" FROM t WHERE d = ? -- e?`);
  assert.equal(tag`SELECT '?' FROM t WHERE d = ${1}`, "SELECT '?' FROM t WHERE d = ?");
});

test('a marker written by hand beside values is refused, alone it is not', () => {
  refused(() => tag`SELECT * FROM t WHERE a = ? AND b = ${1}`, /\? written by hand/);
  assert.equal(tag`SELECT * FROM t WHERE a = ?`, 'SELECT * FROM t WHERE a = ?');
});

test('called as a function, it is refused: the text could hold anything', () => {
  refused(() => cqlTagText('SELECT 1' as unknown as TemplateStringsArray), /template tag/);
  refused(() => cqlTagText(['SELECT 1'] as unknown as TemplateStringsArray), /template tag/);
  refused(() => tag``, /empty/);
  refused(() => tag`SELECT \u`, /escape/);
});
