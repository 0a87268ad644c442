/** What was executed: a text without parameters, a prepared statement, a batch, a stream, or a preparation. */
export type QueryType = 'simple' | 'prepared' | 'batch' | 'stream' | 'prepare';

/** One call of the session that has ended: execute, executeBatch, prepare or, when it is over, a stream. */
export interface QueryMetrics {
  /** The same for the same text, always; says nothing of the text or of values. 16 hexadecimal digits. */
  readonly queryHash: string;
  readonly queryType: QueryType;
  /** From the call to its outcome; of a stream, from the call until it was read to its end or left. */
  readonly durationMs: number;
  readonly success: boolean;
  /** The error's class, such as 'ReadTimeout'. */
  readonly errorType?: string;
  /** When the call had ended. */
  readonly timestamp: Date;
  /** Values bound; of a batch, those of all its statements. */
  readonly parametersCount: number;
  /** Rows received. */
  readonly resultSize: number;
  /** 'address:port' of the node that answered, if one did. */
  readonly host?: string;
}

/** One page of a stream, as it came. */
export interface PageMetrics {
  readonly queryHash: string;
  /** From 1. */
  readonly pageNumber: number;
  /** From the request for the page to its arrival. */
  readonly durationMs: number;
  readonly success: boolean;
  readonly errorType?: string;
  readonly rows: number;
  readonly host?: string;
}

/** How the connections to one host do: told when one is opened, could not be opened, or the host goes up or down. */
export interface ConnectionMetrics {
  /** 'address:port' */
  readonly host: string;
  readonly isHealthy: boolean;
  readonly lastCheck: Date;
  /** How long it took to open the connection, or to learn that it cannot be opened. */
  readonly responseTimeMs: number;
  /** Attempts of requests at this host that failed, since the client knows it. */
  readonly errorCount: number;
  /** Attempts of requests at this host. */
  readonly totalQueries: number;
}

/** What collectors may read of a cluster: its own numbers at this moment. AsyncCluster has this shape. */
export interface ObservedCluster {
  readonly statistics: ObservedStatistics;
}

export interface ObservedStatistics {
  readonly hosts: readonly ObservedHost[];
  readonly preparedStatements: number;
  readonly totals: ObservedTotals;
}

export interface ObservedHost {
  readonly host: { readonly endpoint: string; readonly isUp: boolean };
  readonly openConnections: number;
  /** Requests that wait for the host's answer. */
  readonly inFlight: number;
  /** Requests that wait for room on a connection to the host. */
  readonly queued: number;
  /** Requests that were given up and that the host has not answered yet. */
  readonly orphaned: number;
  /** Requests that the host may have at a time: lowered when it answers Overloaded or not in time, raised again after. */
  readonly adaptiveLimit: number;
  /** Moving average in milliseconds; null before the first answer. */
  readonly latencyMs: number | null;
  /** Attempts sent to the host, and what became of them. */
  readonly requests: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly retries: number;
}

/** Counted since the cluster object was made; see the class Counters. */
export interface ObservedTotals {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly requestsSent: number;
  readonly writes: number;
  readonly requestsFinished: number;
  readonly requestsFailed: number;
  readonly timeouts: number;
  readonly retries: number;
  readonly retriesByCause: ReadonlyMap<string, number>;
  readonly speculativeExecutions: number;
  readonly prepares: number;
  readonly reprepares: number;
  readonly connectionsOpened: number;
  readonly connectionErrors: number;
  readonly connectionErrorsByHost: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly strayAnswers: number;
  readonly schemaEvents: number;
  readonly topologyEvents: number;
  readonly statusEvents: number;
  readonly decodeMs: number;
}

/**
 * Where metrics go. Its methods may be async; nobody waits for them, and what they throw harms nothing: it is told
 * once, as an event 'log' of the cluster.
 */
export interface MetricsCollector {
  recordQuery(metrics: QueryMetrics): void | Promise<void>;
  recordConnectionHealth(metrics: ConnectionMetrics): void | Promise<void>;
  /** What was gathered, in the collector's own shape. */
  getStats(): unknown;
  /** Each page of each stream; the stream as a whole comes to recordQuery. */
  recordPage?(metrics: PageMetrics): void | Promise<void>;
  /** A cluster was given the middleware that this collector belongs to. */
  attachCluster?(cluster: ObservedCluster): void;
  /** That cluster is being closed. */
  detachCluster?(cluster: ObservedCluster): void;
}
