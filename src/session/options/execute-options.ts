import { ConfigurationError } from '../../errors.js';
import type { RetryPolicy } from '../../policies/retry.js';
import type { ConsistencyLevel } from '../../protocol/constants.js';
import type { RowMode } from '../../protocol/codec/row-plan.js';
import {
  FOREIGN_STATEMENT_OPTIONS,
  STATEMENT_OPTION_CHECKS,
  type CustomPayload,
} from '../../statement/statement-options.js';
import type { Host } from '../../topology/host.js';
import {
  aBoolean,
  aName,
  anAbortSignal,
  anInteger,
  isObject,
  milliseconds,
  mustBe,
  mustBeSecret,
  optionProblems,
  type OptionCheck,
} from '../../util/option-checks.js';

/** How one call is executed. These beat the statement's settings, which beat the profile's. */
export interface ExecuteOptions {
  /** Have the server note what it does: see `result.getQueryTrace()`. Default false. */
  readonly trace?: boolean | undefined;
  /** Bytes for the server's query handler, by key. */
  readonly customPayload?: CustomPayload | undefined;
  /** The whole budget of the request, in milliseconds; per page when paging; 0: no limit. Default: the profile's. */
  readonly timeoutMs?: number | undefined;
  /** The name of a profile. Default 'default'. */
  readonly executionProfile?: string | undefined;
  /** If given, one page is read: the first (null) or the one that a former result's pagingState names. */
  readonly pagingState?: Buffer | null | undefined;
  /** Rows a page. Default: the statement's, else the profile's; 5000 if neither says. */
  readonly fetchSize?: number | undefined;
  /** That node only, by its Host or as 'address:port'. */
  readonly host?: Host | string | undefined;
  /** Execute as this user, if the server's authenticator lets ours act for others. */
  readonly executeAs?: string | undefined;
  /** How many replicas must answer. Default: the statement's, else the profile's. */
  readonly consistencyLevel?: ConsistencyLevel | undefined;
  /** Who takes part in a conditional write: all datacenters (SERIAL) or the local one (LOCAL_SERIAL). Default: the statement's, else the profile's. */
  readonly serialConsistencyLevel?: ConsistencyLevel | undefined;
  /** True: running it twice does no harm, so it may be retried. Default: the statement's. */
  readonly isIdempotent?: boolean | undefined;
  /** The write's timestamp in microseconds since 1970. */
  readonly timestamp?: bigint | undefined;
  /** What the server takes for the present, in seconds since 1970: for TTLs. */
  readonly nowInSeconds?: number | undefined;
  /** The keyspace of table names that name none. */
  readonly keyspace?: string | undefined;
  /** What follows a failed attempt. Default: the statement's, else the profile's. */
  readonly retryPolicy?: RetryPolicy | undefined;
  /** The partition key's bytes as the server hashes them, where the client cannot know them. */
  readonly routingKey?: Buffer | undefined;
  /** A token instead of a key, such as the `end` of a TokenRange: its replicas are asked. A key beside it goes first. */
  readonly routingToken?: bigint | undefined;
  /** Rows as objects or as arrays of their values. Default 'object'. */
  readonly rowMode?: RowMode | undefined;
  /** Aborts the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export const EXECUTE_OPTION_CHECKS = {
  trace: aBoolean,
  timeoutMs: milliseconds(0, 'no limit'),
  executionProfile: aName,
  // The server puts the key of a row into it.
  pagingState: mustBeSecret(
    'a Buffer, or null for the first page',
    (value) => value === null || value instanceof Uint8Array,
  ),
  host: mustBe(
    "a Host or 'address:port'",
    (value) => (typeof value === 'string' && value !== '') || (isObject(value) && typeof value['id'] === 'string'),
  ),
  executeAs: aName,
  nowInSeconds: anInteger(0, 2 ** 32 - 1),
  routingToken: mustBe(
    'a bigint that fits 64 bits',
    (value) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  ),
  rowMode: mustBe("'object' or 'array'", (value) => value === 'object' || value === 'array'),
  signal: anAbortSignal,
  ...STATEMENT_OPTION_CHECKS,
} as const satisfies { readonly [K in keyof ExecuteOptions]-?: OptionCheck };

/** Names that the Python library and cassandra-driver use. */
export const FOREIGN_EXECUTE_OPTIONS: Readonly<Record<string, string>> = {
  ...FOREIGN_STATEMENT_OPTIONS,
  timeout: 'it is called timeoutMs here, in milliseconds',
  requestTimeoutMs: 'it is called timeoutMs here; requestTimeoutMs is an option of the cluster and of profiles',
  readTimeout: 'it is called timeoutMs here',
  pageState: 'it is called pagingState here',
  traceQuery: 'it is called trace here',
  profile: 'it is called executionProfile here',
  prepare: 'a string with parameters is always prepared: leave it out',
  hints: 'a string with parameters is prepared, which brings the types: leave it out',
  autoPage: 'all pages are read unless pagingState is given; executeStream reads them one by one',
  rawResult: 'give rowMode, or user codecs on the cluster',
  counter: 'give the BatchStatement the type BatchType.COUNTER',
  logged: 'give the BatchStatement the type BatchType.LOGGED or BatchType.UNLOGGED',
  captureStackTrace: 'errors keep the stack of the caller: leave it out',
};

/** A Map, since this is asked for each call, and `constructor` must not be found. */
const checks: ReadonlyMap<string, OptionCheck> = new Map<string, OptionCheck>(Object.entries(EXECUTE_OPTION_CHECKS));

/** Throws one ConfigurationError that says all that is wrong; cheap where nothing is. */
export function validateExecuteOptions(options: ExecuteOptions): void {
  if (isFine(options)) return;
  const problems = optionProblems(options, EXECUTE_OPTION_CHECKS, FOREIGN_EXECUTE_OPTIONS);
  if (problems.length > 0) throw new ConfigurationError(`Options of the call: ${problems.join('; ')}`);
}

function isFine(options: unknown): boolean {
  if (typeof options !== 'object' || options === null) return false;
  // for…in makes no array.
  for (const name in options) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    const check = checks.get(name);
    if (check === undefined || (value !== undefined && check(value) !== null)) return false;
  }
  return true;
}
