import { ConsistencyLevel } from '../protocol/constants.js';
import {
  aBoolean,
  aName,
  anInteger,
  isObject,
  mustBe,
  mustBeSecret,
  withMethods,
  type OptionCheck,
  type OptionChecks,
} from '../util/option-checks.js';

/**
 * What a statement knows of a retry policy: every `RetryPolicy` is one. Policies stand above statements (they look at
 * them), so the full interface, with its contexts and decisions, is theirs.
 */
export interface StatementRetryPolicy {
  onReadTimeout(context: never): object;
  onWriteTimeout(context: never): object;
  onUnavailable(context: never): object;
  onRequestError(context: never): object;
}

/** Bytes for the server's query handler, by key (native protocol v5, section 2.4.1.2, flag 0x04). */
export type CustomPayload = Readonly<Record<string, Buffer>>;

/** How one statement is executed. What is undefined comes from the execution profile. */
export interface StatementOptions {
  /** How many replicas must answer. */
  consistencyLevel?: ConsistencyLevel | undefined;
  /** Who takes part in a conditional write: all datacenters (SERIAL) or the local one (LOCAL_SERIAL). */
  serialConsistencyLevel?: ConsistencyLevel | undefined;
  /** True: running it twice does no harm, so it may be retried. Undefined counts as false, unless it is a SELECT. */
  isIdempotent?: boolean | undefined;
  /** Rows a page. */
  fetchSize?: number | undefined;
  /** What follows a failed attempt. */
  retryPolicy?: StatementRetryPolicy | undefined;
  /** The keyspace of table names that name none, for this statement alone; a prepared one is prepared there, too. */
  keyspace?: string | undefined;
  /** The write's timestamp in microseconds since 1970. */
  timestamp?: bigint | undefined;
  /** Bytes for the server's query handler, by key. */
  customPayload?: CustomPayload | undefined;
  /** The partition key's bytes as the server hashes them. Prepared statements find their own. */
  routingKey?: Buffer | undefined;
}

const LEVELS: ReadonlySet<unknown> = new Set(Object.values(ConsistencyLevel));
const MAX_INT32 = 2 ** 31 - 1;
const MAX_INT64 = 2n ** 63n - 1n;

export const aConsistencyLevel: OptionCheck = mustBe('one of ConsistencyLevel', (value) => LEVELS.has(value));

export const aSerialConsistencyLevel: OptionCheck = mustBe(
  'ConsistencyLevel.SERIAL or ConsistencyLevel.LOCAL_SERIAL',
  (value) => value === ConsistencyLevel.SERIAL || value === ConsistencyLevel.LOCAL_SERIAL,
);

/** Where 0 would mean "no paging": reading a whole table at once is never what is wanted. */
export const aFetchSize: OptionCheck = anInteger(1, MAX_INT32);

export const aRetryPolicy: OptionCheck = withMethods(
  'a RetryPolicy',
  'onReadTimeout',
  'onWriteTimeout',
  'onUnavailable',
  'onRequestError',
);

const aTimestamp: OptionCheck = mustBe(
  'a bigint of microseconds since 1970 that fits 64 bits',
  // The smallest int64 means "none" inside the server.
  (value) => typeof value === 'bigint' && value <= MAX_INT64 && value >= -MAX_INT64,
);

const aCustomPayload: OptionCheck = mustBeSecret(
  'an object whose values are Buffers',
  (value) => isObject(value) && Object.values(value).every((bytes) => bytes instanceof Uint8Array),
);

/** It is made of what is bound to the partition key. */
const aRoutingKey: OptionCheck = mustBeSecret('a Buffer', (value) => value instanceof Uint8Array);

/** One check for each of StatementOptions; the options of a call share them. */
export const STATEMENT_OPTION_CHECKS = {
  consistencyLevel: aConsistencyLevel,
  serialConsistencyLevel: aSerialConsistencyLevel,
  isIdempotent: aBoolean,
  fetchSize: aFetchSize,
  retryPolicy: aRetryPolicy,
  keyspace: aName,
  timestamp: aTimestamp,
  customPayload: aCustomPayload,
  routingKey: aRoutingKey,
} as const satisfies OptionChecks;

/** Names under which other clients know these options. */
export const FOREIGN_STATEMENT_OPTIONS: Readonly<Record<string, string>> = {
  consistency: 'it is called consistencyLevel here',
  serialConsistency: 'it is called serialConsistencyLevel here',
  idempotent: 'it is called isIdempotent here',
  pageSize: 'it is called fetchSize here',
  prefetch: 'a stream takes prefetchPages',
  retry: 'it is called retryPolicy here',
};
