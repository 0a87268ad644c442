import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ProtocolError, QueryError } from '../../../../src/errors.js';
import { ByteWriter } from '../../../../src/protocol/byte-writer.js';
import { writeValue } from '../../../../src/protocol/codec/codec.js';
import type { ColumnSpec } from '../../../../src/protocol/codec/cql-type.js';
import { CodecRegistry } from '../../../../src/protocol/codec/registry.js';
import { RowPlan } from '../../../../src/protocol/codec/row-plan.js';
import { column, registry } from './support.js';

function page(columns: readonly ColumnSpec[], rows: readonly (readonly unknown[])[]): Buffer {
  const writer = new ByteWriter();
  for (const row of rows) {
    columns.forEach((spec, i) => {
      writeValue(registry.codecFor(spec.type), row[i], writer);
    });
  }
  return writer.toBuffer();
}

function decodeAll(
  columns: readonly ColumnSpec[],
  rows: readonly (readonly unknown[])[],
  mode: 'object' | 'array' = 'object',
  from: CodecRegistry = registry,
): unknown[] {
  const bytes = page(columns, rows);
  const into: unknown[] = [];
  assert.equal(new RowPlan(columns, from, mode).decodeRows(bytes, 0, bytes.length, rows.length, into), bytes.length);
  return into;
}

const COLUMNS = [
  column('id', 'uuid'),
  column('name', 'text'),
  column('code', 'ascii'),
  column('age', 'int'),
  column('visits', 'counter'),
  column('score', 'double'),
  column('active', 'boolean'),
  column('at', 'timestamp'),
  column('tags', 'list<text>'),
  column('props', 'map<text, text>'),
];
const ROW = [
  '5132b130-ae79-41e4-ab27-0800200c9a66',
  'Zoë',
  'abc',
  -5,
  2n ** 62n,
  -0.5,
  false,
  new Date(-1),
  ['a', 'a longer text than twelve'],
  new Map([['k', 'v']]),
];
const NAMES = COLUMNS.map((spec) => spec.name);

test('rows are plain objects that survive spread, JSON and structuredClone', () => {
  const [row] = decodeAll(COLUMNS, [ROW]) as [Record<string, unknown>];
  const expected = Object.fromEntries(NAMES.map((name, i) => [name, ROW[i]]));
  assert.deepStrictEqual(row, expected);
  assert.equal(Object.getPrototypeOf(row), Object.prototype);
  assert.deepStrictEqual({ ...row }, expected);
  assert.deepStrictEqual(structuredClone(row), expected);
  assert.deepEqual(Object.keys(row), NAMES);
  assert.equal(JSON.parse(JSON.stringify({ ...row, visits: 0 })).name, 'Zoë'); // eslint-disable-line @typescript-eslint/no-unsafe-member-access -- JSON.parse gives any
});

test('rows can be arrays', () => {
  assert.deepStrictEqual(decodeAll(COLUMNS, [ROW, ROW], 'array'), [ROW, ROW]);
});

test('nulls and rows that differ in kind stay right beyond the first thousand', () => {
  const columns = [column('a', 'int'), column('b', 'text'), column('c', 'double')];
  const rows = Array.from({ length: 3000 }, (_, i) => [
    i % 3 === 0 ? null : i * 100_000,
    i % 5 === 0 ? null : `text ${String(i)}`,
    i % 7 === 0 ? null : i / 2,
  ]);
  const read = decodeAll(columns, rows);
  assert.deepStrictEqual(
    read,
    rows.map(([a, b, c]) => ({ a, b, c })),
  );
});

test('hot results of every width are built right, and more of them than there are builders', () => {
  for (const width of [1, 2, 7, 11, 12, 13, 20, 3, 4, 5]) {
    const columns = Array.from({ length: width }, (_, i) => column(`w${String(width)}_${String(i)}`, 'int'));
    const row = columns.map((_, i) => i);
    const plan = new RowPlan(columns, registry, 'object');
    const bytes = page(
      columns,
      Array.from({ length: 400 }, () => row),
    );
    const expected = Object.fromEntries(columns.map((spec, i) => [spec.name, i]));
    for (let round = 0; round < 3; round++) {
      const into: unknown[] = [];
      plan.decodeRows(bytes, 0, bytes.length, 400, into);
      for (const read of into) assert.deepStrictEqual(read, expected);
      assert.deepEqual(Object.keys(into[0] as object), Object.keys(expected));
    }
  }
});

test('columns named __proto__ and constructor do no harm', () => {
  const columns = [column('__proto__', 'map<text, int>'), column('constructor', 'int'), column('toString', 'text')];
  const rows = Array.from({ length: 600 }, () => [new Map([['polluted', 1]]), 5, 'x']);
  for (const row of decodeAll(columns, rows).slice(-2) as Record<string, unknown>[]) {
    assert.deepEqual(Object.keys(row), ['__proto__', 'constructor', 'toString']);
    assert.equal(Object.getPrototypeOf(row), Object.prototype);
    assert.deepEqual(Object.getOwnPropertyDescriptor(row, '__proto__')?.value, new Map([['polluted', 1]]));
    assert.equal(row.constructor, 5);
  }
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('of columns with one name the last wins; names that are numbers are names', () => {
  assert.deepStrictEqual(decodeAll([column('a', 'int'), column('b', 'int'), column('a', 'int')], [[1, 2, 3]]), [
    { a: 3, b: 2 },
  ]);
  assert.deepStrictEqual(decodeAll([column('1', 'int'), column('', 'int')], [[1, 2]]), [{ 1: 1, '': 2 }]);
});

test('a page can be decoded in slices', () => {
  const columns = [column('n', 'int'), column('t', 'text')];
  const bytes = page(
    columns,
    Array.from({ length: 10 }, (_, i) => [i, `t${String(i)}`]),
  );
  const plan = new RowPlan(columns, registry, 'object');
  const into: unknown[] = [];
  let at = 0;
  for (const count of [3, 0, 4, 3]) at = plan.decodeRows(bytes, at, bytes.length, count, into);
  assert.equal(at, bytes.length);
  assert.deepEqual(into[9], { n: 9, t: 't9' });
  assert.equal(into.length, 10);
});

test('a page can be decoded up to an offset, and from there on', () => {
  const bytes = page(
    COLUMNS,
    Array.from({ length: 50 }, () => ROW),
  );
  const whole: unknown[] = [];
  const plan = new RowPlan(COLUMNS, registry, 'object');
  plan.decodeRows(bytes, 0, bytes.length, 50, whole);
  const oneRow = bytes.length / 50;
  for (const step of [1, oneRow - 1, oneRow, oneRow + 1, 7 * oneRow, bytes.length]) {
    const rows: unknown[] = [];
    let at = 0;
    while (rows.length < 50) {
      const next = plan.decodeRows(bytes, at, bytes.length, 50 - rows.length, rows, at + step);
      assert.equal(next - at, Math.min(bytes.length - at, Math.ceil(step / oneRow) * oneRow));
      at = next;
    }
    assert.equal(at, bytes.length);
    assert.deepEqual(rows, whole);
  }
  // An offset behind the end does not hide that a row is missing.
  assert.throws(() => plan.decodeRows(bytes, 0, bytes.length - 1, 50, [], bytes.length + 1), ProtocolError);
});

test('nothing of a row refers to the page: the page can be overwritten', () => {
  const columns = [column('t', 'text'), column('l', 'text'), column('b', 'blob'), column('s', 'list<ascii>')];
  const row = ['short', 'a text of more than twelve characters', Buffer.from('bytes'), ['x', 'yy']];
  const bytes = page(columns, [row]);
  const plan = new RowPlan(columns, registry, 'array');
  const first: unknown[] = [];
  plan.decodeRows(bytes, 0, bytes.length, 1, first);
  const other = page(columns, [['SHORT', 'A TEXT OF MORE THAN TWELVE CHARACTERS', Buffer.from('BYTES'), ['X', 'YY']]]);
  other.copy(bytes);
  const second: unknown[] = [];
  plan.decodeRows(bytes, 0, bytes.length, 1, second);
  assert.deepStrictEqual(first, [row]);
  assert.deepEqual((second[0] as unknown[])[0], 'SHORT');
});

test('a codec that is used after a page does not read from that page', () => {
  const bytes = page([column('t', 'text')], [['before']]);
  new RowPlan([column('t', 'text')], registry, 'object').decodeRows(bytes, 0, bytes.length, 1, []);
  bytes.write('later!', 4);
  assert.equal(registry.codecFor(column('t', 'text').type).decode(bytes, 4, 6), 'later!');
});

test('a kept text holds on to nothing but itself', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const columns = [column('short', 'text'), column('long', 'text'), column('filler', 'text')];
  const bytes = page(columns, [['twelve chars', 'thirteen char', 'x'.repeat(4000)]]);
  const plan = new RowPlan(columns, registry, 'array');
  collect();
  const before = process.memoryUsage().heapUsed;
  const kept: unknown[] = [];
  for (let i = 0; i < 5000; i++) {
    const rows: unknown[][] = [];
    plan.decodeRows(bytes, 0, bytes.length, 1, rows);
    kept.push(rows[0]?.[0], rows[0]?.[1]);
  }
  collect();
  const perText = (process.memoryUsage().heapUsed - before) / kept.length;
  assert.ok(perText < 100, `${String(perText)} bytes are kept per text`);
});

test('every cut of a page is a ProtocolError', () => {
  const bytes = page(COLUMNS, [ROW]);
  const plan = new RowPlan(COLUMNS, registry, 'object');
  for (let end = 0; end < bytes.length; end++) {
    assert.throws(() => plan.decodeRows(bytes, 0, end, 1, []), ProtocolError, String(end));
  }
});

test('a count of rows that cannot be true makes no rows', () => {
  const bytes = page(COLUMNS, [ROW]);
  const into: unknown[] = [];
  for (const count of [2 ** 31 - 1, -1]) {
    assert.throws(
      () => new RowPlan(COLUMNS, registry, 'object').decodeRows(bytes, 0, bytes.length, count, into),
      ProtocolError,
    );
  }
  assert.throws(() => new RowPlan([], registry, 'object').decodeRows(bytes, 0, bytes.length, 5, into), ProtocolError);
  assert.equal(into.length, 0);
});

test('a cell of the wrong length names its column; an empty one is null', () => {
  const columns = [column('name', 'text'), column('age', 'int')];
  const plan = new RowPlan(columns, registry, 'object');
  const bytes = Buffer.from('00000001 61 00000003 010203'.replaceAll(' ', ''), 'hex');
  assert.throws(() => plan.decodeRows(bytes, 0, bytes.length, 1, []), {
    name: 'ProtocolError',
    message: "Column 'age' (int): The server sent 3 bytes as a value of type int, which takes 4",
  });
  const empty = Buffer.from('0000000000000000', 'hex');
  const into: unknown[] = [];
  plan.decodeRows(empty, 0, empty.length, 1, into);
  assert.deepEqual(into, [{ name: '', age: null }]);
});

test("int64: 'number' refuses what it cannot hold, by column, instead of changing it", () => {
  const numbers = new CodecRegistry({ int64: 'number' });
  const columns = [column('n', 'bigint'), column('c', 'counter')];
  assert.deepEqual(decodeAll(columns, [[5n, -6n]], 'object', numbers), [{ n: 5, c: -6 }]);
  assert.throws(
    () => decodeAll(columns, [[5n, 2n ** 53n]], 'object', numbers),
    (error: unknown) =>
      error instanceof QueryError &&
      error.code === 'ERR_VALUE_OUT_OF_RANGE' &&
      error.message.startsWith("Column 'c' (counter): ") &&
      !error.message.includes('9007199254740992'),
  );
});

test("a user's codec that leads into another page does not disturb the outer one", () => {
  const columns = [column('a', 'text'), column('n', 'int'), column('b', 'text')];
  const bytes = page(columns, [['one', 1, 'two']]);
  const inner: unknown[] = [];
  const plan: RowPlan = new RowPlan(
    columns,
    new CodecRegistry({
      codecs: [
        {
          type: 'int',
          decode: (value) => {
            if (inner.length === 0) {
              inner.push('started');
              plan.decodeRows(bytes, 0, bytes.length, 1, inner);
            }
            return value;
          },
          encode: (value) => value,
        },
      ],
    }),
    'object',
  );
  const outer: unknown[] = [];
  plan.decodeRows(bytes, 0, bytes.length, 1, outer);
  assert.deepEqual(outer, [{ a: 'one', n: 1, b: 'two' }]);
  assert.deepEqual(inner, ['started', { a: 'one', n: 1, b: 'two' }]);
});
