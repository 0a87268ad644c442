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
  for (let i = 0; i < 20_000; i++) {
    const rows: unknown[][] = [];
    plan.decodeRows(bytes, 0, bytes.length, 1, rows);
    kept.push(rows[0]?.[0], rows[0]?.[1]);
  }
  collect();
  const perText = (process.memoryUsage().heapUsed - before) / kept.length;
  assert.ok(perText < 100, `${String(perText)} bytes are kept per text`);
});

/** Invalid Dates are not equal to one another; NaNs are. */
function comparable(value: unknown): unknown {
  const cell: unknown = Array.isArray(value) ? value[0] : value;
  return cell instanceof Date ? cell.getTime() : cell;
}

test('fixed-size cells read in a row as their codec reads them, in every length', () => {
  const types = ['int', 'bigint', 'counter', 'double', 'float', 'boolean', 'timestamp', 'uuid', 'timeuuid'];
  const patterns = [0x00, 0x01, 0x7f, 0x80, 0xff, 0xc1].map((byte) => Buffer.alloc(16, byte));
  patterns.push(Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'), Buffer.from('8000000000000000', 'hex'));
  patterns.push(
    Buffer.from('fffffffffffffc18', 'hex'),
    Buffer.from('c1480000', 'hex'),
    Buffer.from('7ff8000000000001', 'hex'),
  );
  for (const type of types) {
    const columns = [column('v', type)];
    const codec = registry.codecFor(column('v', type).type);
    for (const [length, bytes] of patterns.flatMap((p) =>
      [0, 1, 4, 8, 16].map((n) => [n, p.subarray(0, n)] as const),
    )) {
      const head = Buffer.alloc(4);
      head.writeInt32BE(bytes.length);
      const cell = Buffer.concat([head, bytes]);
      for (const count of [1, 20]) {
        const several = Buffer.concat(Array.from({ length: count }, () => cell));
        const plan = new RowPlan(columns, registry, 'array');
        const into: unknown[] = [];
        let expected: unknown;
        try {
          expected = comparable(codec.decode(several, 4, bytes.length));
        } catch {
          assert.throws(() => plan.decodeRows(several, 0, several.length, count, into), ProtocolError);
          continue;
        }
        plan.decodeRows(several, 0, several.length, count, into);
        const read = into.map(comparable);
        assert.deepStrictEqual(read, Array<unknown>(count).fill(expected), `${type} ${String(length)}`);
      }
    }
  }
});

test('cells that repeat the row above, or nearly do, are read right', () => {
  const columns = [column('t', 'text'), column('a', 'ascii'), column('u', 'uuid'), column('n', 'int')];
  const ids = ['0e0a5a32-9f2c-4e1f-8a6e-3d8a3c2f4b11', '1e0a5a32-9f2c-4e1f-8a6e-3d8a3c2f4b11'];
  ids.push('0e0a5a32-9f2c-4e1f-8a6e-3d8a3c2f4b12', '0e0a5a32-9f2c-4e1f-8b6e-3d8a3c2f4b11');
  const letters = ['a', 'b', 'ł', ''];
  for (let length = 0; length < 140; length = length < 40 ? length + 1 : length + 11) {
    // Every third row differs in one place from those around it, or in its length; in the end all do. Nulls between.
    const rows = Array.from({ length: 120 }, (_, i) => {
      const place = (i * 7) % (length + 1);
      const differs = i % 3 === 2 || i > 100;
      const like = 'x'.repeat(length);
      const text = differs ? like.slice(0, place) + (letters[i % 4] ?? '') + like.slice(place + 1) : like;
      const id = ids[differs ? i % 4 : 0];
      return [i % 11 === 10 ? null : text, text.replaceAll('ł', 'l'), i % 13 === 12 ? null : id, i];
    });
    assert.deepStrictEqual(decodeAll(columns, rows, 'array'), rows);
    assert.deepStrictEqual(
      decodeAll(columns, rows),
      rows.map(([t, a, u, n]) => ({ t, a, u, n })),
    );
  }
});

test('a column whose cells stop differing is read right, and so is the next page', () => {
  const columns = [column('t', 'text'), column('u', 'timeuuid')];
  const rows = Array.from({ length: 60 }, (_, i) => [
    `text ${String(i < 40 ? i : 40)}`,
    `${String(i < 40 ? i : 40).padStart(8, '0')}-9f2c-1e1f-8a6e-3d8a3c2f4b11`,
  ]);
  const plan = new RowPlan(columns, registry, 'array');
  for (const given of [rows, rows.map(([t, u]) => [t?.toUpperCase(), u]), rows.slice(0, 20)]) {
    const bytes = page(columns, given);
    const into: unknown[] = [];
    assert.equal(plan.decodeRows(bytes, 0, bytes.length, given.length, into), bytes.length);
    assert.deepStrictEqual(into, given);
  }
});

test('an empty uuid is null, also under and above others', () => {
  const columns = [column('u', 'uuid')];
  const id = '0e0a5a32-9f2c-4e1f-8a6e-3d8a3c2f4b11';
  const pair = Buffer.concat([Buffer.alloc(4), page(columns, [[id]])]);
  const bytes = Buffer.concat(Array.from({ length: 12 }, () => pair));
  const into: unknown[][] = [];
  new RowPlan(columns, registry, 'array').decodeRows(bytes, 0, bytes.length, 24, into);
  assert.deepEqual(
    into.flat(),
    Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? null : id)),
  );
});

test("a user's codec reads every cell, also those that repeat", () => {
  const columns = [column('t', 'text'), column('u', 'uuid')];
  const rows = Array.from({ length: 20 }, () => ['same', '0e0a5a32-9f2c-4e1f-8a6e-3d8a3c2f4b11']);
  const codecs = ['text', 'uuid'].map((type) => ({
    type,
    decode: (value: unknown): unknown => ({ value }),
    encode: (value: unknown): unknown => value,
  }));
  const read = decodeAll(columns, rows, 'array', new CodecRegistry({ codecs })) as unknown[][];
  assert.equal(new Set(read.flat()).size, 40);
});

test('texts that repeat from row to row are kept once', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const columns = [column('t', 'text'), column('u', 'uuid')];
  const text =
    'a text of more than a hundred bytes, as a static column or a clustering column may well hold it in each row';
  // So many that what the compiler keeps beside them does not count.
  const rows = Array.from({ length: 50_000 }, () => [text, '0e0a5a32-9f2c-4e1f-8a6e-3d8a3c2f4b11']);
  const bytes = page(columns, rows);
  const plan = new RowPlan(columns, registry, 'array');
  const into: unknown[] = [];
  collect();
  const before = process.memoryUsage().heapUsed;
  plan.decodeRows(bytes, 0, bytes.length, rows.length, into);
  collect();
  const perRow = (process.memoryUsage().heapUsed - before) / into.length;
  assert.ok(perRow < 100, `${String(perRow)} bytes are kept per row`);
});

test('a large page is not kept alive by having been read', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const columns = [column('t', 'text'), column('l', 'list<text>')];
  const bytes = page(columns, [['short', ['x'.repeat(20)]]]);
  const plan = new RowPlan(columns, registry, 'array');
  function readOne(part: Buffer, end: number): void {
    if (end === bytes.length) plan.decodeRows(part, 0, end, 1, []);
    else assert.throws(() => plan.decodeRows(part, 0, end, 1, []), ProtocolError);
  }
  function read(size: number): WeakRef<ArrayBufferLike> {
    const large = Buffer.allocUnsafeSlow(size);
    bytes.copy(large);
    for (const end of [bytes.length, bytes.length - 1]) {
      // A part of a large buffer holds on to all of it.
      for (const part of [large, large.subarray(0, end)]) readOne(part, end);
    }
    return new WeakRef(large.buffer);
  }
  const ref = read(300 * 1024);
  await new Promise(setImmediate);
  collect();
  assert.equal(ref.deref(), undefined);
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

test("a user's codec that leads into another page and then fails is named by its own column", () => {
  const columns = [column('a', 'text'), column('n', 'int'), column('b', 'text')];
  const bytes = page(columns, [['one', 1, 'two']]);
  const other = new RowPlan(columns, registry, 'object');
  const codec = {
    type: 'int',
    decode: (): never => {
      other.decodeRows(bytes, 0, bytes.length, 1, []);
      plan.decodeRows(page(columns, [['one', null, 'two']]), 0, 18, 1, []);
      throw new Error('no');
    },
    encode: (value: unknown): unknown => value,
  };
  const plan: RowPlan = new RowPlan(columns, new CodecRegistry({ codecs: [codec] }), 'object');
  assert.throws(
    () => plan.decodeRows(bytes, 0, bytes.length, 1, []),
    (error: unknown) => error instanceof QueryError && error.message.startsWith("Column 'n' (int): "),
  );
});
