import type { ClusterCore } from '../cluster/cluster-core.js';
import type { KnownHost } from '../cluster/known-host.js';
import { Counters } from '../observe/counters.js';
import type { ObservedHost } from '../observe/metrics/types.js';
import type { Host } from '../topology/host.js';

/** What the client does with one host now, and has done since it knows it. */
export interface HostStatistics extends ObservedHost {
  /** The host itself. */
  readonly host: Host;
}

/** The client's own numbers at one moment. */
export interface ClusterStatistics {
  /** Every host that the client knows. */
  readonly hosts: readonly HostStatistics[];
  /** Statements in the cache. */
  readonly preparedStatements: number;
  /** The cluster's option: requests that one connection may have under way. */
  readonly maxRequestsPerConnection: number;
  /** Everything counted since the cluster object was made. */
  readonly totals: Readonly<Counters>;
}

export function readStatistics(core: ClusterCore, preparedStatements: number): ClusterStatistics {
  return {
    hosts: core.hosts.map((host) => readHost(core, host)),
    preparedStatements,
    maxRequestsPerConnection: core.settings.pooling.maxRequestsPerConnection,
    totals: new Counters(core.settings.counters),
  };
}

function readHost(core: ClusterCore, host: KnownHost): HostStatistics {
  const pools = [...core.poolsOf(host)];
  const connections = pools.flatMap((pool) => pool.connections);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  const { latencyMs, requests, errors, timeouts, retries } = host.stats;
  return {
    host,
    openConnections: connections.length,
    inFlight: sum(connections.map((connection) => connection.inFlight)),
    queued: sum(pools.map((pool) => pool.queued)),
    orphaned: sum(connections.map((connection) => connection.orphans)),
    adaptiveLimit: host.limit.value,
    latencyMs,
    requests,
    errors,
    timeouts,
    retries,
  };
}
