/**
 * What the client counts about itself. Plain numbers, added to where things happen; read by whoever shows them.
 * Never reset.
 */
export class Counters {
  /** Bytes handed to sockets. */
  bytesSent = 0;
  /** Bytes read from sockets. */
  bytesReceived = 0;
  /** Requests handed to sockets. */
  requestsSent = 0;
  /** Socket writes; many requests can share one. */
  writes = 0;
  /** Requests that came to an end, however they ended. */
  requestsFinished = 0;
  /** Of those, requests that failed for good. */
  requestsFailed = 0;
  /** Attempts that were not answered by their deadline. */
  timeouts = 0;
  /** Attempts that were repeated after a failure. */
  retries = 0;
  /** By the class of the error that was retried, such as 'ReadTimeout'. */
  readonly retriesByCause: Map<string, number>;
  /** Attempts that were sent beside one that had not answered yet. */
  speculativeExecutions = 0;
  /** Statements prepared because they were not kept. */
  prepares = 0;
  /** Requests that a node answered with UNPREPARED. */
  reprepares = 0;
  /** Connections that were opened, handshake included. */
  connectionsOpened = 0;
  /** Connections that could not be opened, and those that were lost. */
  connectionErrors = 0;
  /** The same by 'address:port' and kind: see `countConnectionError`. Hosts that left the cluster are taken out. */
  readonly connectionErrorsByHost: Map<string, Map<string, number>>;
  /** Answers for stream ids that nobody had asked on. */
  strayAnswers = 0;
  /** Events of changes of the schema. */
  schemaEvents = 0;
  /** Events of nodes that came, left or moved. */
  topologyEvents = 0;
  /** Events of nodes that went up or down. */
  statusEvents = 0;
  /** Time that the event loop spent on taking bytes apart and making values of them. */
  decodeMs = 0;

  /** Starts at zero, or as a copy of `other`. */
  constructor(other?: Counters) {
    if (other !== undefined) Object.assign(this, other);
    this.retriesByCause = new Map(other?.retriesByCause);
    this.connectionErrorsByHost = new Map(
      [...(other?.connectionErrorsByHost ?? [])].map(([host, kinds]) => [host, new Map(kinds)]),
    );
  }

  /** Adds one retry; `cause` is the class of the error. */
  countRetry(cause: string): void {
    this.retries++;
    this.retriesByCause.set(cause, (this.retriesByCause.get(cause) ?? 0) + 1);
  }

  /** Adds one connection that failed; `host` is 'address:port'. */
  countConnectionError(host: string, kind: ConnectionErrorKind): void {
    this.connectionErrors++;
    let kinds = this.connectionErrorsByHost.get(host);
    if (kinds === undefined) {
      kinds = new Map();
      this.connectionErrorsByHost.set(host, kinds);
    }
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
}

/**
 * connect: nobody listens, or not in time. tls, auth, protocol: refused in that step, or, later, what came could not
 * be read. heartbeat: a sign of life did not come. lost: an open connection was closed by the other side.
 */
export type ConnectionErrorKind = 'connect' | 'tls' | 'auth' | 'protocol' | 'heartbeat' | 'lost';
