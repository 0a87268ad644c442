/** The host answered. */
export const HOST_STATUS_UP = 'up';
/** The host did not answer, or not in time. */
export const HOST_STATUS_DOWN = 'down';
/** Nothing is known: the client has no connection to this host by choice, so it cannot ask it. */
export const HOST_STATUS_UNKNOWN = 'unknown';

/** One of the three HOST_STATUS constants. */
export type HostStatus = typeof HOST_STATUS_UP | typeof HOST_STATUS_DOWN | typeof HOST_STATUS_UNKNOWN;

/** What one look at one host found. */
export interface HostMetrics {
  /** Where the client connects to: an IP address, or the name that an address translator gave. */
  readonly address: string;
  /** The host's native port. */
  readonly port: number;
  /** The host's datacenter. */
  readonly datacenter: string;
  /** The host's rack. */
  readonly rack: string;
  /** Whether it answered. */
  readonly status: HostStatus;
  /** Such as '5.0.4'. */
  readonly releaseVersion: string;
  /** Open connections of this client to the host. */
  readonly connectionCount: number;
  /** Requests of this client that wait for the host's answer. */
  readonly inFlight: number;
  /** How long the host took to answer, in milliseconds; null if it did not. */
  readonly latencyMs: number | null;
  /** Why it did not answer. */
  readonly lastError: string | null;
  /** When this was found. */
  readonly lastCheck: Date;
}

/** What one look at all hosts found. */
export interface ClusterMetrics {
  /** When the look ended. */
  readonly timestamp: Date;
  /** As the nodes call their cluster. */
  readonly clusterName: string;
  /** The version of the native protocol that is spoken. */
  readonly protocolVersion: number;
  /** What was found, host by host. */
  readonly hosts: readonly HostMetrics[];
  /** Open connections of this client, to all hosts together. */
  readonly totalConnections: number;
  /** Hosts that answered. */
  readonly healthyHosts: number;
  /** Hosts that did not; those of unknown status are in neither number. */
  readonly unhealthyHosts: number;
  /** What the collectors of the cluster's `metrics` have gathered; empty without any, and if they fail or take too long. */
  readonly appMetrics: Readonly<Record<string, unknown>>;
}

/** What the client knows without asking anybody. */
export interface ConnectionSummary {
  /** Hosts that the client knows. */
  readonly totalHosts: number;
  /**
   * Of those, the ones taken to be up; among them those that the load balancing policy leaves out, unless they are told to
   * be down.
   */
  readonly upHosts: number;
  /** Of those, the ones taken to be down. */
  readonly downHosts: number;
  /** The version of the native protocol that is spoken. */
  readonly protocolVersion: number;
  /** Open connections of this client, to all hosts together. */
  readonly openConnections: number;
  /** Requests that wait for an answer. */
  readonly inFlight: number;
  /** As the option `pooling.maxRequestsPerConnection` says. */
  readonly maxRequestsPerConnection: number;
}
