import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CqlDuration } from '../../../../src/values/duration.js';
import { Decimal } from '../../../../src/values/decimal.js';
import type { Codec } from '../../../../src/protocol/codec/codec.js';
import { codecOf, decode, encode, hex, registry, udt } from './support.js';

/** Marked with a server's version where a real node sent or took these bytes; the others follow the specification. */
const GOLDEN: [type: string, value: unknown, bytes: string][] = [
  ['duration', CqlDuration.parse('1mo2d3h'), '02 04 fc13a52453c000'], // 4.0, 4.1, 5.0, 6.0
  ['vector<smallint, 3>', [1, 2, 3], '02 0001 02 0002 02 0003'], // 5.0, 6.0
  ['vector<text, 2>', ['a', 'bb'], '01 61 02 6262'], // 5.0, 6.0
  ['vector<int, 2>', [1, -1], '00000001 ffffffff'],
  ['vector<tinyint, 2>', [1, -1], '01 01 01 ff'],
  ['vector<date, 1>', ['1970-01-01'], '04 80000000'],
  ['vector<time, 1>', [1n], '08 0000000000000001'],
  ['vector<counter, 1>', [1n], '08 0000000000000001'],
  ['vector<bigint, 1>', [1n], '0000000000000001'],
  ['vector<boolean, 2>', [true, false], '01 00'],
  ['vector<timestamp, 1>', [new Date(1)], '0000000000000001'],
  ['vector<float, 2>', Float32Array.of(1, -2), '3f800000 c0000000'],
  ['vector<vector<float, 1>, 2>', [Float32Array.of(1), Float32Array.of(2)], '3f800000 40000000'],
  ['tinyint', -128, '80'],
  ['smallint', -2, 'fffe'],
  ['int', 2_147_483_647, '7fffffff'],
  ['bigint', -(2n ** 63n), '8000000000000000'],
  ['varint', 0n, '00'],
  ['varint', 127n, '7f'],
  ['varint', 128n, '0080'],
  ['varint', -128n, '80'],
  ['varint', -129n, 'ff7f'],
  ['varint', 2n ** 63n, '008000000000000000'],
  ['varint', -(2n ** 63n), '8000000000000000'],
  ['varint', -(2n ** 63n) - 1n, 'ff7fffffffffffffff'],
  ['decimal', new Decimal(-5n, 3), '00000003 fb'],
  ['decimal', new Decimal(1n, -1), 'ffffffff 01'],
  ['double', -0, '8000000000000000'],
  ['float', 1.5, '3fc00000'],
  ['boolean', true, '01'],
  ['date', '1970-01-02', '80000001'],
  ['date', '-5877641-06-23', '00000000'],
  ['time', 86_399_999_999_999n, '00004e94914effff'],
  ['timestamp', new Date(-1), 'ffffffffffffffff'],
  ['inet', '127.0.0.1', '7f000001'],
  ['inet', '::1', '00000000000000000000000000000001'],
  ['uuid', '5132b130-ae79-41e4-ab27-0800200c9a66', '5132b130ae7941e4ab270800200c9a66'],
  ['text', 'é€😀', 'c3a9 e282ac f09f9880'],
  ['text', '', ''],
  ['ascii', 'az', '617a'],
  ['blob', Buffer.from([0, 255]), '00ff'],
  ['blob', Buffer.alloc(0), ''],
  ['list<int>', [1, 2], '00000002 00000004 00000001 00000004 00000002'],
  ['list<text>', [], '00000000'],
  ['set<text>', new Set(['a']), '00000001 00000001 61'],
  ['map<text, int>', new Map([['a', 1]]), '00000001 00000001 61 00000004 00000001'],
  ['map<text, int>', new Map(), '00000000'],
  ['tuple<int, text>', [1, null], '00000004 00000001 ffffffff'],
  ['address', { street: 'x', number: null, tags: new Set() }, '00000001 78 ffffffff 00000004 00000000'],
  ["'org.example.Own'", Buffer.from([1, 2]), '0102'],
];

for (const [type, value, bytes] of GOLDEN) {
  test(`${type} as ${bytes === '' ? 'no bytes' : bytes}`, () => {
    const codec = codecOf(type);
    assert.equal(encode(codec, value).toString('hex'), hex(bytes).toString('hex'));
    assert.deepEqual(decode(codec, hex(bytes)), value);
  });
}

test('elements of a vector that are longer than 127 bytes have longer lengths', () => {
  const codec = codecOf('vector<text, 3>');
  const value = ['a'.repeat(127), 'b'.repeat(128), 'c'.repeat(20_000)];
  const bytes = encode(codec, value);
  assert.equal(bytes[0], 127);
  assert.equal(bytes.subarray(128, 130).toString('hex'), '8080');
  assert.equal(bytes.subarray(258, 261).toString('hex'), 'c04e20');
  assert.deepEqual(decode(codec, bytes), value);
});

test('what is empty and has no word in its type is null', () => {
  for (const type of [
    'tinyint',
    'int',
    'bigint',
    'varint',
    'decimal',
    'float',
    'double',
    'boolean',
    'uuid',
    'timeuuid',
    'timestamp',
    'date',
    'time',
    'duration',
    'inet',
    'list<int>',
    'set<int>',
    'map<int, int>',
    'tuple<int>',
    'address',
    'vector<float, 2>',
    'vector<text, 2>',
  ]) {
    assert.equal(decode(codecOf(type), Buffer.alloc(0)), null, type);
  }
});

test('a user type or tuple that was written with fewer fields has nulls for the rest', () => {
  assert.deepEqual(decode(codecOf('address'), hex('00000001 78')), { street: 'x', number: null, tags: null });
  assert.deepEqual(decode(codecOf('tuple<int, text>'), hex('00000004 00000001')), [1, null]);
});

test('a value of 8 bytes became half a megabyte of nulls, if its type has that many parts', () => {
  const wide = (parts: number): Codec[] => [
    codecOf(`tuple<${Array(parts).fill('int').join(', ')}>`),
    registry.codecFor(
      udt('wide', Object.fromEntries(Array.from({ length: parts }, (_, i) => [`f${String(i)}`, 'int']))),
    ),
  ];
  const one = hex('00000004 00000001');
  for (const codec of wide(258)) assert.equal(Object.values(decode(codec, one) as object).length, 258);
  for (const parts of [259, 10_000]) {
    for (const codec of wide(parts)) {
      assert.throws(() => decode(codec, one), {
        name: 'ProtocolError',
        message: /^.{10,200} hold all but 256 of its parts$/,
      });
      // As a server sends what was written since, and what this client writes.
      const whole = Buffer.alloc(parts * 4, 0xff);
      assert.equal(Object.values(decode(codec, whole) as object).length, parts);
      const written = codec.type.kind === 'tuple' ? [1] : { f0: 1 };
      assert.equal(Object.values(decode(codec, encode(codec, written)) as object)[0], 1);
    }
  }
});

test('nulls inside of collections from a server are tolerated', () => {
  assert.deepEqual(decode(codecOf('list<int>'), hex('00000002 ffffffff 00000004 00000001')), [null, 1]);
  assert.deepEqual(decode(codecOf('map<int, int>'), hex('00000001 00000004 00000001 ffffffff')), new Map([[1, null]]));
});

test('a timestamp past the range of Date is an invalid Date, not another one', () => {
  const date = decode(codecOf('timestamp'), hex('7fffffffffffffff'));
  assert.ok(date instanceof Date && Number.isNaN(date.getTime()));
});

test('a blob is a copy that shares its memory with nothing', () => {
  const page = Buffer.alloc(100_000, 1);
  const blob = codecOf('blob').decode(page, 10, 3) as Buffer;
  page.fill(2);
  assert.deepEqual(blob, Buffer.from([1, 1, 1]));
  assert.equal(blob.buffer.byteLength, 3);
});
