import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellText } from '../../../src/cli/text/cell-text.js';
import { parseType } from '../../../src/cli/text/cql-type.js';
import { toJson } from '../../../src/cli/text/json-value.js';
import { Output } from '../../../src/cli/io.js';
import { resultPrinter } from '../../../src/cli/result-printer.js';
import { NEGATIVE_ZERO, SIGNED_ZEROS } from '../../../src/cli/text/negative-zero.js';
import { VALUE_CODECS } from '../../../src/cli/text/value-codecs.js';
import { UsageError } from '../../../src/cli/usage-error.js';
import { Kept } from '../../support/command-line.js';
import { CqlDuration, Decimal } from '../../../src/index.js';

const DAY = new Date('2026-01-31T12:00:00.000Z');
const ID = '5132b130-ae79-11e4-ab27-0800200c9a66';

/** Type, value, what a cell shows, what JSON shows. */
const SAMPLES: readonly (readonly [string, unknown, string, unknown])[] = [
  ['text', 'it is', 'it is', 'it is'],
  ['text', 'two\nlines', 'two\\nlines', 'two\nlines'],
  ['text', '', '', ''],
  ['text', null, '<null>', null],
  ['int', null, '<null>', null],
  ['int', -7, '-7', -7],
  ['bigint', 2n ** 63n - 1n, '9223372036854775807', '9223372036854775807'],
  ['double', 0.1, '0.1', 0.1],
  ['double', NaN, 'NaN', 'NaN'],
  ['double', -Infinity, '-Infinity', '-Infinity'],
  ['float', Math.fround(0.1), '0.1', 0.1],
  ['float', Math.fround(16777216), '16777216', 16777216],
  ['double', NEGATIVE_ZERO, '-0', 0],
  ['set<float>', new Set([NEGATIVE_ZERO, 0]), '{-0, 0}', [0, 0]],
  ['map<double, int>', new Map<unknown, number>([[NEGATIVE_ZERO, 1], [0, 2]]), '{-0: 1, 0: 2}', { '-0': 1, '0': 2 }], // prettier-ignore
  ['decimal', Decimal.parse('12.50'), '12.50', '12.50'],
  ['duration', CqlDuration.parse('1h30m'), '1h30m', '1h30m'],
  ['boolean', false, 'false', false],
  ['timestamp', DAY, '2026-01-31T12:00:00.000Z', '2026-01-31T12:00:00.000Z'],
  ['date', '2026-01-31', '2026-01-31', '2026-01-31'],
  ['time', 45_000_500_000_000n, '12:30:00.500000000', '12:30:00.500000000'],
  ['uuid', ID, ID, ID],
  ['blob', Buffer.from([0xca, 0xfe]), '0xcafe', '0xcafe'],
  ['blob', Buffer.alloc(0), '0x', '0x'],
  ['list<text>', ['a', "it's"], "['a', 'it''s']", ['a', "it's"]],
  ['frozen<list<uuid>>', [ID], `[${ID}]`, [ID]],
  ['set<time>', new Set([1n]), '{00:00:00.000000001}', ['00:00:00.000000001']],
  ['map<text, frozen<list<float>>>', new Map([['k', [Math.fround(0.3)]]]), "{'k': [0.3]}", { k: [0.3] }],
  ['map<frozen<list<int>>, int>', new Map([[[1, 2], 3]]), '{[1, 2]: 3}', { '[1,2]': 3 }],
  ['map<timestamp, int>', new Map([[DAY, 3]]), '{2026-01-31T12:00:00.000Z: 3}', { '2026-01-31T12:00:00.000Z': 3 }],
  ['tuple<int, text, time>', [1, 'a', 0n], "(1, 'a', 00:00:00.000000000)", [1, 'a', '00:00:00.000000000']],
  ['tuple<int, text>', [1, null], '(1, null)', [1, null]],
  ['vector<float, 2>', Float32Array.of(0.1, 2), '[0.1, 2]', [0.1, 2]],
  ['vector<int, 2>', [1, 2], '[1, 2]', [1, 2]],
  [
    'address',
    { street: 'Main', zip: 7n, more: null },
    "{street: 'Main', zip: 7, more: null}",
    { street: 'Main', zip: '7', more: null },
  ],
  ["'a.server.Class'", Buffer.from([1]), '0x01', '0x01'],
];

test('values as a cell and as JSON', () => {
  for (const [type, value, cell, json] of SAMPLES) {
    assert.equal(cellText(value, parseType(type)), cell, type);
    assert.deepEqual(toJson(value, parseType(type)), json, type);
  }
});

test('the zero with a sign is read as itself, floats with the digits that they need', () => {
  const readAs = (type: string, value: unknown): unknown =>
    SIGNED_ZEROS.find((codec) => codec.type === type)?.decode(value);
  assert.equal(readAs('double', -0), NEGATIVE_ZERO);
  assert.equal(readAs('double', 0), 0);
  assert.equal(readAs('double', Math.fround(0.1)), Math.fround(0.1));
  assert.equal(readAs('float', -0), NEGATIVE_ZERO);
  assert.equal(readAs('float', Math.fround(0.1)), 0.1);
  assert.equal(readAs('float', NaN), NaN);
});

test('a field named __proto__ is a field', () => {
  const json = toJson(new Map([['__proto__', 1]]), parseType('map<text, int>'));
  assert.equal(JSON.stringify(json), '{"__proto__":1}');
});

test('types are taken apart', () => {
  const int = { name: 'int', arguments: [] };
  assert.deepEqual(parseType('frozen<map<int, frozen<set<int>>>>'), {
    name: 'map',
    arguments: [int, { name: 'set', arguments: [int] }],
  });
  assert.deepEqual(parseType('tuple<"A, <b>", int>').arguments, [{ name: '"A, <b>"', arguments: [] }, int]);
});

test('a time is text wherever it stands: fields of user types do not tell their types', () => {
  const codec = VALUE_CODECS.find(({ type }) => type === 'time');
  assert.equal(codec?.decode(45_000_500_000_000n), '12:30:00.500000000');
  assert.equal(codec.encode('12:30'), '12:30');
});

test('columns of the same name are refused as JSON, which can hold one of them', () => {
  const columns = ['a', 'b', 'a'].map((name) => ({ keyspace: 'k', table: 't', name, type: 'int' }));
  const output = new Output(new Kept());
  for (const format of ['json', 'ndjson'] as const) {
    assert.throws(
      () => resultPrinter(columns, output, { format }),
      new UsageError(
        'Several columns are called a: a JSON object can hold one of them',
        'Give each a name of its own with AS.',
      ),
    );
  }
  resultPrinter(columns, output, { format: 'table' });
});
