import { ConfigurationError } from '../errors.js';
import type { Host } from '../topology/host.js';
import { aBoolean, aFunction, mustBe, type OptionCheck } from '../util/option-checks.js';
import {
  EMPTY_CLUSTER_VIEW,
  type ClusterView,
  type HostDistance,
  type LoadBalancingPolicy,
  type QueryContext,
  type QueryPlan,
} from './load-balancing.js';
import { namedDatacenter, nameDatacenter } from './named-datacenter.js';
import { nextWanted } from './plan-steps.js';
import { aDuration, checkPolicyOptions } from './policy-options.js';

/** How replicas are put in order. */
export interface TokenAwareOptions {
  /** Replicas in this rack of the local datacenter come before its other replicas (cheaper traffic in clouds). */
  readonly preferRack?: string | undefined;
  /** Pass over replicas that are far slower than the best one or have more requests waiting. Default true. */
  readonly avoidSlowReplicas?: boolean | undefined;
  /** A replica is slow if its average latency is more than so many times the best replica's. Default 3. */
  readonly slowFactor?: number | undefined;
  /** And if it is more than so many milliseconds above the best replica's. Default 10. */
  readonly slowMarginMs?: number | undefined;
  /** A host that came up gets its full share of requests only after this time, in milliseconds. Default 30000; 0: at once. */
  readonly warmUpMs?: number | undefined;
  /** Numbers in [0, 1). Default Math.random. */
  readonly random?: (() => number) | undefined;
  /** A monotonic clock in milliseconds. Default performance.now. */
  readonly now?: (() => number) | undefined;
}

const CHECKS = {
  preferRack: mustBe('the name of a rack', (value) => typeof value === 'string' && value !== ''),
  avoidSlowReplicas: aBoolean,
  slowFactor: mustBe(
    'a number, 1 or more',
    (value) => typeof value === 'number' && Number.isFinite(value) && value >= 1,
  ),
  slowMarginMs: aDuration,
  warmUpMs: aDuration,
  random: aFunction,
  now: aFunction,
} as const satisfies { readonly [K in keyof TokenAwareOptions]-?: OptionCheck };

/** So many draws from a few replicas use up less than a double's 53 bits. */
const DRAWS_PER_NUMBER = 6;
/** The part of its requests that a host gets in the moment it came up. */
const FIRST_SHARE = 0.1;
/** A slow replica still gets one request in this time: its average could never improve otherwise. */
const PROBE_INTERVAL_MS = 250;

/**
 * The row's replicas in the local datacenter first, in random order, then whatever hosts the child policy gives.
 * Of the two replicas drawn first, the one with fewer waiting requests is taken.
 */
export class TokenAwarePolicy implements LoadBalancingPolicy {
  readonly #child: LoadBalancingPolicy;
  readonly #rules: ReplicaRules;

  /**
   * `child` decides on distances, and on the hosts that are tried after the replicas. Throws ConfigurationError for
   * unknown or wrong options.
   */
  constructor(child: LoadBalancingPolicy, options: TokenAwareOptions = {}) {
    const given: unknown = child;
    if (typeof given !== 'object' || given === null || !('newQueryPlan' in given)) {
      throw new ConfigurationError('TokenAwarePolicy needs a child policy, such as new DCAwareRoundRobinPolicy()');
    }
    this.#child = child;
    nameDatacenter(this, namedDatacenter(child));
    this.#rules = new ReplicaRules(child, options);
  }

  /** Called by the cluster; passed on to the child. */
  init(view: ClusterView): void {
    this.#rules.view = view;
    // eslint-disable-next-line @typescript-eslint/no-confusing-void-expression -- a promise all the same, if it is async
    return this.#child.init(view);
  }

  /** The child's word. */
  distance(host: Host): HostDistance {
    return this.#child.distance(host);
  }

  /** The replicas of the row first, if they are known; then the child's plan without them. */
  newQueryPlan(context: QueryContext): QueryPlan {
    const { replicas } = context;
    if (replicas === null || replicas.length === 0) return this.#child.newQueryPlan(context);
    return new TokenAwarePlan(this.#child, this.#rules, context);
  }

  /** Passes it on to the child. */
  onUp(host: Host): void {
    this.#rules.cameUp(host);
    return this.#child.onUp?.(host);
  }

  /** Passes it on to the child. */
  onDown(host: Host): void {
    this.#rules.wentDown(host);
    return this.#child.onDown?.(host);
  }

  /** Passes it on to the child. */
  onAdd(host: Host): void {
    this.#rules.cameUp(host);
    return this.#child.onAdd?.(host);
  }

  /** Passes it on to the child. */
  onRemove(host: Host): void {
    this.#rules.wentDown(host);
    return this.#child.onRemove?.(host);
  }
}

class TokenAwarePlan implements QueryPlan {
  readonly #child: LoadBalancingPolicy;
  readonly #rules: ReplicaRules;
  readonly #context: QueryContext;
  /** The local replicas in the order in which they are given; null before the first call. */
  #replicas: readonly Host[] | null = null;
  #given = 0;
  #rest: QueryPlan | null = null;

  constructor(child: LoadBalancingPolicy, rules: ReplicaRules, context: QueryContext) {
    this.#child = child;
    this.#rules = rules;
    this.#context = context;
  }

  next(): Host | null {
    const replicas = (this.#replicas ??= this.#rules.order(this.#context));
    while (this.#given < replicas.length) {
      const host = replicas[this.#given++];
      if (host?.isUp === true) return host;
    }
    const rest = (this.#rest ??= this.#child.newQueryPlan(this.#context));
    // A replica that was down at its turn and is up now may still come, but none comes twice.
    return nextWanted(rest, (host) => !replicas.includes(host));
  }
}

/** How the replicas of one row are put into order, and what must be remembered for it. */
class ReplicaRules {
  view: ClusterView = EMPTY_CLUSTER_VIEW;
  readonly #child: LoadBalancingPolicy;
  readonly #preferRack: string | undefined;
  readonly #avoidSlow: boolean;
  readonly #slowFactor: number;
  readonly #slowMarginMs: number;
  readonly #warmUpMs: number;
  readonly #random: () => number;
  readonly #now: () => number;
  /** When each host came up that is still warming. Mostly empty. */
  readonly #warming = new Map<Host, number>();
  #nextProbeMs = 0;

  constructor(child: LoadBalancingPolicy, options: TokenAwareOptions) {
    checkPolicyOptions('TokenAwarePolicy', options, CHECKS);
    const { preferRack, avoidSlowReplicas = true, slowFactor = 3, slowMarginMs = 10, warmUpMs = 30_000 } = options;
    this.#child = child;
    this.#preferRack = preferRack;
    this.#avoidSlow = avoidSlowReplicas;
    this.#slowFactor = slowFactor;
    this.#slowMarginMs = slowMarginMs;
    this.#warmUpMs = warmUpMs;
    this.#random = options.random ?? Math.random;
    this.#now = options.now ?? (() => performance.now());
  }

  cameUp(host: Host): void {
    if (this.#warmUpMs > 0) this.#warming.set(host, this.#now());
  }

  wentDown(host: Host): void {
    this.#warming.delete(host);
  }

  /** The local replicas that are up, best first. */
  order(context: QueryContext): readonly Host[] {
    const { replicas } = context;
    const local: Host[] = [];
    if (replicas === null) return local;
    for (const host of replicas) {
      if (host.isUp && this.#child.distance(host) === 'local') local.push(host);
    }
    if (context.isLwt || local.length < 2) return local;

    const preferred = this.#preferRack === undefined ? 0 : this.#partition(local, this.#preferRack);
    this.#shuffle(local, 0, preferred);
    this.#shuffle(local, preferred, local.length);
    const choices = preferred > 0 ? preferred : local.length;
    if (choices > 1) this.#preferFewerWaiting(local);
    if (this.#avoidSlow) this.#putSlowLast(local);
    if (this.#warming.size > 0) this.#spareWarming(local);
    return local;
  }

  /** Puts the hosts of the rack first; their number. */
  #partition(hosts: Host[], rack: string): number {
    let preferred = 0;
    for (let i = 0; i < hosts.length; i++) {
      const host = hosts[i];
      if (host?.rack !== rack) continue;
      swap(hosts, i, preferred);
      preferred++;
    }
    return preferred;
  }

  /** One random number serves for several draws: what is left of it after one is as random as it was before. */
  #shuffle(hosts: Host[], from: number, to: number): void {
    let random = 0;
    for (let i = from; i < to - 1; i++) {
      if ((i - from) % DRAWS_PER_NUMBER === 0) random = this.#random();
      random *= to - i;
      const drawn = Math.floor(random);
      random -= drawn;
      swap(hosts, i, i + drawn);
    }
  }

  /** Of two drawn at random the less busy one: nearly as even as asking all, without all clients choosing the same. */
  #preferFewerWaiting(hosts: Host[]): void {
    const first = hosts[0];
    const second = hosts[1];
    if (!this.#avoidSlow || first === undefined || second === undefined) return;
    if (this.view.inFlight(second) < this.view.inFlight(first)) swap(hosts, 0, 1);
  }

  #putSlowLast(hosts: Host[]): void {
    const { view } = this;
    let best = Infinity;
    let worst = 0;
    for (const host of hosts) {
      const latency = view.latency(host);
      if (latency === null) continue;
      if (latency < best) best = latency;
      if (latency > worst) worst = latency;
    }
    const limit = Math.max(best * this.#slowFactor, best + this.#slowMarginMs);
    if (worst > limit) this.#moveSlow(hosts, limit);
  }

  #moveSlow(hosts: Host[], limit: number): void {
    const isSlow = (host: Host): boolean => (this.view.latency(host) ?? 0) > limit;
    const slow = hosts.filter(isSlow);
    const others = hosts.filter((host) => !slow.includes(host));
    const now = this.#now();
    const probe = now >= this.#nextProbeMs;
    if (probe) this.#nextProbeMs = now + PROBE_INTERVAL_MS;
    const ordered = probe ? [...slow.slice(0, 1), ...others, ...slow.slice(1)] : [...others, ...slow];
    ordered.forEach((host, i) => {
      hosts[i] = host;
    });
  }

  /** A node that just came up has cold caches: the younger, the more often another replica goes before it. */
  #spareWarming(hosts: Host[]): void {
    const first = hosts[0];
    if (first === undefined || !this.#isSpared(first)) return;
    for (let i = 1; i < hosts.length; i++) {
      const other = hosts[i];
      if (other === undefined || this.#warming.has(other)) continue;
      swap(hosts, 0, i);
      return;
    }
  }

  #isSpared(host: Host): boolean {
    const since = this.#warming.get(host);
    if (since === undefined) return false;
    const grown = (this.#now() - since) / this.#warmUpMs;
    if (grown >= 1) {
      this.#warming.delete(host);
      return false;
    }
    return this.#random() >= FIRST_SHARE + (1 - FIRST_SHARE) * grown;
  }
}

function swap(hosts: Host[], i: number, j: number): void {
  const host = hosts[i];
  const other = hosts[j];
  if (host === undefined || other === undefined) return;
  hosts[i] = other;
  hosts[j] = host;
}
