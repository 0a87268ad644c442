/** What was executed: a text without parameters, a prepared statement, a batch, a stream, or a preparation. */
export type QueryType = 'simple' | 'prepared' | 'batch' | 'stream' | 'prepare';

/** One call of the session that has ended: execute, executeBatch, prepare or, when it is over, a stream. */
export interface QueryMetrics {
  /** The same for the same text, always; says nothing of the text or of values. 16 hexadecimal digits. */
  readonly queryHash: string;
  /** What kind of call it was. */
  readonly queryType: QueryType;
  /** From the call to its outcome; of a stream, from the call until it was read to its end or left. */
  readonly durationMs: number;
  /** Whether it ended without an error. */
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
  /** The same for the same text, always; see QueryMetrics. */
  readonly queryHash: string;
  /** From 1. */
  readonly pageNumber: number;
  /** From the request for the page to its arrival. */
  readonly durationMs: number;
  /** Whether the page came. */
  readonly success: boolean;
  /** The error's class, if it did not. */
  readonly errorType?: string;
  /** Rows in the page. */
  readonly rows: number;
  /** 'address:port' of the node that answered, if one did. */
  readonly host?: string;
}

/** How the connections to one host do: told when one is opened, could not be opened, or the host goes up or down. */
export interface ConnectionMetrics {
  /** 'address:port' */
  readonly host: string;
  /** Whether a connection is open and the host is taken to be up. */
  readonly isHealthy: boolean;
  /** When this became known. */
  readonly lastCheck: Date;
  /** How long it took to open the connection, or to learn that it cannot be opened; 0 where the host went down. */
  readonly responseTimeMs: number;
  /** Attempts of requests at this host that failed, other than by time, since the client knows it. */
  readonly errorCount: number;
  /** Attempts of requests at this host. */
  readonly totalQueries: number;
}

/** What collectors may read of a cluster: its own numbers at this moment. AsyncCluster has this shape. */
export interface ObservedCluster {
  /** Read anew at each access; costs a walk over the hosts. */
  readonly statistics: ObservedStatistics;
}

/** A cluster's own numbers at one moment. */
export interface ObservedStatistics {
  /** Every host that the client knows. */
  readonly hosts: readonly ObservedHost[];
  /** Statements in the cache of prepared ones. */
  readonly preparedStatements: number;
  /** What was counted, over all hosts. */
  readonly totals: ObservedTotals;
}

/** One host as its cluster sees it. */
export interface ObservedHost {
  /** 'address:port', and whether it is taken to be up. */
  readonly host: { readonly endpoint: string; readonly isUp: boolean };
  /** Open connections to the host, without the control connection. */
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
  /** Attempts sent to the host. */
  readonly requests: number;
  /** Attempts that failed, other than by running out of time. */
  readonly errors: number;
  /** Attempts that were given up because they ran out of time. */
  readonly timeouts: number;
  /** Attempts at this host that failed and were repeated, here or elsewhere. */
  readonly retries: number;
}

/** Counted since the cluster object was made; see the class Counters. */
export interface ObservedTotals {
  /** Bytes handed to sockets. */
  readonly bytesSent: number;
  /** Bytes read from sockets. */
  readonly bytesReceived: number;
  /** Requests handed to sockets. */
  readonly requestsSent: number;
  /** Socket writes that took them: many requests can share one. */
  readonly writes: number;
  /** Requests that came to an end, however they ended. */
  readonly requestsFinished: number;
  /** Of those, requests that failed for good. */
  readonly requestsFailed: number;
  /** Attempts that were not answered by their deadline. */
  readonly timeouts: number;
  /** Attempts that were repeated after a failure. */
  readonly retries: number;
  /** The same by the class of the error that was retried, such as 'ReadTimeout'. */
  readonly retriesByCause: ReadonlyMap<string, number>;
  /** Attempts sent beside one that had not answered yet. */
  readonly speculativeExecutions: number;
  /** Statements prepared because they were not kept. */
  readonly prepares: number;
  /** Requests that a node answered with UNPREPARED. */
  readonly reprepares: number;
  /** Connections that were opened, handshake included. */
  readonly connectionsOpened: number;
  /** Connections that could not be opened, and those that were lost. */
  readonly connectionErrors: number;
  /** The same by 'address:port' and ConnectionErrorKind. */
  readonly connectionErrorsByHost: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Answers on stream ids that nobody had asked on. */
  readonly strayAnswers: number;
  /** Events of changes of the schema. */
  readonly schemaEvents: number;
  /** Events of nodes that came, left or moved. */
  readonly topologyEvents: number;
  /** Events of nodes that went up or down. */
  readonly statusEvents: number;
  /** Milliseconds that the event loop spent on making values of bytes. */
  readonly decodeMs: number;
}

/**
 * Where metrics go. Its methods may be async; nobody waits for them, and what they throw harms nothing: it is told
 * once, as an event 'log' of the cluster.
 */
export interface MetricsCollector {
  /** Called for each call of a session that ended. */
  recordQuery(metrics: QueryMetrics): void | Promise<void>;
  /** Called when a connection is opened, could not be opened, or a host goes up or down. */
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
