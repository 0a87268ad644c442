/**
 * Cassandra's Murmur3Partitioner: the first 64 bits of MurmurHash3 x64-128 with seed 0 (Austin Appleby's public
 * definition), with two traits of Cassandra's own. The bytes of an unfinished last block are taken as signed, so that
 * one above 127 also sets all bits above its own; and the smallest 64-bit number, which marks the ring's start, is no
 * token: it becomes the largest.
 *
 * 64-bit numbers are pairs of 32-bit halves here, because arithmetic on bigint allocates and is ten times slower.
 */

const { imul } = Math;

const TWO_TO_MINUS_32 = 2 ** -32;

const C1_HI = 0x87c37b91 | 0;
const C1_LO = 0x114253d5;
const C2_HI = 0x4cf5ad43;
const C2_LO = 0x2745937f;
const F1_HI = 0xff51afd7 | 0;
const F1_LO = 0xed558ccd | 0;
const F2_HI = 0xc4ceb9fe | 0;
const F2_LO = 0x1a85ec53;

/**
 * The upper 32 bits of the product of two numbers taken as unsigned. A product of doubles is off by less than 2^11;
 * less the exact lower half it is therefore so near to a multiple of 2^32 that rounding gives the upper half exactly.
 */
function mulHigh(a: number, b: number): number {
  return (((a >>> 0) * (b >>> 0) - (imul(a, b) >>> 0)) * TWO_TO_MINUS_32 + 0.5) | 0;
}

/** 1 if the sum of two low halves ran over its 32 bits. */
function carryOf(sum: number, addend: number): number {
  return sum >>> 0 < addend >>> 0 ? 1 : 0;
}

function readInt32(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

/**
 * The bits that a word's bytes flip in the bytes above their own when they are taken as signed: byte n is all ones if
 * an odd number of the bytes below it are negative.
 */
function signFlips(word: number): number {
  const signs = (word >>> 7) & 0x01010101;
  return imul(imul(signs, 0x01010100) & 0x01010101, 0xff);
}

/** All ones if an odd number of a word's bytes are negative. */
function flipsAbove(word: number): number {
  const signs = (word >>> 7) & 0x01010101;
  return -((imul(signs, 0x01010101) >>> 24) & 1);
}

/**
 * h1 and h2, upper half first. Kept here and not in local variables, so that each step can be a function of its own:
 * V8 limits how much it inlines into one, and past that limit each multiplication would be a call.
 */
const state = new Int32Array(4);

/** One block of 16 bytes. */
function mixBlock(bytes: Uint8Array, at: number): void {
  let h1h = state[0] ?? 0;
  let h1l = state[1] ?? 0;
  let h2h = state[2] ?? 0;
  let h2l = state[3] ?? 0;

  // k1 *= c1; k1 = rotl(k1, 31); k1 *= c2; h1 ^= k1
  let low = readInt32(bytes, at);
  let high = (mulHigh(low, C1_LO) + imul(readInt32(bytes, at + 4), C1_LO) + imul(low, C1_HI)) | 0;
  low = imul(low, C1_LO);
  let t = (high << 31) | (low >>> 1);
  low = (low << 31) | (high >>> 1);
  h1h ^= mulHigh(low, C2_LO) + imul(t, C2_LO) + imul(low, C2_HI);
  h1l ^= imul(low, C2_LO);
  // h1 = rotl(h1, 27) + h2
  t = (h1h << 27) | (h1l >>> 5);
  h1l = (h1l << 27) | (h1h >>> 5);
  h1l = (h1l + h2l) | 0;
  h1h = (t + h2h + carryOf(h1l, h2l)) | 0;
  // h1 = h1 * 5 + 0x52dce729
  t = (h1l + (h1l << 2)) | 0;
  h1h = (imul(h1h, 5) + (h1l >>> 30) + carryOf(t, h1l)) | 0;
  h1l = (t + 0x52dce729) | 0;
  h1h = (h1h + carryOf(h1l, 0x52dce729)) | 0;

  // k2 *= c2; k2 = rotl(k2, 33); k2 *= c1; h2 ^= k2
  low = readInt32(bytes, at + 8);
  high = (mulHigh(low, C2_LO) + imul(readInt32(bytes, at + 12), C2_LO) + imul(low, C2_HI)) | 0;
  low = imul(low, C2_LO);
  t = (low << 1) | (high >>> 31);
  low = (high << 1) | (low >>> 31);
  h2h ^= mulHigh(low, C1_LO) + imul(t, C1_LO) + imul(low, C1_HI);
  h2l ^= imul(low, C1_LO);
  // h2 = rotl(h2, 31) + h1
  t = (h2h << 31) | (h2l >>> 1);
  h2l = (h2l << 31) | (h2h >>> 1);
  h2l = (h2l + h1l) | 0;
  h2h = (t + h1h + carryOf(h2l, h1l)) | 0;
  // h2 = h2 * 5 + 0x38495ab5
  t = (h2l + (h2l << 2)) | 0;
  h2h = (imul(h2h, 5) + (h2l >>> 30) + carryOf(t, h2l)) | 0;
  h2l = (t + 0x38495ab5) | 0;
  h2h = (h2h + carryOf(h2l, 0x38495ab5)) | 0;

  state[0] = h1h;
  state[1] = h1l;
  state[2] = h2h;
  state[3] = h2l;
}

/** Up to four bytes from `at`, none from `end` on. */
function readRest(bytes: Uint8Array, at: number, end: number): number {
  let word = 0;
  for (let i = at, shift = 0; i < end && shift < 32; i++, shift += 8) word |= (bytes[i] ?? 0) << shift;
  return word;
}

/** The last, unfinished block of 1 to 15 bytes, which are taken as signed. */
function mixRest(bytes: Uint8Array, at: number, end: number): void {
  // k1 *= c1; k1 = rotl(k1, 31); k1 *= c2; h1 ^= k1
  let low = end - at < 4 ? readRest(bytes, at, end) : readInt32(bytes, at);
  let high = end - at < 8 ? readRest(bytes, at + 4, end) : readInt32(bytes, at + 4);
  if (((low | high) & 0x80808080) !== 0) {
    high ^= signFlips(high) ^ flipsAbove(low);
    low ^= signFlips(low);
  }
  high = (mulHigh(low, C1_LO) + imul(high, C1_LO) + imul(low, C1_HI)) | 0;
  low = imul(low, C1_LO);
  let t = (high << 31) | (low >>> 1);
  low = (low << 31) | (high >>> 1);
  state[0] = (state[0] ?? 0) ^ (mulHigh(low, C2_LO) + imul(t, C2_LO) + imul(low, C2_HI));
  state[1] = (state[1] ?? 0) ^ imul(low, C2_LO);
  if (end - at <= 8) return;

  // k2 *= c2; k2 = rotl(k2, 33); k2 *= c1; h2 ^= k2
  low = readRest(bytes, at + 8, end);
  high = readRest(bytes, at + 12, end);
  if (((low | high) & 0x80808080) !== 0) {
    high ^= signFlips(high) ^ flipsAbove(low);
    low ^= signFlips(low);
  }
  high = (mulHigh(low, C2_LO) + imul(high, C2_LO) + imul(low, C2_HI)) | 0;
  low = imul(low, C2_LO);
  t = (low << 1) | (high >>> 31);
  low = (high << 1) | (low >>> 31);
  state[2] = (state[2] ?? 0) ^ (mulHigh(low, C1_LO) + imul(t, C1_LO) + imul(low, C1_HI));
  state[3] = (state[3] ?? 0) ^ imul(low, C1_LO);
}

/** The end: both halves mixed with the length and with each other. */
function finish(length: number, out: Int32Array): void {
  let h1h = state[0] ?? 0;
  let h1l = (state[1] ?? 0) ^ length;
  let h2h = state[2] ?? 0;
  let h2l = (state[3] ?? 0) ^ length;
  // h1 += h2; h2 += h1
  h1l = (h1l + h2l) | 0;
  h1h = (h1h + h2h + carryOf(h1l, h2l)) | 0;
  h2l = (h2l + h1l) | 0;
  h2h = (h2h + h1h + carryOf(h2l, h1l)) | 0;

  // Both through the final mix: k ^= k >>> 33; k *= f1; k ^= k >>> 33; k *= f2; k ^= k >>> 33
  h1l ^= h1h >>> 1;
  h1h = (mulHigh(h1l, F1_LO) + imul(h1h, F1_LO) + imul(h1l, F1_HI)) | 0;
  h1l = imul(h1l, F1_LO) ^ (h1h >>> 1);
  h1h = (mulHigh(h1l, F2_LO) + imul(h1h, F2_LO) + imul(h1l, F2_HI)) | 0;
  h1l = imul(h1l, F2_LO) ^ (h1h >>> 1);

  h2l ^= h2h >>> 1;
  h2h = (mulHigh(h2l, F1_LO) + imul(h2h, F1_LO) + imul(h2l, F1_HI)) | 0;
  h2l = imul(h2l, F1_LO) ^ (h2h >>> 1);
  h2h = (mulHigh(h2l, F2_LO) + imul(h2h, F2_LO) + imul(h2l, F2_HI)) | 0;
  h2l = imul(h2l, F2_LO) ^ (h2h >>> 1);

  h1l = (h1l + h2l) | 0;
  h1h = (h1h + h2h + carryOf(h1l, h2l)) | 0;
  if (h1l === 0 && h1h === (0x80000000 | 0)) {
    h1h = 0x7fffffff;
    h1l = -1;
  }
  out[0] = h1h;
  out[1] = h1l;
}

/** The token of bytes[start, end) as two signed halves: out[0] the upper 32 bits, out[1] the lower. */
export function murmur3Halves(bytes: Uint8Array, start: number, end: number, out: Int32Array): void {
  if (start >= end) {
    // Cassandra gives an empty key the ring's start itself.
    out[0] = 0x80000000 | 0;
    out[1] = 0;
    return;
  }
  state[0] = 0;
  state[1] = 0;
  state[2] = 0;
  state[3] = 0;
  let at = start;
  for (; at + 16 <= end; at += 16) mixBlock(bytes, at);
  if (at < end) mixRest(bytes, at, end);
  finish(end - start, out);
}

const halves = new Int32Array(2);

/** The token of bytes[start, end), as `SELECT token(...)` gives it. Sends of requests use the halves instead. */
export function murmur3Token(bytes: Uint8Array, start = 0, end: number = bytes.length): bigint {
  murmur3Halves(bytes, start, end, halves);
  return (BigInt(halves[0] ?? 0) << 32n) | BigInt((halves[1] ?? 0) >>> 0);
}
