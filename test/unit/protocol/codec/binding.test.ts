import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { InvalidParameter } from '../../../../src/errors.js';
import { CqlDuration } from '../../../../src/values/duration.js';
import { Decimal } from '../../../../src/values/decimal.js';
import { codecOf, decode, encode, registry, udt } from './support.js';

/** Looks as one of Temporal's, of which Node 20 has none. */
function temporal(tag: string, text: string): object {
  return { [Symbol.toStringTag]: tag, toString: () => text };
}

const long = (low: number, high: number): object => ({ low, high, unsigned: false });
const integer = { bits_: [-1821814770, 1692462943, -6693], sign_: -1 };

class Big {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

const ACCEPTED: [type: string, value: unknown, read: unknown][] = [
  ['tinyint', 5n, 5],
  ['int', -0, 0],
  ['bigint', 9_007_199_254_740_991, 9_007_199_254_740_991n],
  ['bigint', '-9223372036854775808', -(2n ** 63n)],
  ['bigint', '+7', 7n],
  ['counter', '12', 12n],
  ['varint', '123456789012345678901234567890', 123456789012345678901234567890n],
  ['float', Number.NaN, Number.NaN],
  ['float', -Infinity, -Infinity],
  ['double', Infinity, Infinity],
  ['decimal', '1.50', new Decimal(150n, 2)],
  ['decimal', 0.1, new Decimal(1n, 1)],
  ['decimal', 12n, new Decimal(12n, 0)],
  ['decimal', new Big('-1.5e3'), new Decimal(-15n, -2)],
  ['uuid', '5132B130-AE79-41E4-AB27-0800200C9A66', '5132b130-ae79-41e4-ab27-0800200c9a66'],
  ['uuid', Buffer.alloc(16, 1), '01010101-0101-0101-0101-010101010101'],
  ['timestamp', 1_700_000_000_000, new Date(1_700_000_000_000)],
  ['timestamp', -1n, new Date(-1)],
  ['timestamp', '2026-01-31T12:00:00+01:00', new Date('2026-01-31T11:00:00Z')],
  ['timestamp', temporal('Temporal.Instant', '2026-01-31T12:00:00.123456789Z'), new Date('2026-01-31T12:00:00.123Z')],
  ['date', new Date('2026-01-31T23:59:59Z'), '2026-01-31'],
  ['date', new Date('1969-12-31T23:59:59Z'), '1969-12-31'],
  ['date', temporal('Temporal.PlainDate', '2026-01-31[u-ca=japanese]'), '2026-01-31'],
  ['time', '01:02:03.000000004', 3_723_000_000_004n],
  ['time', temporal('Temporal.PlainTime', '01:02:03'), 3_723_000_000_000n],
  ['duration', 'P1M', new CqlDuration(1, 0, 0n)],
  ['inet', '2001:DB8::0:1', '2001:db8::1'],
  ['blob', new Uint8Array([1, 2, 3]).subarray(1), Buffer.from([2, 3])],
  ['blob', new Uint8Array([1, 2]).buffer, Buffer.from([1, 2])],
  ['list<int>', new Set([1, 2]), [1, 2]],
  ['list<int>', Int8Array.of(1, 2), [1, 2]],
  ['set<int>', [2, 1], new Set([2, 1])],
  ['map<text, int>', { a: 1, constructor: 2 }, new Map([['a', 1], ['constructor', 2]])], // prettier-ignore
  ['map<int, boolean>', { 7: true }, new Map([[7, true]])],
  ['map<bigint, int>', { '-7': 1 }, new Map([[-7n, 1]])],
  ['map<boolean, int>', { true: 1 }, new Map([[true, 1]])],
  ['map<text, int>', Object.create(null), new Map()],
  ['tuple<int, text>', [1], [1, null]],
  ['tuple<int, text>', [undefined, 'a'], [null, 'a']],
  ['address', { number: 5, other: undefined }, { street: null, number: 5, tags: null }],
  ['address', { street: undefined }, { street: null, number: null, tags: null }],
  ['address', {}, { street: null, number: null, tags: null }],
  ['vector<float, 2>', new Float64Array([1, 2]), Float32Array.of(1, 2)],
  ['vector<int, 2>', [1, 2], [1, 2]],
  // As cassandra-driver's objects look.
  ['uuid', { buffer: Buffer.alloc(16, 2) }, '02020202-0202-0202-0202-020202020202'],
  ['timeuuid', { buffer: Buffer.from('5132b130ae7911e4ab270800200c9a66', 'hex') }, '5132b130-ae79-11e4-ab27-0800200c9a66'], // prettier-ignore
  ['bigint', long(2045911175, -28745), -123456789012345n],
  ['counter', long(-1, 0), 4294967295n],
  ['timestamp', long(5, 0), new Date(5)],
  ['varint', integer, -123456789012345678901234n],
  ['varint', { bits_: [5], sign_: 0 }, 5n],
  ['decimal', { _intVal: { bits_: [-12345], sign_: -1 }, _scale: 3 }, new Decimal(-12345n, 3)],
  ['date', { date: new Date('2020-01-02T00:00:00Z'), _value: null, year: 2020, month: 1, day: 2 }, '2020-01-02'],
  ['date', { date: new Date(Number.NaN), _value: 2 ** 31 - 1, year: Number.NaN, month: 0, day: 0 }, '+5881580-07-11'],
  ['time', { value: long(1692683541, 8538), hour: 10, minute: 11, second: 12, nanosecond: 123456789 }, 36672123456789n],
  ['duration', { months: 14, days: 3, nanoseconds: long(-1025343488, 3352) }, CqlDuration.parse('1y2mo3d4h')],
  ['inet', { buffer: Buffer.from([127, 0, 0, 1]), length: 4, version: 4 }, '127.0.0.1'],
  ['tuple<int, text>', { elements: [1, 'a'], length: 2 }, [1, 'a']],
  ['vector<float, 2>', { elements: [1, 2], length: 2, subtype: 'float' }, Float32Array.of(1, 2)],
];

for (const [i, [type, value, read]] of ACCEPTED.entries()) {
  test(`a ${type} takes one more form (${String(i)})`, () => {
    assert.deepStrictEqual(decode(codecOf(type), encode(codecOf(type), value)), read);
  });
}

const SECRET = 'sEcReT';
const secretObject = { secret: SECRET };
const REFUSED: [type: string, ...values: unknown[]][] = [
  ['tinyint', 128, -129, 128n, 1.5, Number.NaN, '5', true, null, secretObject],
  ['smallint', 32_768, -32_769],
  ['int', 2_147_483_648, -2_147_483_649, 2n ** 40n, Infinity, SECRET, [], new Date(0), long(5, 0)],
  ['bigint', 2n ** 63n, -(2n ** 63n) - 1n, 2 ** 53, 1.5, '1.5', '', '0x10', SECRET, '9223372036854775808', true, {}],
  ['varint', 1e20, '12a', SECRET, '9'.repeat(10_001), Symbol(SECRET)],
  ['float', '1', 1n, 1e300, -3.5e38, null],
  ['double', '1', 1n, SECRET],
  ['decimal', 'abc', SECRET, Number.NaN, Infinity, {}, [1], new Date(0), true, new Big(SECRET), Buffer.from('12')],
  ['boolean', 1, 0, 'true', SECRET, null],
  ['text', 1, 1n, true, Buffer.from(SECRET), secretObject, `${SECRET}\ud800`, '\udc00', `${SECRET.repeat(9)}\ud800`],
  ['ascii', 'é', `${SECRET}\u0080`, 5],
  ['uuid', SECRET, '', Buffer.alloc(15), 5, secretObject, '5132b130-ae79-41e4-ab27-0800200c9a6x'],
  ['timeuuid', '5132b130-ae79-41e4-ab27-0800200c9a66', Buffer.alloc(16)],
  [
    'timestamp',
    new Date(Number.NaN),
    1.5,
    1e300,
    2n ** 63n,
    SECRET,
    '2026-01-31T12:00:00',
    '2026-02-30',
    true,
    secretObject,
  ],
  ['date', new Date(Number.NaN), SECRET, '2026-02-30', 20_000, 5n, temporal('Temporal.PlainTime', '01:02:03')],
  ['time', -1n, 86_400_000_000_000n, 5, SECRET, '24:00:00', new Date(0)],
  ['duration', SECRET, 5, { months: 1, days: -1, nanoseconds: 0n }, '1y-2mo', secretObject],
  ['inet', SECRET, '1.2.3', 5, { buffer: Buffer.alloc(5) }],
  ['blob', SECRET, [1, 2], 5, new DataView(new ArrayBuffer(2)), Float32Array.of(1)],
  ["'org.example.Own'", SECRET, 5],
  ['list<int>', SECRET, 5, { 0: 1 }, [1, null], [undefined], [SECRET]],
  ['set<text>', SECRET, new Set([1]), new Set([null]), { a: 1 }],
  ['map<text, int>', [['a', 1]], new Set(), SECRET, { a: null }, { [SECRET]: SECRET }, new Map([[null, 1]]), new Map([['a', undefined]]), new Date(0)], // prettier-ignore
  ['tuple<int, text>', SECRET, [1, 'a', 2], { 0: 1 }, ['x'], new Set([1])],
  [
    'address',
    SECRET,
    [],
    new Date(0),
    new Map(),
    secretObject,
    { street: 5 },
    { number: 5, other: SECRET },
    { number: SECRET },
  ],
  ['vector<float, 2>', [1], [1, 2, 3], Float32Array.of(1), [1, '2'], [1, null], [1, 1e300], SECRET, new Set([1, 2])],
  ['vector<text, 2>', ['a', null], ['a'], ['a', 5], SECRET],
  ['list<frozen<map<text, frozen<address>>>>', [{ home: { number: SECRET } }]],
];

for (const [type, ...values] of REFUSED) {
  test(`what is no ${type} is refused, and not shown`, () => {
    for (const [i, value] of values.entries()) {
      assert.throws(
        () => encode(codecOf(type), value),
        (error: unknown) => {
          assert.ok(error instanceof InvalidParameter, `${type} ${String(i)}: ${String(error)}`);
          assert.ok(!error.message.includes(SECRET), error.message);
          return true;
        },
        `${type} ${String(i)}`,
      );
    }
  });
}

test('a refusal says what kind of value came, and of a range only where there is one', () => {
  const kinds: [type: string, value: unknown, got: string][] = [
    ['boolean', 1, 'a number'],
    ['boolean', 1.5, 'a number'],
    ['text', 5, 'a number'],
    ['text', new Date(0), 'a Date'],
    ['date', 20_000, 'a number'],
    ['time', 5, 'a number'],
    ['double', 1n, 'a bigint'],
    ['uuid', 5, 'a number'],
    ['tinyint', 128, 'a number out of range'],
    ['tinyint', 128n, 'a bigint out of range'],
    ['int', 1.5, 'a number that is not integral'],
    ['int', new Date(0), 'a Date'],
    ['bigint', 2 ** 53, 'a number past the safe integers'],
    ['bigint', 2n ** 63n, 'a bigint out of range'],
    ['timestamp', 1e300, 'a number out of range'],
    ['timestamp', new Date(Number.NaN), 'an invalid Date'],
    ['date', new Date(Number.NaN), 'an invalid Date'],
    ['decimal', Infinity, 'a number that is not finite'],
  ];
  for (const [type, value, got] of kinds) {
    assert.throws(
      () => encode(codecOf(type), value),
      (error: Error) => error.message.endsWith(`, got ${got}`),
      `${type}: ${got}`,
    );
  }
});

test('a refusal says where in a nested value it happened', () => {
  assert.throws(() => encode(codecOf('list<frozen<map<text, frozen<address>>>>'), [{}, { home: { number: 'x' } }]), {
    message:
      "element 1 (frozen<map<text, frozen<address>>>): entry 0: field 'number' (int): " +
      'expected an integral number or bigint from -2147483648 to 2147483647, got a string',
  });
});

test('an exception of the user is kept as the cause', () => {
  const cause = new Error('no street');
  const value = {
    get street(): string {
      throw cause;
    },
  };
  assert.throws(() => encode(codecOf('address'), value), { name: 'InvalidParameter', cause });
});

test('a plain object is a map of its own enumerable names, integers first', () => {
  const codec = codecOf('map<text, int>');
  const base = Object.assign(Object.create(null) as object, { inherited: 1 });
  const map = Object.assign(Object.create(base) as object, { b: 1, 2: 2, a: 3, 1: 4 });
  Object.defineProperty(map, 'hidden', { value: 5, enumerable: false });
  Object.assign(map, { [Symbol('symbol')]: 6 });
  const written = decode(codec, encode(codec, map));
  assert.deepEqual(written, new Map([['1', 4], ['2', 2], ['b', 1], ['a', 3]])); // prettier-ignore
  assert.deepEqual([...written.keys()], ['1', '2', 'b', 'a']);
  const own = { hasOwnProperty: 1, ['__proto__']: 2 };
  assert.deepEqual(decode(codec, encode(codec, own)), new Map([['hasOwnProperty', 1], ['__proto__', 2]])); // prettier-ignore
});

test('a list whose elements change its length while it is read has as many as were written', () => {
  const growing: unknown[] = [1];
  Object.defineProperty(growing, 1, {
    configurable: true,
    enumerable: true,
    get: () => {
      growing.length = 2;
      return 2;
    },
  });
  growing[2] = 3;
  assert.deepEqual(decode(codecOf('list<int>'), encode(codecOf('list<int>'), growing)), [1, 2]);
});

test('bytes whose memory is gone are refused, and not stored as empty', () => {
  const transferred = Uint8Array.of(1, 2, 3);
  // TypeScript's library of Node 20 does not know of them yet.
  const Resizable = ArrayBuffer as unknown as new (
    size: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(size: number): void };
  const shrinking = new Resizable(8, { maxByteLength: 16 });
  const cutOff = new Uint8Array(shrinking, 4, 4);
  structuredClone(transferred.buffer, { transfer: [transferred.buffer] });
  shrinking.resize(6);
  for (const bytes of [transferred, cutOff, transferred.buffer]) {
    for (const [type, value] of [
      ['blob', bytes],
      ["'org.example.Own'", bytes],
      ['list<blob>', [Buffer.of(1), bytes]],
      ['map<text, blob>', { a: bytes }],
      ['vector<blob, 1>', [bytes]],
    ] as const) {
      assert.throws(() => encode(codecOf(type), value), {
        name: 'InvalidParameter',
        message: /got one whose memory was transferred or cut off/,
      });
    }
  }
  for (const empty of [Buffer.alloc(0), new Uint8Array(0), new ArrayBuffer(0)]) {
    assert.equal(encode(codecOf('blob'), empty).length, 0);
  }
});

test('a built-in object that happens to have a property of that name is no value of a user type', () => {
  const type = udt('dims', { size: 'int', length: 'int', byteLength: 'int', source: 'text', host: 'text' });
  const codec = registry.codecFor(type);
  class Bag extends Map {}
  for (const value of [
    new Map([['size', 4]]),
    new Set([1, 2]),
    new Bag(),
    new Date(0),
    new ArrayBuffer(2),
    new SharedArrayBuffer(2),
    new DataView(new ArrayBuffer(2)),
    Buffer.of(1),
    Float32Array.of(1),
    new Blob(['abc']),
    new File(['abc'], 'size'),
    new URL('http://size/'),
    new URLSearchParams('a=b'),
    /a/,
    Promise.resolve(),
    Object('text'),
    vm.runInNewContext('new Map([["size", 4]])'),
  ]) {
    assert.throws(() => encode(codec, value), { name: 'InvalidParameter', message: /an object with fields of dims/ });
  }
  class Dims {
    #size = 5;
    get size(): number {
      return this.#size;
    }
  }
  /** A class of the user's may be called as it likes. */
  class Tagged extends Dims {
    readonly [Symbol.toStringTag] = 'Blob';
  }
  const dims = { size: 5, length: null, byteLength: null, source: null, host: null };
  for (const value of [new Dims(), new Tagged(), { size: 5 }, Object.assign(new Error('e'), { size: 5 })]) {
    assert.deepEqual(decode(codec, encode(codec, value)), dims);
  }
});

test('a plain object of another realm has no other fields than its user type either', () => {
  const codec = codecOf('address');
  const given = vm.runInNewContext("({ street: 'a', number: 5 })") as object;
  assert.deepEqual(decode(codec, encode(codec, given)), { street: 'a', number: 5, tags: null });
  assert.throws(
    () => encode(codec, vm.runInNewContext("({ street: 'a', numbr: 5 })")),
    /'numbr', which is none of them/,
  );
});
