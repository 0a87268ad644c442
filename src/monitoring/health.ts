/** The host answered. */
export const HOST_STATUS_UP = 'up';
/** The host did not answer, or not in time. */
export const HOST_STATUS_DOWN = 'down';
/** Nothing is known: the client has no connection to this host by choice, so it cannot ask it. */
export const HOST_STATUS_UNKNOWN = 'unknown';

export type HostStatus = typeof HOST_STATUS_UP | typeof HOST_STATUS_DOWN | typeof HOST_STATUS_UNKNOWN;

/** What one look at one host found. */
export interface HostMetrics {
  readonly address: string;
  readonly port: number;
  readonly datacenter: string;
  readonly rack: string;
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
  readonly lastCheck: Date;
}

/** What one look at all hosts found. */
export interface ClusterMetrics {
  readonly timestamp: Date;
  readonly clusterName: string;
  readonly protocolVersion: number;
  readonly hosts: readonly HostMetrics[];
  readonly totalConnections: number;
  /** Hosts that answered. */
  readonly healthyHosts: number;
  /** Hosts that did not; those of unknown status are in neither number. */
  readonly unhealthyHosts: number;
  /** What the collectors of the cluster's `metrics` have gathered; empty without any. */
  readonly appMetrics: Readonly<Record<string, unknown>>;
}

/** What the client knows without asking anybody. */
export interface ConnectionSummary {
  readonly totalHosts: number;
  readonly upHosts: number;
  readonly downHosts: number;
  readonly protocolVersion: number;
  readonly openConnections: number;
  readonly inFlight: number;
  readonly maxRequestsPerConnection: number;
}
