import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { murmur3Halves, murmur3Token } from '../../../src/topology/murmur3.js';

/** Written from the algorithm's definition, with arithmetic that cannot overflow. */
function referenceToken(bytes: Uint8Array): bigint {
  const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
  const rotl = (value: bigint, by: bigint): bigint => wrap((value << by) | (value >> (64n - by)));
  const mix = (value: bigint): bigint => {
    let k = value;
    k ^= k >> 33n;
    k = wrap(k * 0xff51afd7ed558ccdn);
    k ^= k >> 33n;
    k = wrap(k * 0xc4ceb9fe1a85ec53n);
    return k ^ (k >> 33n);
  };
  const c1 = 0x87c37b91114253d5n;
  const c2 = 0x4cf5ad432745937fn;
  const view = Buffer.from(bytes);
  const whole = Math.floor(bytes.length / 16);
  let h1 = 0n;
  let h2 = 0n;
  for (let block = 0; block < whole; block++) {
    const k1 = view.readBigUInt64LE(block * 16);
    const k2 = view.readBigUInt64LE(block * 16 + 8);
    h1 ^= wrap(rotl(wrap(k1 * c1), 31n) * c2);
    h1 = wrap(wrap(rotl(h1, 27n) + h2) * 5n + 0x52dce729n);
    h2 ^= wrap(rotl(wrap(k2 * c2), 33n) * c1);
    h2 = wrap(wrap(rotl(h2, 31n) + h1) * 5n + 0x38495ab5n);
  }
  const tail = view.subarray(whole * 16);
  let k1 = 0n;
  let k2 = 0n;
  // Cassandra widens each byte of the tail with its sign before it is shifted into place.
  for (let i = tail.length - 1; i >= 8; i--) k2 ^= wrap(BigInt(tail.readInt8(i)) << BigInt(8 * (i - 8)));
  for (let i = Math.min(tail.length, 8) - 1; i >= 0; i--) k1 ^= wrap(BigInt(tail.readInt8(i)) << BigInt(8 * i));
  h2 ^= wrap(rotl(wrap(k2 * c2), 33n) * c1);
  h1 ^= wrap(rotl(wrap(k1 * c1), 31n) * c2);

  h1 ^= BigInt(bytes.length);
  h2 ^= BigInt(bytes.length);
  h1 = wrap(h1 + h2);
  h2 = wrap(h2 + h1);
  h1 = mix(h1);
  h2 = mix(h2);
  const token = BigInt.asIntN(64, h1 + h2);
  return token === -(2n ** 63n) ? 2n ** 63n - 1n : token;
}

test("Cassandra's own tokens of some keys", () => {
  assert.equal(murmur3Token(Buffer.from('hello')), -3758069500696749310n);
  assert.equal(murmur3Token(Buffer.from([0, 0, 0, 1])), -4069959284402364209n);
});

test('an empty key is the start of the ring', () => {
  assert.equal(murmur3Token(Buffer.alloc(0)), -(2n ** 63n));
});

test('every length with every place of a byte above 127 agrees with the definition', () => {
  for (let length = 1; length <= 48; length++) {
    for (let at = 0; at < length; at++) {
      const bytes = Buffer.alloc(length, 0x11);
      bytes[at] = 0x80 + at;
      assert.equal(murmur3Token(bytes), referenceToken(bytes), bytes.toString('hex'));
    }
  }
});

test('random keys agree with the definition, wherever they lie in a buffer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat({ max: 20 }), (key, offset) => {
      const buffer = new Uint8Array(offset + key.length + 3).fill(0xee);
      buffer.set(key, offset);
      assert.equal(murmur3Token(buffer, offset, offset + key.length), referenceToken(key));
    }),
    { numRuns: 3000 },
  );
});

test('keys of nothing but small, large or mixed bytes agree with the definition', () => {
  const byte = fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff);
  fc.assert(
    fc.property(fc.array(byte, { minLength: 1, maxLength: 40 }), (bytes) => {
      const key = Uint8Array.from(bytes);
      assert.equal(murmur3Token(key), referenceToken(key));
    }),
    { numRuns: 3000 },
  );
});

test('the halves are the token', () => {
  const out = new Int32Array(2);
  const key = Buffer.from('some key');
  murmur3Halves(key, 0, key.length, out);
  const [high = 0, low = 0] = out;
  assert.equal((BigInt(high) << 32n) | BigInt(low >>> 0), murmur3Token(key));
});
