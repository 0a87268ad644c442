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

export type RetryAction = 'RETRY_SAME_HOST' | 'RETRY_NEXT_HOST' | 'RETHROW' | 'IGNORE';

/** What to do with a failed attempt. */
export interface RetryDecision {
  /** IGNORE gives the caller an empty result in place of the error. */
  readonly action: RetryAction;
  /** The level to retry at; the request's own if it is absent. */
  readonly consistency?: ConsistencyLevel;
}

function decide(action: RetryAction, consistency?: ConsistencyLevel): RetryDecision {
  return Object.freeze(consistency === undefined ? { action } : { action, consistency });
}

/** The decisions, ready-made: `return RetryDecision.RETRY_NEXT_HOST`, or with another consistency level. */
export const RetryDecision = {
  RETRY_SAME_HOST: decide('RETRY_SAME_HOST'),
  RETRY_NEXT_HOST: decide('RETRY_NEXT_HOST'),
  RETHROW: decide('RETHROW'),
  IGNORE: decide('IGNORE'),
  retrySameHost: (consistency: ConsistencyLevel): RetryDecision => decide('RETRY_SAME_HOST', consistency),
  retryNextHost: (consistency: ConsistencyLevel): RetryDecision => decide('RETRY_NEXT_HOST', consistency),
} as const;

/** All that a retry policy looks at in a statement. */
export interface RetryStatement {
  /** True: running it twice does no harm. Undefined is taken as false, unless it is a SELECT. */
  readonly isIdempotent?: boolean | undefined;
}

/** What is known of every failed attempt. */
export interface RequestErrorContext {
  readonly consistency: ConsistencyLevel;
  readonly error: Error;
  /** How often this request was retried before: 0 at the first failure. */
  readonly retryNumber: number;
  readonly statement: RetryStatement;
  /** The statement is a SELECT. */
  readonly isSelect: boolean;
  /** No node can have executed the request: it never left this process, or the answer says so. */
  readonly wasNotExecuted: boolean;
}

export interface ReadTimeoutContext extends RequestErrorContext {
  readonly required: number;
  readonly received: number;
  /** The replica asked for the data itself, not for its digest, was among those that answered. */
  readonly dataRetrieved: boolean;
}

export interface WriteTimeoutContext extends RequestErrorContext {
  readonly required: number;
  readonly received: number;
  /** SIMPLE, BATCH, UNLOGGED_BATCH, COUNTER, BATCH_LOG, CAS, VIEW, CDC, or a later server's own word. */
  readonly writeType: string;
}

export interface UnavailableContext extends RequestErrorContext {
  readonly required: number;
  readonly alive: number;
}

/** All facts at once: one shape that serves each of a policy's methods. A number that an error lacks is 0, a text ''. */
export interface RetryContext extends ReadTimeoutContext, WriteTimeoutContext, UnavailableContext {}

/** Decides what happens after a failed attempt. Never asked for a request that was not written to a socket. */
export interface RetryPolicy {
  onReadTimeout(context: ReadTimeoutContext): RetryDecision;
  onWriteTimeout(context: WriteTimeoutContext): RetryDecision;
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

export interface AsyncRetryPolicyOptions {
  /** Retries of one request, of whatever kind. Default 3. */
  readonly maxRetries?: number;
}

/** The default: repeats what is safe to repeat, and never a write that might be applied twice. */
export class AsyncRetryPolicy implements RetryPolicy {
  readonly maxRetries: number;

  constructor(options: AsyncRetryPolicyOptions = {}) {
    const { maxRetries = 3 } = options;
    if (!Number.isInteger(maxRetries) || maxRetries < 0) {
      throw new ConfigurationError(`maxRetries must be a whole number, 0 or more; got ${String(maxRetries)}`);
    }
    this.maxRetries = maxRetries;
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
  onReadTimeout(): RetryDecision {
    return RetryDecision.RETHROW;
  }

  onWriteTimeout(): RetryDecision {
    return RetryDecision.RETHROW;
  }

  onUnavailable(): RetryDecision {
    return RetryDecision.RETHROW;
  }

  onRequestError(): RetryDecision {
    return RetryDecision.RETHROW;
  }
}
