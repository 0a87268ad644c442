import { InvalidParameter } from '../errors.js';
import { NO_HOSTS, type Host } from './host.js';
import type { ReplicaMap } from './replica-map.js';
import { MAX_TOKEN, MIN_TOKEN } from './sorted-tokens.js';
import type { TokenRing } from './token-ring.js';

/**
 * A part of the token ring: the tokens above `start`, up to and with `end`. It never runs over the ring's end, so that
 * `token(key) > start AND token(key) <= end` are its rows.
 */
export class TokenRange {
  /** The token before the first one. */
  readonly start: bigint;
  /** The last token. */
  readonly end: bigint;
  /** The hosts that hold its rows, in ring order, of the keyspace that was asked for; empty if none was. */
  readonly replicas: readonly Host[];

  /** Made by `metadata.getTokenRanges`. */
  constructor(start: bigint, end: bigint, replicas: readonly Host[]) {
    this.start = start;
    this.end = end;
    // A copy: the list that it is made of is what requests are routed by.
    this.replicas = Object.freeze([...replicas]);
    Object.freeze(this);
  }

  /** Whether the keys with this token lie in it. */
  contains(token: bigint): boolean {
    return token > this.start && token <= this.end;
  }

  /**
   * The same range in `parts` of nearly the same size; fewer if it has fewer tokens.
   *
   * @throws InvalidParameter if `parts` is no whole number of 1 or more.
   */
  split(parts: number): TokenRange[] {
    if (!Number.isSafeInteger(parts) || parts < 1) {
      throw new InvalidParameter('split() takes the number of parts, a whole number of 1 or more');
    }
    const { start, replicas } = this;
    const size = this.end - start;
    const count = BigInt(parts) < size ? parts : Number(size);
    const ends = Array.from({ length: count }, (_, i) => start + (size * BigInt(i + 1)) / BigInt(count));
    return ends.map((end, i) => new TokenRange(ends[i - 1] ?? start, end, replicas));
  }
}

/** All ranges of a ring in token order, each key in one of them; with whom they are if there is a map. */
export function tokenRangesOf(ring: TokenRing, map: ReplicaMap | null): TokenRange[] {
  const ranges: TokenRange[] = [];
  const add = (start: bigint, end: bigint, index: number): void => {
    if (start < end) ranges.push(new TokenRange(start, end, map?.replicasAt(index) ?? NO_HOSTS));
  };
  let start = MIN_TOKEN;
  for (let i = 0; i < ring.length; i++) {
    const end = ring.tokenAt(i);
    add(start, end, i);
    start = end;
  }
  // What lies behind the last token belongs to the first one's range.
  if (ring.length > 0) add(start, MAX_TOKEN, 0);
  return ranges;
}
