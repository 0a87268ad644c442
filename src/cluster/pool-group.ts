import { ConfigurationError, ConnectionError, QueryError } from '../errors.js';
import type { HostDistance, LoadBalancingPolicy } from '../policies/load-balancing.js';
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
  readonly #leaving = new Set<HostPool>();
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
    for (const pool of this.#pools.values()) if (!pool.isIdle) return false;
    return true;
  }

  poolOf(host: Host): HostPool | undefined {
    return this.#pools.get(host);
  }

  /**
   * Gives every host that the policy does not ignore its pool, of the right size. Throws if the policy does not say
   * which: that leaves the host as it is, and the others are dealt with before.
   */
  sync(hosts: readonly KnownHost[]): void {
    const present = new Set<Host>(hosts);
    for (const host of this.#pools.keys()) if (!present.has(host)) this.remove(host);
    const errors: unknown[] = [];
    for (const host of hosts) {
      try {
        this.#resize(host, this.#sizeFor(host));
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  #resize(host: KnownHost, size: number): void {
    const pool = this.#pools.get(host);
    if (size === 0) this.#ignore(host);
    else if (pool === undefined) this.#add(host, size);
    else pool.resize(size);
  }

  #sizeFor(host: Host): number {
    const { connectionsPerLocalHost, connectionsPerRemoteHost } = this.#settings.pooling;
    // The policy may be the user's, and say anything.
    const distance: unknown = this.#distanceOf(host);
    if (distance === 'local') return connectionsPerLocalHost;
    if (distance === 'remote') return connectionsPerRemoteHost;
    if (distance === 'ignored') return 0;
    throw new ConfigurationError(
      "The load balancing policy's distance() must return 'local', 'remote' or 'ignored'; " +
        `for ${host.endpoint} it returned ${typeof distance === 'string' ? `'${distance}'` : typeof distance}`,
    );
  }

  #distanceOf(host: Host): HostDistance {
    try {
      return this.#policy.distance(host);
    } catch (cause) {
      throw new QueryError(`The load balancing policy's distance() threw for ${host.endpoint}`, { cause });
    }
  }

  #add(host: KnownHost, size: number): void {
    const pool = new HostPool(host, this.keyspace, size, this.#settings, this.#connector, this.#observer);
    this.#pools.set(host, pool);
    void pool.fill();
  }

  /** A host that is down may be ignored for just that: its pool stays, whose attempts show when it is back. */
  #ignore(host: Host): void {
    if (host.isUp) this.remove(host);
  }

  /** The host is gone, or has another address: its connections go, once the requests under way on them have ended. */
  remove(host: Host): void {
    const pool = this.#pools.get(host);
    if (pool === undefined) return;
    this.#pools.delete(host);
    this.#leaving.add(pool);
    void pool.retire(LEAVE_MS, new ConnectionError('The client does not use this host any more')).then(() => {
      this.#leaving.delete(pool);
    });
  }

  /** Closes every connection: whatever was to end before has ended, or its time is over. */
  close(): void {
    for (const pool of [...this.#pools.values(), ...this.#leaving]) pool.close();
    this.#pools.clear();
  }
}
