/**
 * Every error that the client throws: its class, its stable `code` and its facts as fields.
 *
 * `instanceof` holds across two copies of the package in one process: each class carries a registered symbol as a
 * brand, and `Symbol.hasInstance` looks for it. No error text holds a password or a bound value.
 */

const BRAND_PREFIX = 'async-cassandra.error.';

function brandOf(name: string): symbol {
  return Symbol.for(BRAND_PREFIX + name);
}

/** Puts the class's brand on its prototype, names its instances, and makes `instanceof` look for that brand. */
function branded(target: abstract new (...args: never[]) => AsyncCassandraError, name: string): void {
  const brand = brandOf(name);
  Object.defineProperty(target.prototype, brand, { value: true });
  Object.defineProperty(target.prototype, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(target, Symbol.hasInstance, {
    value(this: unknown, instance: unknown): boolean {
      // A user's subclass inherits this method: it has no brand of its own, so its prototype chain decides.
      if (this !== target) return Function.prototype[Symbol.hasInstance].call(this as never, instance);
      return typeof instance === 'object' && instance !== null && brand in instance;
    },
  });
}

/** Options that every error of this package takes. */
export interface ErrorFacts {
  /** What lies behind this error. */
  readonly cause?: unknown;
}

/** Facts that an error answered by a server carries. */
export interface ServerErrorFacts extends ErrorFacts {
  /** The error code on the wire (native protocol v5, section 9). */
  readonly protocolCode?: number | undefined;
  /** 'address:port' of the node that answered. */
  readonly coordinator?: string | undefined;
}

/** The root of every error of this package. `code` is stable between versions; texts are not. */
export class AsyncCassandraError extends Error {
  /** Stable between versions: 'ERR_READ_TIMEOUT' and the like. */
  readonly code: string;

  constructor(message: string, code: string, facts?: ErrorFacts) {
    super(message, facts?.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
  }
}
branded(AsyncCassandraError, 'AsyncCassandraError');

/**
 * An option, an argument or a combination of them is wrong. Thrown before anything is opened or sent; by `connect()`
 * where only the cluster can tell, as of a datacenter that does not exist.
 *
 * What to do: Correct what the text names; it lists everything that is wrong at once, with the nearest right name.
 */
export class ConfigurationError extends AsyncCassandraError {
  constructor(message: string, facts?: ErrorFacts) {
    super(message, 'ERR_CONFIGURATION', facts);
  }
}
branded(ConfigurationError, 'ConfigurationError');

/**
 * The client cannot reach, keep or use a connection.
 *
 * What to do: Read the text and `cause`. 'Session is closed' and 'Cluster is closed' mean that the code still uses
 * what it has shut down.
 */
export class ConnectionError extends AsyncCassandraError {
  constructor(message: string, facts?: ErrorFacts & { readonly code?: string }) {
    super(message, facts?.code ?? 'ERR_CONNECTION', facts);
  }
}
branded(ConnectionError, 'ConnectionError');

/**
 * No host of the query plan could answer. `errors` tells each host's cause, by 'address:port'.
 *
 * What to do: Look at each host's own error in `errors`: a refused connection means that nothing listens there (is
 * Cassandra up, are address and port right?), a timeout that something in between keeps it away.
 */
export class NoHostAvailable extends ConnectionError {
  /** Each host's error, by 'address:port'. */
  readonly errors: Map<string, Error>;

  constructor(errors: Map<string, Error>, message?: string) {
    super(message ?? describeHosts(errors), { code: 'ERR_NO_HOST_AVAILABLE', cause: errors.values().next().value });
    this.errors = errors;
  }
}
branded(NoHostAvailable, 'NoHostAvailable');

function describeHosts(errors: Map<string, Error>): string {
  if (errors.size === 0) return 'No host is available: the query plan is empty';
  const shown = [...errors].slice(0, 3).map(([host, error]) => `${host}: ${error.message}`);
  const more = errors.size > 3 ? ` (and ${String(errors.size - 3)} more: see error.errors)` : '';
  return `No host is available. ${shown.join('; ')}${more}`;
}

/**
 * The server refused the credentials, or asked for some when none were configured. Never retried.
 *
 * What to do: Check user name and password, and that an `authProvider` is given (`AsyncCluster.createWithAuth`).
 */
export class AuthenticationFailed extends ConnectionError {
  /** 'address:port' of the node, if it is known. */
  readonly host: string | undefined;
  /** The server's error code (native protocol v5, section 9); undefined where the refusal is the client's own. */
  readonly protocolCode: number | undefined;
  /** 'address:port' of the node that answered; undefined where the refusal is the client's own. */
  readonly coordinator: string | undefined;

  constructor(message: string, facts?: ServerErrorFacts & { readonly host?: string | undefined }) {
    super(message, { ...facts, code: 'ERR_AUTHENTICATION_FAILED' });
    this.host = facts?.host;
    this.protocolCode = facts?.protocolCode;
    this.coordinator = facts?.coordinator;
  }
}
branded(AuthenticationFailed, 'AuthenticationFailed');

/**
 * A connection was lost or closed while a request waited on it.
 *
 * What to do: Nothing for reads and idempotent writes, which are retried. For any other write, read back whether it was
 * applied, or mark the statement `isIdempotent` if it may run twice.
 */
export class ConnectionClosed extends ConnectionError {
  /** 'address:port' of the node, if it is known. */
  readonly host: string | undefined;

  constructor(message: string, facts?: ErrorFacts & { readonly host?: string }) {
    super(message, { ...facts, code: 'ERR_CONNECTION_CLOSED' });
    this.host = facts?.host;
  }
}
branded(ConnectionClosed, 'ConnectionClosed');

/**
 * A request failed. Thrown itself around an unexpected exception that is not Cassandra's (see `cause`), for a stream that
 * is read twice (ERR_STREAM_CONSUMED) and for values that cannot be read as the options say (ERR_VALUE_OUT_OF_RANGE).
 *
 * What to do: Look at the text, and at `cause`.
 */
export class QueryError extends AsyncCassandraError {
  /** The server's error code (native protocol v5, section 9); undefined where no server answered. */
  readonly protocolCode: number | undefined;
  /** 'address:port' of the node that answered. */
  coordinator: string | undefined;

  constructor(message: string, facts?: ServerErrorFacts & { readonly code?: string }) {
    super(message, facts?.code ?? 'ERR_QUERY', facts);
    this.protocolCode = facts?.protocolCode;
    this.coordinator = facts?.coordinator;
  }
}
branded(QueryError, 'QueryError');

/**
 * A value does not fit its bind marker; nothing was sent. The text names the parameter, its CQL type and what came.
 *
 * What to do: Give the value in a form that its CQL type accepts, and as many parameters as there are markers.
 */
export class InvalidParameter extends QueryError {
  /** The bind marker's name, or its position (from 0) where it has none; of values past the markers, the first's. */
  readonly parameter: string | number | undefined;
  /** The CQL type that the marker has; undefined where there is no such marker. */
  readonly cqlType: string | undefined;

  constructor(
    message: string,
    facts?: ErrorFacts & { readonly parameter?: string | number | undefined; readonly cqlType?: string | undefined },
  ) {
    super(message, { ...facts, code: 'ERR_INVALID_PARAMETER' });
    this.parameter = facts?.parameter;
    this.cqlType = facts?.cqlType;
  }
}
branded(InvalidParameter, 'InvalidParameter');

/**
 * The request's whole time budget ran out on the client's side. Whether a write was applied is not known.
 *
 * What to do: Give slow requests a larger `timeoutMs`, or find what makes them slow: `host`, the option `slowQueryMs`,
 * `trace`. Before repeating a write, be sure that it may run twice.
 */
export class OperationTimedOut extends QueryError {
  /** The budget that ran out. */
  readonly timeoutMs: number;
  /** 'address:port' of the node that was asked last, if one was. */
  readonly host: string | undefined;

  constructor(message: string, facts: ErrorFacts & { readonly timeoutMs: number; readonly host?: string | undefined }) {
    super(message, { ...facts, code: 'ERR_OPERATION_TIMED_OUT' });
    this.timeoutMs = facts.timeoutMs;
    this.host = facts.host;
  }
}
branded(OperationTimedOut, 'OperationTimedOut');

/**
 * The query is valid CQL that this cluster cannot run: an unknown table, a wrong type (0x2200).
 *
 * What to do: Correct the query or the schema as the server's text says.
 */
export class InvalidRequest extends QueryError {
  constructor(message: string, facts?: ServerErrorFacts) {
    super(message, { ...facts, code: 'ERR_INVALID_REQUEST' });
  }
}
branded(InvalidRequest, 'InvalidRequest');

/**
 * The query is not CQL (0x2000).
 *
 * What to do: Correct the CQL at the place that the server's text names.
 */
export class SyntaxException extends QueryError {
  constructor(message: string, facts?: ServerErrorFacts) {
    super(message, { ...facts, code: 'ERR_SYNTAX' });
  }
}
branded(SyntaxException, 'SyntaxException');

/**
 * The logged-in role may not do this (0x2100).
 *
 * What to do: GRANT the permission that the text names, or connect as another role.
 */
export class Unauthorized extends QueryError {
  constructor(message: string, facts?: ServerErrorFacts) {
    super(message, { ...facts, code: 'ERR_UNAUTHORIZED' });
  }
}
branded(Unauthorized, 'Unauthorized');

/**
 * A keyspace, table or view of that name exists (0x2400). Of types, functions and indexes that exist, servers tell as
 * InvalidRequest.
 *
 * What to do: Use IF NOT EXISTS, or another name.
 */
export class AlreadyExists extends QueryError {
  /** The keyspace. */
  readonly keyspace: string;
  /** The table or view; '' where a keyspace exists. */
  readonly table: string;

  constructor(message: string, facts: ServerErrorFacts & { readonly keyspace: string; readonly table: string }) {
    super(message, { ...facts, code: 'ERR_ALREADY_EXISTS' });
    this.keyspace = facts.keyspace;
    this.table = facts.table;
  }
}
branded(AlreadyExists, 'AlreadyExists');

/**
 * The query is refused because of some configuration of the server (0x2300).
 *
 * What to do: Correct the options in the statement (replication, compaction …), or the server's configuration.
 */
export class ConfigurationException extends QueryError {
  constructor(message: string, facts?: ServerErrorFacts) {
    super(message, { ...facts, code: 'ERR_SERVER_CONFIGURATION' });
  }
}
branded(ConfigurationException, 'ConfigurationException');

/**
 * Fewer replicas are alive than the consistency level needs; the request was not executed (0x1000).
 *
 * What to do: Bring nodes back, lower the consistency level, or raise the replication factor.
 */
export class Unavailable extends QueryError {
  /** The consistency level that was asked for, as a number of ConsistencyLevel. */
  readonly consistency: number;
  /** Replicas that the level needs. */
  readonly requiredReplicas: number;
  /** Replicas that are up, as the coordinator sees it. */
  readonly aliveReplicas: number;

  constructor(
    message: string,
    facts: ServerErrorFacts & {
      readonly consistency: number;
      readonly requiredReplicas: number;
      readonly aliveReplicas: number;
    },
  ) {
    super(message, { ...facts, code: 'ERR_UNAVAILABLE' });
    this.consistency = facts.consistency;
    this.requiredReplicas = facts.requiredReplicas;
    this.aliveReplicas = facts.aliveReplicas;
  }
}
branded(Unavailable, 'Unavailable');

/** How many replicas had to answer and how many did. */
export interface ReplicaFacts extends ServerErrorFacts {
  /** The level that was asked for: a number of `ConsistencyLevel`. */
  readonly consistency: number;
  /** How many replicas had to answer. */
  readonly required: number;
  /** How many replicas answered. */
  readonly received: number;
}

/**
 * A read's replicas did not answer in the server's time (0x1200).
 *
 * What to do: Read less at a time, look for large partitions and tombstones, or lower the consistency level; look at
 * the load of the replicas.
 */
export class ReadTimeout extends QueryError {
  /** The consistency level that was asked for, as a number of ConsistencyLevel. */
  readonly consistency: number;
  /** Replicas that had to answer for that level. */
  readonly required: number;
  /** Replicas that answered. */
  readonly received: number;
  /** The replica asked for the data itself, not for its digest, was among them. */
  readonly dataRetrieved: boolean;

  constructor(message: string, facts: ReplicaFacts & { readonly dataRetrieved: boolean }) {
    super(message, { ...facts, code: 'ERR_READ_TIMEOUT' });
    this.consistency = facts.consistency;
    this.required = facts.required;
    this.received = facts.received;
    this.dataRetrieved = facts.dataRetrieved;
  }
}
branded(ReadTimeout, 'ReadTimeout');

/**
 * A write's replicas did not answer in the server's time; it may have been applied (0x1100).
 *
 * What to do: Repeat it if it may run twice (`isIdempotent` lets the client do that); of a conditional write, read at
 * SERIAL what became of it. Smaller batches help.
 */
export class WriteTimeout extends QueryError {
  /** The consistency level that was asked for, as a number of ConsistencyLevel. */
  readonly consistency: number;
  /** Replicas that had to answer for that level. */
  readonly required: number;
  /** Replicas that answered. */
  readonly received: number;
  /** SIMPLE, BATCH, UNLOGGED_BATCH, COUNTER, BATCH_LOG, CAS, VIEW, CDC, or a later server's own word. */
  readonly writeType: string;
  /** Only for CAS: how often the Paxos round met a rival. */
  readonly contentions: number | undefined;

  constructor(
    message: string,
    facts: ReplicaFacts & { readonly writeType: string; readonly contentions?: number | undefined },
  ) {
    super(message, { ...facts, code: 'ERR_WRITE_TIMEOUT' });
    this.consistency = facts.consistency;
    this.required = facts.required;
    this.received = facts.received;
    this.writeType = facts.writeType;
    this.contentions = facts.contentions;
  }
}
branded(WriteTimeout, 'WriteTimeout');

/** Why each replica failed: its address (no port) to a reason code (native protocol v5, section 9). */
export type FailuresByHost = ReadonlyMap<string, number>;

/**
 * Replicas failed while reading (0x1300).
 *
 * What to do: Look into the logs of the nodes in `failures`: often too many tombstones (reason 1).
 */
export class ReadFailure extends QueryError {
  /** The consistency level that was asked for, as a number of ConsistencyLevel. */
  readonly consistency: number;
  /** Replicas that had to answer for that level. */
  readonly required: number;
  /** Replicas that answered. */
  readonly received: number;
  /** The replica asked for the data itself, not for its digest, was among them. */
  readonly dataRetrieved: boolean;
  /** Why each replica failed: its address to a reason code. */
  readonly failures: FailuresByHost;

  constructor(
    message: string,
    facts: ReplicaFacts & { readonly dataRetrieved: boolean; readonly failures: FailuresByHost },
  ) {
    super(message, { ...facts, code: 'ERR_READ_FAILURE' });
    this.consistency = facts.consistency;
    this.required = facts.required;
    this.received = facts.received;
    this.dataRetrieved = facts.dataRetrieved;
    this.failures = facts.failures;
  }
}
branded(ReadFailure, 'ReadFailure');

/**
 * Replicas failed while writing (0x1500).
 *
 * What to do: Look into the logs of the nodes in `failures`. It may have been applied on other replicas.
 */
export class WriteFailure extends QueryError {
  /** The consistency level that was asked for, as a number of ConsistencyLevel. */
  readonly consistency: number;
  /** Replicas that had to answer for that level. */
  readonly required: number;
  /** Replicas that answered. */
  readonly received: number;
  /** The kind of write: SIMPLE, BATCH, UNLOGGED_BATCH, COUNTER, BATCH_LOG, CAS, VIEW, CDC, or a later word. */
  readonly writeType: string;
  /** Why each replica failed: its address to a reason code. */
  readonly failures: FailuresByHost;

  constructor(
    message: string,
    facts: ReplicaFacts & { readonly writeType: string; readonly failures: FailuresByHost },
  ) {
    super(message, { ...facts, code: 'ERR_WRITE_FAILURE' });
    this.consistency = facts.consistency;
    this.required = facts.required;
    this.received = facts.received;
    this.writeType = facts.writeType;
    this.failures = facts.failures;
  }
}
branded(WriteFailure, 'WriteFailure');

/**
 * A user-defined function threw (0x1400).
 *
 * What to do: Correct the function, or what it is called with.
 */
export class FunctionFailure extends QueryError {
  /** The keyspace of the function. */
  readonly keyspace: string;
  /** The function's name. */
  readonly functionName: string;
  /** CQL types as text. */
  readonly argumentTypes: readonly string[];

  constructor(
    message: string,
    facts: ServerErrorFacts & {
      readonly keyspace: string;
      readonly functionName: string;
      readonly argumentTypes: readonly string[];
    },
  ) {
    super(message, { ...facts, code: 'ERR_FUNCTION_FAILURE' });
    this.keyspace = facts.keyspace;
    this.functionName = facts.functionName;
    this.argumentTypes = facts.argumentTypes;
  }
}
branded(FunctionFailure, 'FunctionFailure');

/**
 * The outcome of a lightweight transaction is unknown: read at SERIAL to learn it (0x1700). Never retried.
 *
 * What to do: Read the row at SERIAL: that also finishes what was begun.
 */
export class CasWriteUnknown extends QueryError {
  /** The consistency level that was asked for, as a number of ConsistencyLevel. */
  readonly consistency: number;
  /** Replicas that had to answer for that level. */
  readonly required: number;
  /** Replicas that answered. */
  readonly received: number;

  constructor(message: string, facts: ReplicaFacts) {
    super(message, { ...facts, code: 'ERR_CAS_WRITE_UNKNOWN' });
    this.consistency = facts.consistency;
    this.required = facts.required;
    this.received = facts.received;
  }
}
branded(CasWriteUnknown, 'CasWriteUnknown');

/**
 * A write to a table with change data capture could not be logged (0x1600).
 *
 * What to do: Make room in the server's CDC directory: its consumer is behind.
 */
export class CdcWriteFailure extends QueryError {
  constructor(message: string, facts?: ServerErrorFacts) {
    super(message, { ...facts, code: 'ERR_CDC_WRITE_FAILURE' });
  }
}
branded(CdcWriteFailure, 'CdcWriteFailure');

/**
 * A TRUNCATE failed (0x1003).
 *
 * What to do: Bring all nodes up, and try again.
 */
export class TruncateError extends QueryError {
  constructor(message: string, facts?: ServerErrorFacts) {
    super(message, { ...facts, code: 'ERR_TRUNCATE' });
  }
}
branded(TruncateError, 'TruncateError');

/**
 * The node, or this client's own bounded queue, has no room for the request (0x1001; no protocolCode if our own).
 *
 * What to do: Send less at a time (`executeConcurrent`, `RateLimitedSession`), or give the option `pooling` a larger
 * queue.
 */
export class Overloaded extends QueryError {
  /** True if the request certainly was not executed, so that sending it again is safe for every statement. */
  readonly notExecuted: boolean;

  constructor(message: string, facts?: ServerErrorFacts & { readonly notExecuted?: boolean }) {
    super(message, { ...facts, code: 'ERR_OVERLOADED' });
    this.notExecuted = facts?.notExecuted ?? false;
  }
}
branded(Overloaded, 'Overloaded');

/**
 * The node is still joining the ring; the request was not executed (0x1002).
 *
 * What to do: Nothing: the request goes to another host.
 */
export class IsBootstrapping extends QueryError {
  constructor(message: string, facts?: ServerErrorFacts) {
    super(message, { ...facts, code: 'ERR_IS_BOOTSTRAPPING' });
  }
}
branded(IsBootstrapping, 'IsBootstrapping');

/**
 * Something unexpected happened in the server (0x0000, or a code that this client does not know).
 *
 * What to do: Look into the log of `coordinator`.
 */
export class ServerError extends QueryError {
  constructor(message: string, facts?: ServerErrorFacts) {
    super(message, { ...facts, code: 'ERR_SERVER' });
  }
}
branded(ServerError, 'ServerError');

/**
 * A peer broke the native protocol, or refused a message of ours as breaking it (0x000A).
 *
 * What to do: Report it, with the versions of client and server: one of them is wrong.
 */
export class ProtocolError extends QueryError {
  constructor(message: string, facts?: ServerErrorFacts) {
    super(message, { ...facts, code: 'ERR_PROTOCOL' });
  }
}
branded(ProtocolError, 'ProtocolError');
