import { ConfigurationError } from '../errors.js';
import { NO_HOSTS, type Host } from '../topology/host.js';
import { aBoolean, anInteger, mustBe, type OptionCheck } from '../util/option-checks.js';
import {
  EMPTY_CLUSTER_VIEW,
  isLocalConsistency,
  type ClusterView,
  type HostDistance,
  type LoadBalancingPolicy,
  type QueryContext,
  type QueryPlan,
} from './load-balancing.js';
import { nameDatacenter } from './named-datacenter.js';
import { checkPolicyOptions } from './policy-options.js';

/**
 * The hosts of one array that are up, from a starting point once around, then those of a second array in its order.
 * Hosts known to be down stand in the second one: skipped in the first, they would double the load of their neighbour.
 */
class RotatingPlan implements QueryPlan {
  #hosts: readonly Host[];
  #following: readonly Host[];
  #at: number;
  #left: number;

  constructor(hosts: readonly Host[], following: readonly Host[], start: number) {
    this.#hosts = hosts;
    this.#following = following;
    this.#left = hosts.length;
    this.#at = hosts.length === 0 ? 0 : start % hosts.length;
  }

  next(): Host | null {
    for (;;) {
      while (this.#left > 0) {
        const host = this.#hosts[this.#at];
        this.#left--;
        this.#at = this.#at + 1 === this.#hosts.length ? 0 : this.#at + 1;
        if (host?.isUp === true) return host;
      }
      if (this.#following.length === 0) return null;
      this.#hosts = this.#following;
      this.#following = NO_HOSTS;
      this.#left = this.#hosts.length;
      this.#at = 0;
    }
  }
}

/** Counts plans; small enough to stay a machine integer. */
function following(count: number): number {
  return (count + 1) & 0x3fffffff;
}

/** Every host in turn, whatever its datacenter. */
export class RoundRobinPolicy implements LoadBalancingPolicy {
  #view: ClusterView = EMPTY_CLUSTER_VIEW;
  /** The array of the view from which `#up` and `#down` were made. */
  #seen: readonly Host[] | null = null;
  #up: readonly Host[] = NO_HOSTS;
  #down: readonly Host[] = NO_HOSTS;
  #start = Math.floor(Math.random() * 1024);

  /** Called by the cluster, once. */
  init(view: ClusterView): void {
    this.#view = view;
    this.#refresh();
  }

  /** Always 'local'. */
  distance(): HostDistance {
    return 'local';
  }

  /** Every host that is up, each time beginning with the next. */
  newQueryPlan(): QueryPlan {
    if (this.#seen !== this.#view.hosts) this.#refresh();
    this.#start = following(this.#start);
    return new RotatingPlan(this.#up, this.#down, this.#start);
  }

  /** Makes the list of hosts that are up anew. */
  onUp(): void {
    this.#refresh();
  }

  /** Makes the list of hosts that are up anew. */
  onDown(): void {
    this.#refresh();
  }

  /** Makes the list of hosts that are up anew. */
  onAdd(): void {
    this.#refresh();
  }

  /** Makes the list of hosts that are up anew. */
  onRemove(): void {
    this.#refresh();
  }

  #refresh(): void {
    const { hosts } = this.#view;
    this.#seen = hosts;
    this.#up = hosts.filter((host) => host.isUp);
    this.#down = hosts.filter((host) => !host.isUp);
  }
}

/** Which datacenters get connections and requests. */
export interface DCAwareRoundRobinOptions {
  /**
   * Default: the cluster's local datacenter. If the policy is the cluster's own (or the child of that) and the cluster's
   * options name none, the cluster takes this one.
   */
  readonly localDatacenter?: string | undefined;
  /** How many hosts of each other datacenter may be used once all local ones were tried. Default 0: none. */
  readonly usedHostsPerRemoteDc?: number | undefined;
  /** Let requests at a LOCAL_ consistency level, too, leave the datacenter. Default false. */
  readonly allowForLocalConsistency?: boolean | undefined;
}

const CHECKS = {
  localDatacenter: mustBe('the name of a datacenter', (value) => typeof value === 'string' && value !== ''),
  usedHostsPerRemoteDc: anInteger(0, Number.MAX_SAFE_INTEGER),
  allowForLocalConsistency: aBoolean,
} as const satisfies { readonly [K in keyof DCAwareRoundRobinOptions]-?: OptionCheck };

/** Names that other clients use. */
const FOREIGN: Readonly<Record<string, string>> = { localDc: 'it is called localDatacenter here' };

/** Every host of the local datacenter in turn; then, if allowed, some of the others. */
export class DCAwareRoundRobinPolicy implements LoadBalancingPolicy {
  readonly #configuredDatacenter: string | undefined;
  readonly #usedHostsPerRemoteDc: number;
  readonly #allowForLocalConsistency: boolean;
  #view: ClusterView = EMPTY_CLUSTER_VIEW;
  #datacenter = '';
  /** The array of the view from which the arrays below were made. */
  #seen: readonly Host[] | null = null;
  #local: readonly Host[] = NO_HOSTS;
  #localDown: readonly Host[] = NO_HOSTS;
  #remote: readonly Host[] = NO_HOSTS;
  /** `#localDown`, then `#remote`. */
  #elsewhere: readonly Host[] = NO_HOSTS;
  #start = Math.floor(Math.random() * 1024);

  /** Throws ConfigurationError for unknown or wrong options. */
  constructor(options: DCAwareRoundRobinOptions = {}) {
    checkPolicyOptions('DCAwareRoundRobinPolicy', options, CHECKS, [], FOREIGN);
    const { localDatacenter, usedHostsPerRemoteDc = 0, allowForLocalConsistency = false } = options;
    this.#configuredDatacenter = localDatacenter;
    nameDatacenter(this, localDatacenter);
    this.#usedHostsPerRemoteDc = usedHostsPerRemoteDc;
    this.#allowForLocalConsistency = allowForLocalConsistency;
  }

  /** The datacenter that counts as local; '' before `init` if none was configured. */
  get localDatacenter(): string {
    return this.#configuredDatacenter ?? this.#datacenter;
  }

  /** Called by the cluster, once. */
  init(view: ClusterView): void {
    const wanted = this.#configuredDatacenter ?? view.localDatacenter;
    const local = view.hosts.find((host) => host.datacenter === wanted);
    if (local === undefined && this.#configuredDatacenter !== undefined) {
      const known = [...new Set(view.hosts.map((host) => host.datacenter))].sort().join(', ');
      throw new ConfigurationError(
        `No host is in the datacenter '${wanted}' that DCAwareRoundRobinPolicy names as local. Known: ${known}`,
      );
    }
    this.#view = view;
    // The hosts' own string object: comparing a string with itself is the quickest comparison there is.
    this.#datacenter = local?.datacenter ?? wanted;
    this.#refresh();
  }

  /** 'local' in the local datacenter, 'remote' for the hosts of others that may be used, else 'ignored'. */
  distance(host: Host): HostDistance {
    if (this.#seen !== this.#view.hosts) this.#refresh();
    if (host.datacenter === this.#datacenter) return 'local';
    return this.#remote.includes(host) ? 'remote' : 'ignored';
  }

  /** The local hosts, each time beginning with the next; then those of other datacenters that may be used. */
  newQueryPlan(context: QueryContext): QueryPlan {
    if (this.#seen !== this.#view.hosts) this.#refresh();
    this.#start = following(this.#start);
    const mayLeave = this.#allowForLocalConsistency || !isLocalConsistency(context.consistency);
    return new RotatingPlan(this.#local, mayLeave ? this.#elsewhere : this.#localDown, this.#start);
  }

  /** Sorts the hosts by datacenter anew. */
  onUp(): void {
    this.#refresh();
  }

  /** Sorts the hosts by datacenter anew. */
  onDown(): void {
    this.#refresh();
  }

  /** Sorts the hosts by datacenter anew. */
  onAdd(): void {
    this.#refresh();
  }

  /** Sorts the hosts by datacenter anew. */
  onRemove(): void {
    this.#refresh();
  }

  #refresh(): void {
    const { hosts } = this.#view;
    this.#seen = hosts;
    const local = hosts.filter((host) => host.datacenter === this.#datacenter);
    this.#local = local.filter((host) => host.isUp);
    this.#localDown = local.filter((host) => !host.isUp);
    this.#remote = this.#usedHostsPerRemoteDc === 0 ? NO_HOSTS : this.#chooseRemote(hosts);
    this.#elsewhere = [...this.#localDown, ...this.#remote];
  }

  /** From each other datacenter the first hosts that are up, and down ones only where those are too few. */
  #chooseRemote(hosts: readonly Host[]): readonly Host[] {
    const chosen = new Map<string, Host[]>();
    for (const isUp of [true, false]) {
      for (const host of hosts) {
        if (host.isUp !== isUp || host.datacenter === this.#datacenter) continue;
        const others = chosen.get(host.datacenter);
        if (others === undefined) chosen.set(host.datacenter, [host]);
        else if (others.length < this.#usedHostsPerRemoteDc) others.push(host);
      }
    }
    return [...chosen.values()].flat();
  }
}
