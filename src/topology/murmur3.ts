/**
 * Cassandra's Murmur3Partitioner: the first 64 bits of MurmurHash3 x64-128 with seed 0 (Austin Appleby's public
 * definition), with two traits of Cassandra's own. The bytes of an unfinished last block are taken as signed, so that
 * one above 127 also sets all bits above its own; and the smallest 64-bit number, which marks the ring's start, is no
 * token: it becomes the largest.
 *
 * 64-bit numbers are pairs of 32-bit halves here, because arithmetic on bigint allocates and is ten times slower.
 */

const C1_HI = 0x87c37b91 | 0;
const C1_LO = 0x114253d5;
const C2_HI = 0x4cf5ad43;
const C2_LO = 0x2745937f;
const F1_HI = 0xff51afd7 | 0;
const F1_LO = 0xed558ccd | 0;
const F2_HI = 0xc4ceb9fe | 0;
const F2_LO = 0x1a85ec53;

/** The upper 32 bits of the product of two numbers taken as unsigned. */
function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const low = Math.imul(a0, b0);
  const mid1 = Math.imul(a0, b1);
  const mid2 = Math.imul(a1, b0);
  const carry = (low >>> 16) + (mid1 & 0xffff) + (mid2 & 0xffff);
  return (Math.imul(a1, b1) + (mid1 >>> 16) + (mid2 >>> 16) + (carry >>> 16)) | 0;
}

/** 1 if the sum of two low halves ran over its 32 bits. */
function carryOf(sum: number, addend: number): number {
  return sum >>> 0 < addend >>> 0 ? 1 : 0;
}

function readInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

/** The token of bytes[start, end) as two signed halves: out[0] the upper 32 bits, out[1] the lower. */
export function murmur3Halves(bytes: Uint8Array, start: number, end: number, out: Int32Array): void {
  const length = end - start;
  if (length === 0) {
    // Cassandra gives an empty key the ring's start itself.
    out[0] = 0x80000000 | 0;
    out[1] = 0;
    return;
  }

  let h1h = 0;
  let h1l = 0;
  let h2h = 0;
  let h2l = 0;
  let kh: number;
  let kl: number;
  let t: number;
  let at = start;

  for (const bodyEnd = start + (length & ~15); at < bodyEnd; at += 16) {
    // k1 *= c1; k1 = rotl(k1, 31); k1 *= c2; h1 ^= k1
    kl = readInt32(bytes, at);
    kh = (mulHigh(kl, C1_LO) + Math.imul(readInt32(bytes, at + 4), C1_LO) + Math.imul(kl, C1_HI)) | 0;
    kl = Math.imul(kl, C1_LO);
    t = (kh << 31) | (kl >>> 1);
    kl = (kl << 31) | (kh >>> 1);
    kh = t;
    h1h ^= mulHigh(kl, C2_LO) + Math.imul(kh, C2_LO) + Math.imul(kl, C2_HI);
    h1l ^= Math.imul(kl, C2_LO);
    // h1 = rotl(h1, 27) + h2
    t = (h1h << 27) | (h1l >>> 5);
    h1l = (h1l << 27) | (h1h >>> 5);
    h1l = (h1l + h2l) | 0;
    h1h = (t + h2h + carryOf(h1l, h2l)) | 0;
    // h1 = h1 * 5 + 0x52dce729
    h1h = (Math.imul(h1h, 5) + mulHigh(h1l, 5)) | 0;
    h1l = (Math.imul(h1l, 5) + 0x52dce729) | 0;
    h1h = (h1h + carryOf(h1l, 0x52dce729)) | 0;

    // k2 *= c2; k2 = rotl(k2, 33); k2 *= c1; h2 ^= k2
    kl = readInt32(bytes, at + 8);
    kh = (mulHigh(kl, C2_LO) + Math.imul(readInt32(bytes, at + 12), C2_LO) + Math.imul(kl, C2_HI)) | 0;
    kl = Math.imul(kl, C2_LO);
    t = (kl << 1) | (kh >>> 31);
    kl = (kh << 1) | (kl >>> 31);
    kh = t;
    h2h ^= mulHigh(kl, C1_LO) + Math.imul(kh, C1_LO) + Math.imul(kl, C1_HI);
    h2l ^= Math.imul(kl, C1_LO);
    // h2 = rotl(h2, 31) + h1
    t = (h2h << 31) | (h2l >>> 1);
    h2l = (h2l << 31) | (h2h >>> 1);
    h2l = (h2l + h1l) | 0;
    h2h = (t + h1h + carryOf(h2l, h1l)) | 0;
    // h2 = h2 * 5 + 0x38495ab5
    h2h = (Math.imul(h2h, 5) + mulHigh(h2l, 5)) | 0;
    h2l = (Math.imul(h2l, 5) + 0x38495ab5) | 0;
    h2h = (h2h + carryOf(h2l, 0x38495ab5)) | 0;
  }

  const rest = length & 15;
  if (rest > 8) {
    kh = 0;
    kl = 0;
    for (let i = rest - 1; i >= 8; i--) {
      const byte = ((bytes[at + i] ?? 0) << 24) >> 24;
      const shift = (i & 7) << 3;
      if (shift >= 32) {
        kh ^= byte << (shift - 32);
      } else {
        kl ^= byte << shift;
        kh ^= byte >> 31;
        if (shift > 0) kh ^= (byte >> 31) ^ (byte >> (32 - shift));
      }
    }
    // k2 *= c2; k2 = rotl(k2, 33); k2 *= c1; h2 ^= k2
    kh = (mulHigh(kl, C2_LO) + Math.imul(kh, C2_LO) + Math.imul(kl, C2_HI)) | 0;
    kl = Math.imul(kl, C2_LO);
    t = (kl << 1) | (kh >>> 31);
    kl = (kh << 1) | (kl >>> 31);
    kh = t;
    h2h ^= mulHigh(kl, C1_LO) + Math.imul(kh, C1_LO) + Math.imul(kl, C1_HI);
    h2l ^= Math.imul(kl, C1_LO);
  }
  if (rest > 0) {
    kh = 0;
    kl = 0;
    for (let i = rest > 8 ? 7 : rest - 1; i >= 0; i--) {
      const byte = ((bytes[at + i] ?? 0) << 24) >> 24;
      const shift = i << 3;
      if (shift >= 32) {
        kh ^= byte << (shift - 32);
      } else {
        kl ^= byte << shift;
        kh ^= byte >> 31;
        if (shift > 0) kh ^= (byte >> 31) ^ (byte >> (32 - shift));
      }
    }
    // k1 *= c1; k1 = rotl(k1, 31); k1 *= c2; h1 ^= k1
    kh = (mulHigh(kl, C1_LO) + Math.imul(kh, C1_LO) + Math.imul(kl, C1_HI)) | 0;
    kl = Math.imul(kl, C1_LO);
    t = (kh << 31) | (kl >>> 1);
    kl = (kl << 31) | (kh >>> 1);
    kh = t;
    h1h ^= mulHigh(kl, C2_LO) + Math.imul(kh, C2_LO) + Math.imul(kl, C2_HI);
    h1l ^= Math.imul(kl, C2_LO);
  }

  h1l ^= length;
  h2l ^= length;
  // h1 += h2; h2 += h1
  h1l = (h1l + h2l) | 0;
  h1h = (h1h + h2h + carryOf(h1l, h2l)) | 0;
  h2l = (h2l + h1l) | 0;
  h2h = (h2h + h1h + carryOf(h2l, h1l)) | 0;

  // Both through the final mix: k ^= k >>> 33; k *= f1; k ^= k >>> 33; k *= f2; k ^= k >>> 33
  h1l ^= h1h >>> 1;
  h1h = (mulHigh(h1l, F1_LO) + Math.imul(h1h, F1_LO) + Math.imul(h1l, F1_HI)) | 0;
  h1l = Math.imul(h1l, F1_LO);
  h1l ^= h1h >>> 1;
  h1h = (mulHigh(h1l, F2_LO) + Math.imul(h1h, F2_LO) + Math.imul(h1l, F2_HI)) | 0;
  h1l = Math.imul(h1l, F2_LO);
  h1l ^= h1h >>> 1;

  h2l ^= h2h >>> 1;
  h2h = (mulHigh(h2l, F1_LO) + Math.imul(h2h, F1_LO) + Math.imul(h2l, F1_HI)) | 0;
  h2l = Math.imul(h2l, F1_LO);
  h2l ^= h2h >>> 1;
  h2h = (mulHigh(h2l, F2_LO) + Math.imul(h2h, F2_LO) + Math.imul(h2l, F2_HI)) | 0;
  h2l = Math.imul(h2l, F2_LO);
  h2l ^= h2h >>> 1;

  h1l = (h1l + h2l) | 0;
  h1h = (h1h + h2h + carryOf(h1l, h2l)) | 0;
  if (h1l === 0 && h1h === (0x80000000 | 0)) {
    h1h = 0x7fffffff;
    h1l = -1;
  }
  out[0] = h1h;
  out[1] = h1l;
}

const halves = new Int32Array(2);

/** The token of bytes[start, end), as `SELECT token(...)` gives it. Sends of requests use the halves instead. */
export function murmur3Token(bytes: Uint8Array, start = 0, end: number = bytes.length): bigint {
  murmur3Halves(bytes, start, end, halves);
  return (BigInt(halves[0] ?? 0) << 32n) | BigInt((halves[1] ?? 0) >>> 0);
}
