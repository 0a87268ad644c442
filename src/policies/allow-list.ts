import { ConfigurationError } from '../errors.js';
import { formatEndpoint, type Host } from '../topology/host.js';
import { showValue } from '../util/option-checks.js';
import type { ClusterView, HostDistance, LoadBalancingPolicy, QueryContext, QueryPlan } from './load-balancing.js';
import { namedDatacenter, nameDatacenter } from './named-datacenter.js';
import { nextWanted } from './plan-steps.js';

/** The child policy, limited to the hosts of a list: all others get no connection and no request. */
export class AllowListPolicy implements LoadBalancingPolicy {
  readonly #child: LoadBalancingPolicy;
  readonly #allowed: ReadonlySet<string>;
  #view: AllowedView | null = null;

  /** `addresses`: 'address' (every port) or 'address:port'; IPv6 as 'address', '[address]' or '[address]:port'. */
  constructor(child: LoadBalancingPolicy, addresses: readonly string[]) {
    if (!Array.isArray(addresses) || addresses.length === 0) {
      throw new ConfigurationError('AllowListPolicy needs at least one address: with none it would allow no host');
    }
    const given: unknown = child;
    if (typeof given !== 'object' || given === null || !('newQueryPlan' in given)) {
      throw new ConfigurationError('AllowListPolicy needs a child policy, such as new RoundRobinPolicy()');
    }
    this.#child = child;
    nameDatacenter(this, namedDatacenter(child));
    this.#allowed = new Set(addresses.map(normalise));
  }

  /** Called by the cluster; the child sees the whole cluster. */
  init(view: ClusterView): void {
    this.#view = new AllowedView(view, (host) => this.#allows(host));
    // eslint-disable-next-line @typescript-eslint/no-confusing-void-expression -- a promise all the same, if it is async
    return this.#child.init(this.#view);
  }

  /** The child's word for hosts on the list; 'ignored' for all others. */
  distance(host: Host): HostDistance {
    return this.#allows(host) ? this.#child.distance(host) : 'ignored';
  }

  /** The child's plan without the hosts that are not on the list. */
  newQueryPlan(context: QueryContext): QueryPlan {
    return new AllowedPlan(this.#child.newQueryPlan(context), (host) => this.#allows(host));
  }

  /** Passes it on to the child, if the host is on the list. */
  onUp(host: Host): void {
    this.#view?.forget();
    if (this.#allows(host)) return this.#child.onUp?.(host);
  }

  /** Passes it on to the child, if the host is on the list. */
  onDown(host: Host): void {
    this.#view?.forget();
    if (this.#allows(host)) return this.#child.onDown?.(host);
  }

  /** Passes it on to the child, if the host is on the list. */
  onAdd(host: Host): void {
    this.#view?.forget();
    if (this.#allows(host)) return this.#child.onAdd?.(host);
  }

  /** Passes it on to the child, if the host is on the list. */
  onRemove(host: Host): void {
    this.#view?.forget();
    if (this.#allows(host)) return this.#child.onRemove?.(host);
  }

  #allows(host: Host): boolean {
    const { address } = host;
    if (this.#allowed.has(address) || this.#allowed.has(host.endpoint)) return true;
    if (!address.includes(':')) return false;
    // An IPv6 address has several spellings.
    const canonical = canonicalV6(address);
    return this.#allowed.has(canonical) || this.#allowed.has(formatEndpoint(canonical, host.port));
  }
}

/** Keeps hosts out that the child takes from elsewhere than the view, such as a row's replicas. */
class AllowedPlan implements QueryPlan {
  readonly #plan: QueryPlan;
  readonly #allows: (host: Host) => boolean;

  constructor(plan: QueryPlan, allows: (host: Host) => boolean) {
    this.#plan = plan;
    this.#allows = allows;
  }

  next(): Host | null {
    return nextWanted(this.#plan, this.#allows);
  }
}

/** The cluster without the hosts that are not allowed. */
class AllowedView implements ClusterView {
  readonly #view: ClusterView;
  readonly #allows: (host: Host) => boolean;
  #seen: readonly Host[] | null = null;
  #hosts: readonly Host[] = [];

  constructor(view: ClusterView, allows: (host: Host) => boolean) {
    this.#view = view;
    this.#allows = allows;
  }

  get hosts(): readonly Host[] {
    const { hosts } = this.#view;
    if (hosts !== this.#seen) {
      this.#seen = hosts;
      this.#hosts = hosts.filter(this.#allows);
    }
    return this.#hosts;
  }

  /** Looks at each host anew: its address may be another one now. */
  forget(): void {
    this.#seen = null;
  }

  get localDatacenter(): string {
    return this.#view.localDatacenter;
  }

  inFlight(host: Host): number {
    return this.#view.inFlight(host);
  }

  latency(host: Host): number | null {
    return this.#view.latency(host);
  }
}

function normalise(entry: string): string {
  const text = typeof entry === 'string' ? entry.trim() : '';
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  if (bracketed !== null) {
    const address = canonicalV6(bracketed[1] ?? '');
    return bracketed[2] === undefined ? address : formatEndpoint(address, toPort(bracketed[2], entry));
  }
  const parts = text.split(':');
  if (parts.length > 2) return canonicalV6(text);
  const [address = '', port] = parts;
  if (address === '') throw new ConfigurationError(`AllowListPolicy: ${showValue(entry)} is not an address`);
  return port === undefined ? address : formatEndpoint(address, toPort(port, entry));
}

function toPort(text: string, entry: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new ConfigurationError(`AllowListPolicy: ${showValue(entry)} names no port between 1 and 65535`);
  }
  return port;
}

/** The shortest spelling in small letters; what is no IPv6 address stays as it is. */
function canonicalV6(address: string): string {
  try {
    return new URL(`http://[${address}]`).hostname.slice(1, -1);
  } catch {
    return address;
  }
}
