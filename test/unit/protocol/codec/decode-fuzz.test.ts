import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from '../../../../src/errors.js';
import { codecOf, column, decode, encode, hex, registry } from './support.js';
import { RowPlan } from '../../../../src/protocol/codec/row-plan.js';

const TYPES = [
  ...['ascii', 'bigint', 'blob', 'boolean', 'counter', 'date', 'decimal', 'double', 'duration', 'float', 'inet', 'int'],
  ...['smallint', 'text', 'time', 'timestamp', 'timeuuid', 'tinyint', 'uuid', 'varint', "'org.example.Own'", 'address'],
  ...['list<int>', 'set<text>', 'map<text, int>', 'tuple<int, text>', 'vector<float, 3>', 'vector<text, 3>'],
  ...['vector<int, 1000000>', 'vector<text, 999999999>', 'map<text, frozen<list<frozen<address>>>>', 'list<duration>'],
];

/** Random bytes, with lengths and counts that nearly fit among them. */
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 9 }).map((array) => Buffer.from(array).toString('hex')),
      fc.constantFrom('00000001', '00000002', '00000004', 'ffffffff', '7fffffff', '80000000', '00000000', '61'),
    ),
    { maxLength: 12 },
  )
  .map((parts) => hex(parts.join('')));

for (const type of TYPES) {
  test(`random bytes give a ${type} or a ProtocolError`, () => {
    const codec = codecOf(type);
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          assert.notEqual(decode(codec, input), undefined);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });
}

test('flipping any bit of a row gives a row or a ProtocolError', () => {
  const columns = TYPES.slice(0, 22).map((type, i) => column(`c${String(i)}`, type));
  const plan = new RowPlan(columns, registry, 'object');
  fc.assert(
    fc.property(fc.array(bytes, { minLength: 22, maxLength: 22 }), (cells) => {
      const page = Buffer.concat(cells.flatMap((cell) => [Buffer.from([0, 0, 0, cell.length]), cell]));
      const rows: unknown[] = [];
      try {
        assert.equal(plan.decodeRows(page, 0, page.length, 1, rows), page.length);
        assert.equal(rows.length, 1);
      } catch (error) {
        assert.ok(error instanceof ProtocolError);
        assert.match(error.message, /^Column 'c\d+' \(/);
      }
    }),
  );
});

test('a count that the bytes cannot hold allocates nothing', () => {
  const before = process.memoryUsage().rss;
  for (const type of ['list<int>', 'set<text>', 'map<text, int>', 'list<list<int>>']) {
    assert.throws(() => decode(codecOf(type), hex('7fffffff 00000000 00000000')), ProtocolError);
    assert.throws(() => decode(codecOf(type), hex('ffffffff')), ProtocolError);
  }
  assert.throws(() => decode(codecOf('vector<text, 999999999>'), hex('0161')), ProtocolError);
  assert.throws(() => decode(codecOf('vector<float, 999999999>'), hex('3f800000')), ProtocolError);
  assert.ok(process.memoryUsage().rss - before < 100e6);
});

test('a value of the wrong length is a ProtocolError that names the type', () => {
  for (const [type, input] of [
    ['int', '000001'],
    ['bigint', '00000001'],
    ['uuid', '00'],
    ['inet', '0102030405'],
    ['decimal', '00000001'],
    ['boolean', '0000'],
    ['duration', '0204'],
    ['duration', '0203 00'],
    ['tuple<int>', '00000004 00000001 00'],
    ['vector<smallint, 1>', '02 0001 00'],
    ['vector<int, 1>', '000000010000'],
  ] as const) {
    assert.throws(() => decode(codecOf(type), hex(input)), ProtocolError, type);
  }
});

test('decimals and varints of thousands of digits are no trouble', () => {
  const codec = codecOf('varint');
  const huge = 7n ** 20_000n;
  assert.equal(decode(codec, encode(codec, huge)), huge);
  assert.equal(decode(codec, encode(codec, -huge)), -huge);
});
