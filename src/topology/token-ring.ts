import { murmur3Halves } from './murmur3.js';
import type { Host } from './host.js';
import { ReplicaMapBuilder, type ReplicaMap, type TokenRanges } from './replica-map.js';
import type { Replication } from './replication.js';

const MIN_TOKEN = -(2n ** 63n);
const MAX_TOKEN = 2n ** 63n - 1n;

function isRingToken(token: bigint): boolean {
  return token >= MIN_TOKEN && token <= MAX_TOKEN;
}

/** Where the upper half of a 64-bit number lies among two 32-bit ones. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;

/** This partitioner's tokens are the only ones that the client can work out itself. */
export function isMurmur3Partitioner(partitioner: string): boolean {
  return partitioner.endsWith('Murmur3Partitioner');
}

/**
 * All tokens in order, each with its host. Never changed: another topology is another ring. The host of a token owns
 * the keys above the token before, up to and with its own; the first token's range begins behind the last one's.
 */
export class TokenRing implements TokenRanges {
  /** The host of each token, in token order. */
  readonly owners: readonly Host[];
  /** Number of tokens. */
  readonly length: number;
  /** Each token in two halves, side by side, so that a comparison needs no bigint. */
  readonly #halves: Int32Array;
  /** For each value of the leading bits, the first token that has it or more: a search starts in the right place. */
  readonly #starts: Int32Array;
  readonly #shift: number;
  readonly #scratch = new Int32Array(2);
  readonly #maps = new Map<string, ReplicaMap>();

  private constructor(tokens: BigInt64Array<ArrayBuffer>, hosts: readonly Host[]) {
    this.length = tokens.length;
    this.#halves = new Int32Array(tokens.buffer);
    const bits = Math.min(16, Math.max(1, 32 - Math.clz32(tokens.length)));
    this.#shift = 32 - bits;
    this.#starts = startsOf(this.#halves, tokens.length, bits);

    const owners: Host[] = [];
    owners.length = tokens.length;
    // Backwards, so that of two hosts with the same token the first has the last word.
    for (const host of hosts.toReversed()) {
      for (const token of host.tokens) if (isRingToken(token)) owners[this.indexOfToken(token)] = host;
    }
    this.owners = owners;
  }

  /** The ring of these hosts' tokens. Tokens that Murmur3 cannot give are left out; of two equal ones the first counts. */
  static build(hosts: readonly Host[]): TokenRing {
    // The native sort of 64-bit integers is many times quicker than one that calls back.
    const sorted = BigInt64Array.from(hosts.flatMap((host) => host.tokens.filter(isRingToken))).sort();
    return new TokenRing(
      sorted.filter((token, i) => i === 0 || sorted[i - 1] !== token),
      hosts,
    );
  }

  tokenAt(index: number): bigint {
    const high = BigInt(this.#halves[2 * index + HIGH] ?? 0);
    return (high << 32n) | BigInt((this.#halves[2 * index + LOW] ?? 0) >>> 0);
  }

  /** Which token's range holds the partition key (bytes[start, end); -1 if the ring is empty. */
  indexOf(bytes: Uint8Array, start: number, end: number): number {
    murmur3Halves(bytes, start, end, this.#scratch);
    return this.#find(this.#scratch[0] ?? 0, this.#scratch[1] ?? 0);
  }

  /** Which token's range holds this token; -1 if the ring is empty. */
  indexOfToken(token: bigint): number {
    return this.#find(Number(BigInt.asIntN(32, token >> 32n)), Number(BigInt.asIntN(32, token)));
  }

  /** The replicas of every range under this setting, worked out at the first call and kept. */
  replicas(replication: Replication): ReplicaMap {
    const known = this.#maps.get(replication.key);
    if (known !== undefined) return known;
    const builder = this.replicaMapBuilder(replication);
    builder.buildSome(Infinity);
    return builder.finish();
  }

  /** The replicas under this setting if they have been worked out. */
  knownReplicas(replication: Replication): ReplicaMap | undefined {
    return this.#maps.get(replication.key);
  }

  /** Works the replicas out in slices, for rings so large that doing it at once would hold up the event loop. */
  replicaMapBuilder(replication: Replication): ReplicaMapBuilder {
    return new ReplicaMapBuilder(this, replication, (map) => this.#maps.set(replication.key, map));
  }

  /** The first token that is not below the one given; behind the last one, the first of all. */
  #find(high: number, low: number): number {
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

function startsOf(halves: Int32Array, length: number, bits: number): Int32Array {
  const buckets = 2 ** bits;
  const starts = new Int32Array(buckets + 1);
  let index = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    while (index < length && ((halves[2 * index + HIGH] ?? 0) ^ 0x80000000) >>> (32 - bits) < bucket) index++;
    starts[bucket] = index;
  }
  starts[buckets] = length;
  return starts;
}
