import { ConsistencyLevel } from '../protocol/constants.js';
import { NO_HOSTS, type Host } from '../topology/host.js';

/** 'local' and 'remote' hosts get connections (two numbers of them); 'ignored' ones get none. */
export type HostDistance = 'local' | 'remote' | 'ignored';

/** What a policy may know of the request that it makes a plan for. */
export interface QueryContext {
  /** The keyspace that the request runs in; null if there is none. */
  readonly keyspace: string | null;
  /** The hosts that hold the row, in ring order, of all datacenters; null if they are not known. */
  readonly replicas: readonly Host[] | null;
  /** The level that the request runs at. */
  readonly consistency: ConsistencyLevel;
  /** A lightweight transaction: replicas asked in one order by every client meet fewer rivals. */
  readonly isLwt: boolean;
}

/** The cluster as a policy sees it. */
export interface ClusterView {
  /** All known hosts: an array that is never changed but replaced whole. */
  readonly hosts: readonly Host[];
  /** As the options say, else as the policy names it, else that of the first contact point that answered. */
  readonly localDatacenter: string;
  /** Requests that wait for an answer of the host now. */
  inFlight(host: Host): number;
  /** Moving average of the host's latency in milliseconds; null if it has not answered yet. */
  latency(host: Host): number | null;
}

/** Gives the hosts to try for one request, best first. */
export interface QueryPlan {
  /** The next host; null when there are no more. */
  next(): Host | null;
}

/** Decides which hosts get connections and in what order they are tried. One object serves one cluster at a time. */
export interface LoadBalancingPolicy {
  /** Called once, before anything else, when the cluster's hosts are known. */
  init(view: ClusterView): void;
  /** Asked again for every host after any host was added, removed, or went up or down. */
  distance(host: Host): HostDistance;
  /** Called for each request: the work of finding a host belongs in the plan's `next`. */
  newQueryPlan(context: QueryContext): QueryPlan;
  /**
   * The host can be reached again. Like the three below, called after `view.hosts` and the host's own `isUp` show the
   * change, and not for the hosts of `init`.
   */
  onUp?(host: Host): void;
  /** The host is taken to be down: there is no connection to it, and none could be opened, or the cluster said so. */
  onDown?(host: Host): void;
  /** A node has joined, or is seen for the first time. */
  onAdd?(host: Host): void;
  /** A node has left for good. */
  onRemove?(host: Host): void;
}

/** The levels at which only replicas of the coordinator's own datacenter count. */
export function isLocalConsistency(consistency: ConsistencyLevel): boolean {
  return (
    consistency === ConsistencyLevel.LOCAL_QUORUM ||
    consistency === ConsistencyLevel.LOCAL_ONE ||
    consistency === ConsistencyLevel.LOCAL_SERIAL
  );
}

/** The view before `init`: no hosts. */
export const EMPTY_CLUSTER_VIEW: ClusterView = Object.freeze({
  hosts: NO_HOSTS,
  localDatacenter: '',
  inFlight: () => 0,
  latency: () => null,
});
