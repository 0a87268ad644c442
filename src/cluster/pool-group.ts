import type { LoadBalancingPolicy } from '../policies/load-balancing.js';
import type { Host } from '../topology/host.js';
import type { Connector } from './connector.js';
import { HostPool, type PoolObserver } from './host-pool.js';
import type { KnownHost } from './known-host.js';
import type { ClusterSettings } from './settings.js';

/** So long may requests go on at a host that the client leaves, should none of their own deadlines come before. */
const LEAVE_MS = 60_000;

/**
 * The pools of all sessions that use one keyspace. A connection stays in its keyspace for life: prepared statements
 * without a keyspace of their own then never meet another one than they were prepared in.
 */
export class PoolGroup {
  readonly keyspace: string | null;
  readonly #settings: ClusterSettings;
  readonly #connector: Connector;
  readonly #observer: PoolObserver;
  readonly #policy: Pick<LoadBalancingPolicy, 'distance'>;
  readonly #pools = new Map<Host, HostPool>();
  /** Pools of hosts that are gone, until the requests under way there have ended. */
  readonly #leaving = new Map<HostPool, Promise<void>>();
  /** Sessions that use this group now. */
  users = 0;

  constructor(
    keyspace: string | null,
    settings: ClusterSettings,
    connector: Connector,
    observer: PoolObserver,
    policy: Pick<LoadBalancingPolicy, 'distance'>,
  ) {
    this.keyspace = keyspace;
    this.#settings = settings;
    this.#connector = connector;
    this.#observer = observer;
    this.#policy = policy;
  }

  get pools(): Iterable<HostPool> {
    return this.#pools.values();
  }

  /** True if no request is under way or waits. */
  get isIdle(): boolean {
    if (this.#leaving.size > 0) return false;
    for (const pool of this.#pools.values()) if (pool.inFlight > 0 || pool.queued > 0) return false;
    return true;
  }

  poolOf(host: Host): HostPool | undefined {
    return this.#pools.get(host);
  }

  /** Gives every host that the policy does not ignore its pool, of the right size. */
  sync(hosts: readonly KnownHost[]): void {
    const present = new Set<Host>(hosts);
    for (const host of this.#pools.keys()) if (!present.has(host)) this.remove(host);
    for (const host of hosts) {
      const size = this.#sizeFor(host);
      const pool = this.#pools.get(host);
      if (size === 0) this.remove(host);
      else if (pool === undefined) this.#add(host, size);
      else pool.resize(size);
    }
  }

  #sizeFor(host: Host): number {
    const { connectionsPerLocalHost, connectionsPerRemoteHost } = this.#settings.pooling;
    switch (this.#policy.distance(host)) {
      case 'local':
        return connectionsPerLocalHost;
      case 'remote':
        return connectionsPerRemoteHost;
      case 'ignored':
        return 0;
    }
  }

  #add(host: KnownHost, size: number): void {
    const pool = new HostPool(host, this.keyspace, size, this.#settings, this.#connector, this.#observer);
    this.#pools.set(host, pool);
    void pool.fill();
  }

  /** The host is gone, or has another address: its connections go, once the requests under way on them have ended. */
  remove(host: Host): void {
    const pool = this.#pools.get(host);
    if (pool === undefined) return;
    this.#pools.delete(host);
    const left = pool.close(LEAVE_MS).then(() => {
      this.#leaving.delete(pool);
    });
    this.#leaving.set(pool, left);
  }

  async close(drainTimeoutMs: number): Promise<void> {
    const pools = [...this.#pools.values()].map((pool) => pool.close(drainTimeoutMs));
    await Promise.all([...pools, this.#endLeaving(drainTimeoutMs)]);
    this.#pools.clear();
  }

  /** Those that leave have as much time as the others from now on, not what they were given before. */
  async #endLeaving(drainTimeoutMs: number): Promise<void> {
    if (this.#leaving.size === 0) return;
    const timer = setTimeout(() => {
      for (const pool of this.#leaving.keys()) void pool.close(0);
    }, drainTimeoutMs);
    await Promise.all(this.#leaving.values());
    clearTimeout(timer);
  }
}
