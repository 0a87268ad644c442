import { atOnce } from '../util/sliced-job.js';
import { murmur3Halves } from './murmur3.js';
import type { Host } from './host.js';
import { ReplicaMapBuilder, type ReplicaMap, type TokenRanges } from './replica-map.js';
import type { Replication } from './replication.js';
import { sortTokens, type OwnedTokens, type SortedTokens } from './sorted-tokens.js';

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
  readonly #tokens: SortedTokens;
  readonly #scratch = new Int32Array(2);
  readonly #maps = new Map<string, ReplicaMap>();

  private constructor({ tokens, owners }: OwnedTokens) {
    this.#tokens = tokens;
    this.owners = owners;
    this.length = tokens.length;
  }

  /** The ring of these hosts' tokens. Tokens that Murmur3 cannot give are left out; of two equal ones the first counts. */
  static build(hosts: readonly Host[]): TokenRing {
    return atOnce(TokenRing.buildInSteps(hosts));
  }

  /** The same in steps, for topologies so large that doing it at once would hold up the event loop. */
  static *buildInSteps(hosts: readonly Host[]): Generator<undefined, TokenRing> {
    return new TokenRing(yield* sortTokens(hosts));
  }

  tokenAt(index: number): bigint {
    return this.#tokens.at(index);
  }

  /** Which token's range holds the partition key (bytes[start, end); -1 if the ring is empty. */
  indexOf(bytes: Uint8Array, start: number, end: number): number {
    murmur3Halves(bytes, start, end, this.#scratch);
    return this.#tokens.find(this.#scratch[0] ?? 0, this.#scratch[1] ?? 0);
  }

  /** Which token's range holds this token; -1 if the ring is empty. */
  indexOfToken(token: bigint): number {
    return this.#tokens.find(Number(BigInt.asIntN(32, token >> 32n)), Number(BigInt.asIntN(32, token)));
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

  /** Drops what was worked out for other settings than these. */
  keepReplicas(settings: ReadonlySet<string>): void {
    for (const key of this.#maps.keys()) if (!settings.has(key)) this.#maps.delete(key);
  }
}
