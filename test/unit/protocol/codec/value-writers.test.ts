import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from '../../../../src/protocol/byte-writer.js';
import { writeValue, type Codec } from '../../../../src/protocol/codec/codec.js';
import { CodecRegistry } from '../../../../src/protocol/codec/registry.js';
import { valueWriterOf, type ValueWriter } from '../../../../src/protocol/codec/value-writers.js';
import { codecOf } from './support.js';

/** What is written, or the refusal: both ways to write must agree in either. */
function outcome(write: ValueWriter, value: unknown): string {
  // Too small for anything, so that growing is part of every case.
  const writer = new ByteWriter(1);
  try {
    write(value, writer);
  } catch (error) {
    return String(error);
  }
  return writer.toBuffer().toString('hex');
}

function assertAgreement(codec: Codec, value: unknown): void {
  const byCodec: ValueWriter = (given, writer) => {
    writeValue(codec, given, writer);
  };
  assert.equal(outcome(valueWriterOf(codec), value), outcome(byCodec, value));
}

const OWN_WRITERS = ['int', 'bigint', 'counter', 'double', 'boolean', 'timestamp', 'text', 'uuid'];
const EDGES: unknown[] = [
  null,
  undefined,
  -0,
  NaN,
  Infinity,
  0.5,
  ...[31, 32, 53, 63].flatMap((power) => [2 ** power, -(2 ** power), 2 ** power - 1, -(2 ** power) - 1]),
  ...[31n, 53n, 63n, 64n].flatMap((power) => [2n ** power, -(2n ** power), 2n ** power - 1n, -(2n ** power) - 1n]),
  true,
  '',
  '12',
  '5132B130-AE79-41E4-AB27-0800200C9A66',
  '5132b130-ae79-41e4-ab27-0800200c9a6x',
  '2026-01-31T12:00:00Z',
  Buffer.alloc(16, 7),
  new Date(0),
  new Date(-1),
  new Date(8.64e15),
  new Date(NaN),
  new Proxy(new Date(0), {}),
  { low: 1, high: 2 },
  [],
  {},
];

for (const type of OWN_WRITERS) {
  test(`the writer of ${type} and its codec agree`, () => {
    const codec = codecOf(type);
    for (const value of EDGES) assertAgreement(codec, value);
    const any = fc.oneof(
      fc.anything({ withBigInt: true, withDate: true }),
      fc.double(),
      fc.maxSafeInteger(),
      fc.uuid(),
    );
    fc.assert(
      fc.property(any, (value) => {
        assertAgreement(codec, value);
      }),
    );
  });
}

test('texts of every length around the native writer, past ASCII at any place', () => {
  const codec = codecOf('text');
  for (let length = 0; length < 40; length++) {
    const ascii = 'abcdefghij'.repeat(4).slice(0, length);
    assertAgreement(codec, ascii);
    for (let place = 0; place < length; place++) {
      for (const other of ['\x7f', '\x80', 'ż', '語', '\ud83d\ude00', '\ud83d', '\ude00']) {
        assertAgreement(codec, ascii.slice(0, place) + other + ascii.slice(place + 1));
      }
    }
  }
});

test('bigint and counter are written alike, however they are read', () => {
  for (const int64 of ['bigint', 'number', 'string'] as const) {
    const registry = new CodecRegistry({ int64 });
    for (const name of ['bigint', 'counter'] as const) {
      const codec = registry.codecFor({ kind: 'scalar', name });
      for (const value of EDGES) assertAgreement(codec, value);
    }
  }
});

test('a codec of the user is asked for every value', () => {
  const registry = new CodecRegistry({
    codecs: [{ type: 'int', encode: (value) => Number(value) + 1, decode: (value) => value }],
  });
  assert.equal(outcome(valueWriterOf(codecOf('int', registry)), 1), '0000000400000002');
  assert.equal(outcome(valueWriterOf(codecOf('list<int>', registry)), [1]), '0000000c000000010000000400000002');
});
