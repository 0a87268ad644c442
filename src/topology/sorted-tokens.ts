import type { Host } from './host.js';

/** Where the ring begins: no key has this token. */
export const MIN_TOKEN = -(2n ** 63n);
export const MAX_TOKEN = 2n ** 63n - 1n;

/** Where the upper half of a 64-bit number lies among two 32-bit ones. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;

/** Tokens worked on between two places where the work may be interrupted. */
const STEP = 256;
/** A bucket with more tokens than this is sorted by a method that does not mind how many there are. */
const LARGE_BUCKET = 32;

/** Tokens in ascending order without duplicates, found by halves: a comparison needs no bigint. */
export class SortedTokens {
  readonly length: number;
  /** Each token in two halves, side by side. */
  readonly #halves: Int32Array;
  /** For each value of the leading bits, the first token that has it or more: a search starts in the right place. */
  readonly #starts: Int32Array;
  readonly #shift: number;

  constructor(halves: Int32Array, length: number, starts: Int32Array, shift: number) {
    this.#halves = halves;
    this.length = length;
    this.#starts = starts;
    this.#shift = shift;
  }

  at(index: number): bigint {
    const high = BigInt(this.#halves[2 * index + HIGH] ?? 0);
    return (high << 32n) | BigInt((this.#halves[2 * index + LOW] ?? 0) >>> 0);
  }

  /** The first token that is not below the one given; behind the last one, the first of all; -1 if there are none. */
  find(high: number, low: number): number {
    const halves = this.#halves;
    const bucket = (high ^ 0x80000000) >>> this.#shift;
    let from = this.#starts[bucket] ?? 0;
    let to = this.#starts[bucket + 1] ?? 0;
    const unsignedLow = low >>> 0;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const middleHigh = halves[2 * middle + HIGH] ?? 0;
      const below = middleHigh < high || (middleHigh === high && (halves[2 * middle + LOW] ?? 0) >>> 0 < unsignedLow);
      if (below) from = middle + 1;
      else to = middle;
    }
    if (from < this.length) return from;
    return this.length === 0 ? -1 : 0;
  }
}

/** Sorted tokens, each with the host that has it; of two hosts with the same token, the first. */
export interface OwnedTokens {
  readonly tokens: SortedTokens;
  readonly owners: readonly Host[];
}

/**
 * Sorts all hosts' tokens, in steps. They are dealt into buckets by their leading bits, as many buckets as tokens, so
 * that each holds about one: the sorting is then nearly done, and the buckets' beginnings are the index for lookups.
 */
export function* sortTokens(hosts: readonly Host[]): Generator<undefined, OwnedTokens> {
  const { halves, holders, count } = yield* gather(hosts);
  const bits = Math.min(16, Math.max(1, 32 - Math.clz32(count)));
  const shift = 32 - bits;
  const bucketOf = (i: number): number => ((halves[2 * i + HIGH] ?? 0) ^ 0x80000000) >>> shift;

  const ends = new Int32Array(2 ** bits);
  for (let i = 0; i < count; i++) {
    const bucket = bucketOf(i);
    ends[bucket] = (ends[bucket] ?? 0) + 1;
    if (i % STEP === STEP - 1) yield;
  }
  for (let bucket = 1; bucket < ends.length; bucket++) ends[bucket] = (ends[bucket] ?? 0) + (ends[bucket - 1] ?? 0);
  yield;

  // Backwards from each bucket's end, so that equal tokens stay in the order of their hosts.
  const order = new Int32Array(count);
  for (let i = count - 1; i >= 0; i--) {
    const bucket = bucketOf(i);
    const place = (ends[bucket] ?? 0) - 1;
    ends[bucket] = place;
    order[place] = i;
    if (i % STEP === 0) yield;
  }

  // What were the buckets' ends are now their beginnings.
  const sorted = new Int32Array(2 * count);
  const starts = new Int32Array(ends.length + 1);
  const owners: Host[] = [];
  for (let bucket = 0; bucket < ends.length; bucket++) {
    starts[bucket] = owners.length;
    const end = bucket + 1 < ends.length ? (ends[bucket + 1] ?? 0) : count;
    const begin = ends[bucket] ?? 0;
    if (end - begin > 1) sortBucket(order, begin, end, halves);
    for (let at = begin; at < end; at++) {
      const i = order[at] ?? 0;
      const high = halves[2 * i + HIGH] ?? 0;
      const low = halves[2 * i + LOW] ?? 0;
      const last = 2 * owners.length - 2;
      const host = hosts[holders[i] ?? 0];
      if (host === undefined || (last >= 0 && sorted[last + HIGH] === high && sorted[last + LOW] === low)) continue;
      sorted[last + 2 + HIGH] = high;
      sorted[last + 2 + LOW] = low;
      owners.push(host);
    }
    if (bucket % STEP === STEP - 1) yield;
  }
  starts[ends.length] = owners.length;
  return { tokens: new SortedTokens(sorted, owners.length, starts, shift), owners };
}

interface Gathered {
  readonly halves: Int32Array;
  /** The host of each token, as its place among the hosts. */
  readonly holders: Int32Array;
  readonly count: number;
}

/** All tokens that Murmur3 can give, host by host. */
function* gather(hosts: readonly Host[]): Generator<undefined, Gathered> {
  const room = hosts.reduce((sum, host) => sum + host.tokens.length, 0);
  const tokens = new BigInt64Array(room);
  const holders = new Int32Array(room);
  let count = 0;
  for (const [index, host] of hosts.entries()) {
    for (const token of host.tokens) {
      if (token < MIN_TOKEN || token > MAX_TOKEN) continue;
      tokens[count] = token;
      holders[count++] = index;
      if (count % STEP === 0) yield;
    }
  }
  return { halves: new Int32Array(tokens.buffer), holders, count };
}

/** Puts the tokens order[from, to) into ascending order; equal ones stay in the order that they were given in. */
function sortBucket(order: Int32Array, from: number, to: number, halves: Int32Array): void {
  const compare = (a: number, b: number): number =>
    (halves[2 * a + HIGH] ?? 0) - (halves[2 * b + HIGH] ?? 0) ||
    ((halves[2 * a + LOW] ?? 0) >>> 0) - ((halves[2 * b + LOW] ?? 0) >>> 0) ||
    a - b;
  if (to - from > LARGE_BUCKET) {
    order.subarray(from, to).sort(compare);
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const moved = order[i] ?? 0;
    let at = i;
    for (; at > from && compare(order[at - 1] ?? 0, moved) > 0; at--) order[at] = order[at - 1] ?? 0;
    order[at] = moved;
  }
}
