import type { LoadBalancingPolicy } from '../policies/load-balancing.js';
import type { Host } from '../topology/host.js';
import type { Connector } from './connector.js';
import { HostPool, type PoolObserver } from './host-pool.js';
import type { KnownHost } from './known-host.js';
import type { ClusterSettings } from './settings.js';

/**
 * The pools of all sessions that use one keyspace. A connection stays in its keyspace for life: prepared statements
 * without a keyspace of their own then never meet another one than they were prepared in.
 */
export class PoolGroup {
  readonly keyspace: string | null;
  readonly #settings: ClusterSettings;
  readonly #connector: Connector;
  readonly #observer: PoolObserver;
  readonly #policy: LoadBalancingPolicy;
  readonly #pools = new Map<Host, HostPool>();
  /** Sessions that use this group now. */
  users = 0;

  constructor(
    keyspace: string | null,
    settings: ClusterSettings,
    connector: Connector,
    observer: PoolObserver,
    policy: LoadBalancingPolicy,
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

  /** The host is gone, or has another address: its connections go. */
  remove(host: Host): void {
    const pool = this.#pools.get(host);
    if (pool === undefined) return;
    this.#pools.delete(host);
    void pool.close(0);
  }

  async close(drainTimeoutMs: number): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close(drainTimeoutMs)));
    this.#pools.clear();
  }
}
