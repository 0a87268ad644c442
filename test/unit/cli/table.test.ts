import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutToWidth, displayWidth, visible } from '../../../src/cli/text/display-width.js';
import { Table } from '../../../src/cli/text/table.js';

const COLUMNS = [
  { name: 'name', isNumeric: false },
  { name: 'n', isNumeric: true },
];

test('columns are as wide as their widest cell; numbers stand at the right', () => {
  assert.deepEqual(
    new Table(COLUMNS).lines([
      ['a', '1'],
      ['much longer', '-1000'],
      ['', '<null>'],
    ]),
    [
      'name        |      n', //
      '------------+-------',
      'a           |      1',
      'much longer |  -1000',
      '            | <null>',
    ],
  );
});

test('later blocks keep the widths of the first and have no heading; a longer cell moves only its own row', () => {
  const table = new Table(COLUMNS);
  table.lines([['abcd', '1']]);
  assert.deepEqual(
    table.lines([
      ['x', '2'],
      ['abcdefgh', '3'],
    ]),
    ['x    | 2', 'abcdefgh | 3'],
  );
});

test('no rows: the heading alone', () => {
  assert.deepEqual(new Table(COLUMNS).lines([]), ['name | n', '-----+--']);
});

test('cells and names past the greatest width are cut, and show it', () => {
  assert.deepEqual(
    new Table([{ name: 'a long name', isNumeric: false }], { maxWidth: 5 }).lines([['123456'], ['12345']]),
    ['a lo…', '-----', '1234…', '12345'],
  );
});

test('wide characters take two columns, combining ones none', () => {
  for (const [text, width] of [
    ['abc', 3],
    ['naïve', 5],
    ['日本語', 6],
    ['e\u0301', 1],
    ['🙂', 2],
    ['👨‍👩‍👧', 2],
    ['한국', 4],
    ['', 0],
  ] as const) {
    assert.equal(displayWidth(text), width, text);
  }
  assert.equal(cutToWidth('日本語', 5), '日本…');
  assert.equal(cutToWidth('日本語', 4), '日…');
  assert.deepEqual(new Table(COLUMNS).lines([['日本', '1']]).slice(2), ['日本 | 1']);
});

test('control characters are shown, never sent to the terminal', () => {
  assert.equal(visible('a\nb\tc\r\u001b[31mred\u0000\u009b\u202e'), 'a\\nb\\tc\\r\\x1b[31mred\\x00\\x9b\\u202e');
});
