import { NO_HOSTS, type Host } from '../topology/host.js';
import type { ReplicaMap } from '../topology/replica-map.js';
import type { Replication } from '../topology/replication.js';
import { tokenRangesOf, type TokenRange } from '../topology/token-range.js';
import { TokenRing } from '../topology/token-ring.js';
import { atOnce, SlicedJob } from '../util/sliced-job.js';

/** Up to here all is worked out at once, so that a small cluster's very first request finds its replicas. */
const SMALL_RING = 2048;
/** Tokens between two places where the work may be interrupted: some tenths of a millisecond. */
const STEP = 128;
/** Where keys are, as one thing: ring, settings and maps belong together and are replaced together. */
interface Table {
  readonly ring: TokenRing;
  readonly replication: ReadonlyMap<string, Replication>;
  /** By keyspace, of those that were asked for. Keyspaces with one setting share its map. */
  readonly maps: Map<string, ReplicaMap>;
}

/** Whose tokens make the ring; `isRouted` is false if the client cannot work out keys' tokens. */
export interface RoutingFacts {
  readonly hosts: readonly Host[];
  readonly isRouted: boolean;
}

/** What may be asked of it. `bytes` are a partition key as serialized; hosts are of all datacenters, in ring order. */
export interface Routing {
  /**
   * The hosts that hold the key bytes[start, end). None if that is not known, or not yet: a large cluster's map is
   * worked out from its first use on, and requests meanwhile go without.
   */
  replicas(keyspace: string, bytes: Uint8Array, start?: number, end?: number): readonly Host[];
  /** The same, of the keys with this token. */
  replicasOfToken(keyspace: string, token: bigint): readonly Host[];
  /** The hosts of a key, but never "not yet": what is missing is worked out at once, however long it takes. */
  replicasNow(keyspace: string, bytes: Uint8Array): readonly Host[];
  /** The ranges of the ring in token order, each with who holds it, of a keyspace; none while that is not known. */
  tokenRanges(keyspace: string | null): TokenRange[];
}

/** What there is to take over. */
export interface RoutingNews {
  readonly replication?: ReadonlyMap<string, Replication>;
  readonly facts?: RoutingFacts;
}

/**
 * Who holds which keys. In a large cluster that takes a while to work out: it is done in slices between turns of the
 * event loop, and the old table answers until the new one is whole. If hosts or tokens change meanwhile, the work begins
 * again with the newest.
 */
export class RoutingTable implements Routing {
  #table: Table | null = null;
  #replication: ReadonlyMap<string, Replication> = new Map();
  /** Null until hosts are known, and while keys cannot be routed. */
  #hosts: readonly Host[] | null = null;
  /** The ring of `#hosts`; null until it is built. */
  #ring: TokenRing | null = null;
  /** Keyspaces asked for whose map is not known yet. */
  readonly #wanted = new Set<string>();
  #job: SlicedJob<Table> | null = null;
  #waiters: (() => void)[] = [];
  #closed = false;

  /** False until the first ring is built, and with a partitioner other than Murmur3's. */
  get isKnown(): boolean {
    return this.#table !== null;
  }

  /** Takes over new facts; those left out are as before. */
  update({ replication, facts }: RoutingNews): void {
    if (replication !== undefined) this.#replication = replication;
    if (facts !== undefined) {
      this.#hosts = facts.isRouted ? facts.hosts : null;
      this.#ring = null;
      this.#job?.stop();
      this.#job = null;
    }
    // Work under way asks which settings are in use until it ends.
    if (this.#job === null && !this.#closed) this.#build();
  }

  /** Resolves when the table shows all that was told, or is closed. */
  settled(): Promise<void> {
    if (this.#job === null) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  replicas(keyspace: string, bytes: Uint8Array, start = 0, end: number = bytes.length): readonly Host[] {
    return this.#mapOf(keyspace)?.replicasFor(bytes, start, end) ?? NO_HOSTS;
  }

  replicasOfToken(keyspace: string, token: bigint): readonly Host[] {
    return this.#mapOf(keyspace)?.replicasForToken(token) ?? NO_HOSTS;
  }

  #mapOf(keyspace: string): ReplicaMap | null {
    const table = this.#table;
    return table === null ? null : (table.maps.get(keyspace) ?? this.#firstUse(table, keyspace));
  }

  replicasNow(keyspace: string, bytes: Uint8Array): readonly Host[] {
    const table = this.#table;
    return table === null ? NO_HOSTS : (mapNow(table, keyspace)?.replicasFor(bytes) ?? NO_HOSTS);
  }

  tokenRanges(keyspace: string | null): TokenRange[] {
    const table = this.#table;
    if (table === null) return [];
    return tokenRangesOf(table.ring, keyspace === null ? null : mapNow(table, keyspace));
  }

  #firstUse(table: Table, keyspace: string): ReplicaMap | null {
    const setting = table.replication.get(keyspace);
    if (setting === undefined || this.#wanted.has(keyspace)) return null;
    const known = table.ring.length <= SMALL_RING ? table.ring.replicas(setting) : table.ring.knownReplicas(setting);
    if (known !== undefined) {
      table.maps.set(keyspace, known);
      return known;
    }
    if (this.#closed) return null;
    this.#wanted.add(keyspace);
    // A build under way looks at what is wanted before it ends.
    if (this.#job === null) this.#start();
    return null;
  }

  // ---- building ----------------------------------------------------------------------------------------------------

  #build(): void {
    if (this.#hosts === null) this.#swap(null);
    else if (this.#isQuick(this.#hosts)) this.#swap(atOnce(this.#steps(this.#hosts)));
    else this.#start();
  }

  /** True if the ring is small, or has every map already. */
  #isQuick(hosts: readonly Host[]): boolean {
    if (this.#ring !== null && this.#missing(this.#ring) === null) return true;
    let tokens = 0;
    for (const host of hosts) tokens += host.tokens.length;
    return tokens <= SMALL_RING;
  }

  #start(): void {
    if (this.#hosts === null) return;
    this.#job = new SlicedJob(
      this.#steps(this.#hosts),
      (table) => {
        this.#swap(table);
      },
      (error: unknown) => {
        throw error;
      },
    );
    this.#job.start();
  }

  *#steps(hosts: readonly Host[]): Generator<undefined, Table> {
    const ring = this.#ring ?? (yield* TokenRing.buildInSteps(hosts));
    this.#ring = ring;
    // Asked anew each time: keyspaces may be used for the first time while this goes on.
    for (let setting = this.#missing(ring); setting !== null; setting = this.#missing(ring)) {
      const builder = ring.replicaMapBuilder(setting);
      while (!builder.buildSome(STEP)) yield;
      builder.finish();
    }
    const maps = new Map<string, ReplicaMap>();
    const settings = new Set<string>();
    for (const [keyspace, setting] of this.#inUse()) {
      maps.set(keyspace, ring.replicas(setting));
      settings.add(setting.key);
    }
    ring.keepReplicas(settings);
    return { ring, replication: this.#replication, maps };
  }

  /** The keyspaces that requests are made in, as far as they still exist. */
  *#inUse(): Iterable<readonly [string, Replication]> {
    for (const keyspace of new Set([...(this.#table?.maps.keys() ?? []), ...this.#wanted])) {
      const setting = this.#replication.get(keyspace);
      if (setting !== undefined) yield [keyspace, setting];
    }
  }

  /** A setting in use whose map this ring does not have yet. */
  #missing(ring: TokenRing): Replication | null {
    for (const [, setting] of this.#inUse()) if (ring.knownReplicas(setting) === undefined) return setting;
    return null;
  }

  #swap(table: Table | null): void {
    this.#table = table;
    this.#job = null;
    this.#wanted.clear();
    this.#tellWaiters();
  }

  #tellWaiters(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }

  /** Ends the work under way; what is known stays. */
  close(): void {
    this.#closed = true;
    this.#job?.stop();
    this.#job = null;
    this.#tellWaiters();
  }
}

/** Null if there is no such keyspace. */
function mapNow(table: Table, keyspace: string): ReplicaMap | null {
  const known = table.maps.get(keyspace);
  if (known !== undefined) return known;
  const setting = table.replication.get(keyspace);
  if (setting === undefined) return null;
  const map = table.ring.replicas(setting);
  table.maps.set(keyspace, map);
  return map;
}
