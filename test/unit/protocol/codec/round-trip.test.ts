import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from '../../../../src/errors.js';
import { CqlDuration } from '../../../../src/values/duration.js';
import { Decimal } from '../../../../src/values/decimal.js';
import { inetText } from '../../../../src/values/inet.js';
import { dateText } from '../../../../src/values/calendar.js';
import { timeuuid } from '../../../../src/values/timeuuid.js';
import { cqlTypeName, type CqlType, type ScalarName } from '../../../../src/protocol/codec/cql-type.js';
import { decode, encode, registry } from './support.js';

const int = (bits: number): fc.Arbitrary<number> => fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const scale = int(32);

const SCALARS: Record<ScalarName, fc.Arbitrary<unknown>> = {
  ascii: fc.string({ unit: 'binary-ascii', maxLength: 40 }),
  bigint: int64,
  blob: fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
  boolean: fc.boolean(),
  counter: int64,
  date: int(32).map(dateText),
  decimal: fc.tuple(fc.bigInt(), scale).map(([unscaled, digits]) => new Decimal(unscaled, digits)),
  double: fc.double(),
  duration: fc
    .tuple(
      fc.nat(2 ** 31 - 1),
      fc.nat(2 ** 31 - 1),
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      fc.constantFrom(1, -1),
    )
    .map(([months, days, nanos, sign]) => new CqlDuration(months * sign, days * sign, nanos * BigInt(sign))),
  float: fc.float(),
  inet: fc.oneof(bytes(4), bytes(16)).map(inetText),
  int: int(32),
  smallint: int(16),
  text: fc.string({ unit: 'binary', maxLength: 40 }),
  time: fc.bigInt({ min: 0n, max: 86_399_999_999_999n }),
  timestamp: fc.date({ noInvalidDate: true }),
  timeuuid: fc.integer({ min: 0, max: 4e12 }).map((ms) => timeuuid(ms)),
  tinyint: int(8),
  uuid: fc.uuid(),
  varint: fc.oneof(fc.bigInt(), int64, fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n })),
};

interface Sample {
  readonly type: CqlType;
  readonly value: unknown;
}

const scalarSample: fc.Arbitrary<Sample> = fc
  .constantFrom(...(Object.keys(SCALARS) as ScalarName[]))
  .chain((name) => SCALARS[name].map((value) => ({ type: { kind: 'scalar', name } as const, value })));

/** A type and a value of it, nested up to `depth`. */
function sample(depth: number): fc.Arbitrary<Sample> {
  if (depth === 0) return scalarSample;
  const inner = sample(depth - 1);
  return fc.oneof<fc.Arbitrary<Sample>[]>(
    inner.map(({ type, value }) => ({ type: { kind: 'list', element: type, frozen: true }, value: [value, value] })),
    inner.map(({ type, value }) => ({ type: { kind: 'set', element: type, frozen: false }, value: new Set([value]) })),
    fc.tuple(scalarSample, inner).map(([key, { type, value }]) => ({
      type: { kind: 'map', key: key.type, value: type, frozen: false },
      value: new Map([[key.value, value]]),
    })),
    fc.tuple(inner, scalarSample).map(([one, other]) => ({
      type: { kind: 'tuple', elements: [one.type, other.type, other.type] },
      value: [one.value, null, other.value],
    })),
    fc.tuple(inner, scalarSample).map(([one, other]) => ({
      type: {
        kind: 'udt',
        keyspace: 'ks',
        name: 'u',
        frozen: true,
        fields: [
          { name: '__proto__', type: one.type },
          { name: 'constructor', type: other.type },
          { name: 'Missing', type: other.type },
        ],
      },
      value: Object.fromEntries([
        ['__proto__', one.value],
        ['constructor', other.value],
        ['Missing', null],
      ]),
    })),
    inner
      // Floats in a vector come as Float32Array.
      .filter(({ type }) => type.kind !== 'scalar' || type.name !== 'float')
      .map(({ type, value }) => ({
        type: { kind: 'vector', element: type, dimension: 3 },
        value: [value, value, value],
      })),
  );
}

for (const depth of [0, 1, 2, 5]) {
  test(`every value is read back as it was bound, nested ${String(depth)} deep`, () => {
    fc.assert(
      fc.property(sample(depth), ({ type, value }) => {
        const codec = registry.codecFor(type);
        const written = encode(codec, value);
        if (codec.fixedSize >= 0) assert.equal(written.length, codec.fixedSize);
        assert.deepStrictEqual(decode(codec, written), value, cqlTypeName(type));
      }),
      { numRuns: 400 },
    );
  });
}

test('bytes behind the last part of a value were ignored in lists, sets and maps', () => {
  fc.assert(
    fc.property(
      sample(2).filter(({ type }) => type.kind !== 'scalar'),
      fc.uint8Array({ minLength: 1, maxLength: 9 }),
      ({ type, value }, behind) => {
        const codec = registry.codecFor(type);
        assert.throws(() => decode(codec, Buffer.concat([encode(codec, value), behind])), ProtocolError);
      },
    ),
  );
});

test('vectors of floats are read back bit by bit, from a Float32Array or an array', () => {
  fc.assert(
    fc.property(fc.array(fc.float(), { minLength: 1, maxLength: 300 }), (list) => {
      const codec = registry.codecFor({
        kind: 'vector',
        element: { kind: 'scalar', name: 'float' },
        dimension: list.length,
      });
      const floats = Float32Array.from(list);
      assert.deepStrictEqual(decode(codec, encode(codec, floats)), floats);
      assert.deepStrictEqual(decode(codec, encode(codec, list)), floats);
    }),
  );
});

test('a Float32Array that is a part of another is bound as that part', () => {
  const codec = registry.codecFor({ kind: 'vector', element: { kind: 'scalar', name: 'float' }, dimension: 2 });
  assert.deepStrictEqual(
    decode(codec, encode(codec, Float32Array.of(9, 1, 2, 9).subarray(1, 3))),
    Float32Array.of(1, 2),
  );
});
