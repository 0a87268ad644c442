import {
  AlreadyExists,
  AuthenticationFailed,
  CasWriteUnknown,
  CdcWriteFailure,
  ConfigurationError,
  ConfigurationException,
  FunctionFailure,
  InvalidParameter,
  InvalidRequest,
  IsBootstrapping,
  OperationTimedOut,
  Overloaded,
  ProtocolError,
  ReadFailure,
  SyntaxException,
  Unauthorized,
  Unavailable,
  WriteFailure,
} from '../errors.js';
import type { ConsistencyLevel } from '../protocol/constants.js';
import { anInteger, type OptionCheck } from '../util/option-checks.js';
import { checkPolicyOptions } from './policy-options.js';

/** The four things that can be done with a failed attempt. */
export type RetryAction = 'RETRY_SAME_HOST' | 'RETRY_NEXT_HOST' | 'RETHROW' | 'IGNORE';

/** What to do with a failed attempt. */
export interface RetryDecision {
  /** IGNORE gives the caller an empty result in place of the error. */
  readonly action: RetryAction;
  /** The level to retry at; the request's own if it is absent. */
  readonly consistency?: ConsistencyLevel | undefined;
}

function decide(action: RetryAction, consistency?: ConsistencyLevel): RetryDecision {
  return Object.freeze(consistency === undefined ? { action } : { action, consistency });
}

/** The decisions, ready-made: `return RetryDecision.RETRY_NEXT_HOST`, or with another consistency level. */
export const RetryDecision = {
  /** Asks the same node again. */
  RETRY_SAME_HOST: decide('RETRY_SAME_HOST'),
  /** Asks the next node of the query plan. */
  RETRY_NEXT_HOST: decide('RETRY_NEXT_HOST'),
  /** Throws the error. */
  RETHROW: decide('RETHROW'),
  /** Gives the caller an empty result in place of the error. */
  IGNORE: decide('IGNORE'),
  /** Asks the same node again, at another consistency level. */
  retrySameHost: (consistency: ConsistencyLevel): RetryDecision => decide('RETRY_SAME_HOST', consistency),
  /** Asks the next node of the query plan, at another consistency level. */
  retryNextHost: (consistency: ConsistencyLevel): RetryDecision => decide('RETRY_NEXT_HOST', consistency),
} as const;

/** A statement as a retry policy is shown it. Frozen, and a picture only: bound values are not in it. */
export interface RetryStatement {
  /** True: running it twice does no harm. Undefined is taken as false, unless it is a SELECT. */
  readonly isIdempotent?: boolean | undefined;
  /** Its text, with markers in place of bound values; null for a batch. */
  readonly query: string | null;
  /** The texts of a batch's statements, in their order; null for a single statement. */
  readonly statements: readonly string[] | null;
  /** The keyspace that its unqualified names mean; null if there is none. */
  readonly keyspace: string | null;
}

/** What is known of every failed attempt. */
export interface RequestErrorContext {
  /** The level that the attempt ran at. */
  readonly consistency: ConsistencyLevel;
  /** What it failed with: one of this package's errors. */
  readonly error: Error;
  /** How often this request was retried before: 0 at the first failure. */
  readonly retryNumber: number;
  /** What failed: its text, its keyspace, whether it is idempotent. Read-only. */
  readonly statement: RetryStatement;
  /** The statement is a SELECT. */
  readonly isSelect: boolean;
  /** The server's answer proves that the request was not executed. */
  readonly wasNotExecuted: boolean;
}

/** A coordinator gave up waiting for replicas that were to be read. */
export interface ReadTimeoutContext extends RequestErrorContext {
  /** How many replicas had to answer. */
  readonly required: number;
  /** How many answered. */
  readonly received: number;
  /** The replica asked for the data itself, not for its digest, was among those that answered. */
  readonly dataRetrieved: boolean;
}

/** A coordinator gave up waiting for replicas that were to be written. */
export interface WriteTimeoutContext extends RequestErrorContext {
  /** How many replicas had to acknowledge. */
  readonly required: number;
  /** How many acknowledged. */
  readonly received: number;
  /** SIMPLE, BATCH, UNLOGGED_BATCH, COUNTER, BATCH_LOG, CAS, VIEW, CDC, or a later server's own word. */
  readonly writeType: string;
}

/** A coordinator knew at once that too few replicas were alive: nothing was executed. */
export interface UnavailableContext extends RequestErrorContext {
  /** How many replicas the level needs. */
  readonly required: number;
  /** How many were alive. */
  readonly alive: number;
}

/** All facts at once: one shape that serves each of a policy's methods. A number that an error lacks is 0, a text ''. */
export interface RetryContext extends ReadTimeoutContext, WriteTimeoutContext, UnavailableContext {}

/** Decides what happens after a failed attempt. Never asked for a request that was not written to a socket. */
export interface RetryPolicy {
  /** Too few replicas answered a read in time. */
  onReadTimeout(context: ReadTimeoutContext): RetryDecision;
  /** Too few replicas acknowledged a write in time: it may have been applied. */
  onWriteTimeout(context: WriteTimeoutContext): RetryDecision;
  /** Too few replicas were alive: nothing was executed. */
  onUnavailable(context: UnavailableContext): RetryDecision;
  /** Connection lost, Overloaded, ServerError, IsBootstrapping, TruncateError and whatever else has no method here. */
  onRequestError(context: RequestErrorContext): RetryDecision;
}

/** The server's answer proves that the request was not executed. */
export function provesNotExecuted(error: unknown): boolean {
  return (
    error instanceof IsBootstrapping ||
    error instanceof Unavailable ||
    (error instanceof Overloaded && error.notExecuted)
  );
}

/**
 * Errors that another attempt cannot cure, or whose write may have been applied in part. CasWriteUnknown is among
 * them even for idempotent statements: a second round can meet the first one's own write and answer "not applied".
 */
function isFinal(error: unknown): boolean {
  return (
    error instanceof CasWriteUnknown ||
    error instanceof ReadFailure ||
    error instanceof WriteFailure ||
    error instanceof CdcWriteFailure ||
    error instanceof FunctionFailure ||
    error instanceof SyntaxException ||
    error instanceof InvalidRequest ||
    error instanceof InvalidParameter ||
    error instanceof Unauthorized ||
    error instanceof AlreadyExists ||
    error instanceof ConfigurationException ||
    error instanceof ConfigurationError ||
    error instanceof AuthenticationFailed ||
    error instanceof ProtocolError ||
    error instanceof OperationTimedOut
  );
}

/** Kinds of write that can be repeated if the statement is idempotent. BATCH_LOG: the batch itself was not begun. */
const REPEATABLE_WRITES: ReadonlySet<string> = new Set(['SIMPLE', 'BATCH', 'UNLOGGED_BATCH', 'BATCH_LOG']);

/** Limits of AsyncRetryPolicy. */
export interface AsyncRetryPolicyOptions {
  /** Retries of one request, of whatever kind. Default 3. */
  readonly maxRetries?: number | undefined;
}

const CHECKS = { maxRetries: anInteger(0, Number.MAX_SAFE_INTEGER) } as const satisfies {
  readonly [K in keyof AsyncRetryPolicyOptions]-?: OptionCheck;
};

/** The default: repeats what is safe to repeat, and never a write that might be applied twice. */
export class AsyncRetryPolicy implements RetryPolicy {
  /** Retries of one request, of whatever kind. */
  readonly maxRetries: number;

  /** Throws ConfigurationError for unknown options, and unless `maxRetries` is a whole number from 0. */
  constructor(options: AsyncRetryPolicyOptions = {}) {
    checkPolicyOptions('AsyncRetryPolicy', options, CHECKS);
    this.maxRetries = options.maxRetries ?? 3;
  }

  /**
   * The coordinator marks the slow replica, so the same host does better the next time. Safe for a lightweight
   * transaction too: a read timeout comes from the read before its proposal.
   */
  onReadTimeout(context: ReadTimeoutContext): RetryDecision {
    if (context.retryNumber >= this.maxRetries) return RetryDecision.RETHROW;
    const enough = context.dataRetrieved || context.received >= context.required;
    return enough ? RetryDecision.RETRY_SAME_HOST : RetryDecision.RETHROW;
  }

  /** The same host again if the statement is idempotent and the kind of write can be repeated; else the error. */
  onWriteTimeout(context: WriteTimeoutContext): RetryDecision {
    if (context.retryNumber >= this.maxRetries) return RetryDecision.RETHROW;
    const safe = context.statement.isIdempotent === true && REPEATABLE_WRITES.has(context.writeType);
    return safe ? RetryDecision.RETRY_SAME_HOST : RetryDecision.RETHROW;
  }

  /** Not executed, so any statement may be sent again. The first coordinator may be the one that is cut off. */
  onUnavailable(context: UnavailableContext): RetryDecision {
    if (context.retryNumber >= this.maxRetries) return RetryDecision.RETHROW;
    return context.retryNumber === 0 ? RetryDecision.RETRY_NEXT_HOST : RetryDecision.RETRY_SAME_HOST;
  }

  /** The next host for reads, for idempotent writes and for what certainly was not executed; else the error. */
  onRequestError(context: RequestErrorContext): RetryDecision {
    if (context.retryNumber >= this.maxRetries || isFinal(context.error)) return RetryDecision.RETHROW;
    const { isIdempotent } = context.statement;
    const safe =
      context.wasNotExecuted ||
      provesNotExecuted(context.error) ||
      isIdempotent === true ||
      (context.isSelect && isIdempotent !== false);
    return safe ? RetryDecision.RETRY_NEXT_HOST : RetryDecision.RETHROW;
  }
}

/** Never retries: each error goes to the caller. */
export class FallthroughRetryPolicy implements RetryPolicy {
  /** Throws the error. */
  onReadTimeout(): RetryDecision {
    return RetryDecision.RETHROW;
  }

  /** Throws the error. */
  onWriteTimeout(): RetryDecision {
    return RetryDecision.RETHROW;
  }

  /** Throws the error. */
  onUnavailable(): RetryDecision {
    return RetryDecision.RETHROW;
  }

  /** Throws the error. */
  onRequestError(): RetryDecision {
    return RetryDecision.RETHROW;
  }
}
