import { QueryError, ReadTimeout, Unavailable, WriteTimeout } from '../errors.js';
import {
  provesNotExecuted,
  type RetryContext,
  RetryDecision,
  type RetryPolicy,
  type RetryStatement,
} from '../policies/retry.js';
import type { ConsistencyLevel } from '../protocol/constants.js';
import { watchOutcome } from '../util/hook-outcome.js';

export interface FailedRequest {
  readonly consistency: ConsistencyLevel;
  readonly statement: RetryStatement;
  readonly isSelect: boolean;
  readonly retryNumber: number;
}

const ACTIONS: ReadonlySet<unknown> = new Set([
  RetryDecision.RETRY_SAME_HOST.action,
  RetryDecision.RETRY_NEXT_HOST.action,
  RetryDecision.RETHROW.action,
  RetryDecision.IGNORE.action,
]);

/**
 * The policy's word on this error. The policy may be the user's.
 *
 * @throws QueryError if it throws or says something else than a RetryDecision.
 */
export function adviseRetry(policy: RetryPolicy, error: Error, request: FailedRequest): RetryDecision {
  try {
    const decision = ask(policy, error, request);
    if (ACTIONS.has((decision as Partial<RetryDecision> | undefined)?.action)) return decision;
    forgo(decision);
    throw new TypeError('A retry policy has to return a RetryDecision');
  } catch (cause) {
    throw new QueryError(`The retry policy failed over: ${error.message}`, { cause });
  }
}

/** An async policy gives a promise: nobody waits for it, and that it rejects must not end the process. */
function forgo(decision: unknown): void {
  watchOutcome(decision, () => undefined);
}

/** Asks the policy's method for this kind of error. */
function ask(policy: RetryPolicy, error: Error, request: FailedRequest): RetryDecision {
  const context: RetryContext = {
    ...request,
    error,
    wasNotExecuted: provesNotExecuted(error),
    required: 0,
    received: 0,
    alive: 0,
    dataRetrieved: false,
    writeType: '',
  };
  if (error instanceof ReadTimeout) {
    const { required, received, dataRetrieved } = error;
    return policy.onReadTimeout({ ...context, required, received, dataRetrieved });
  }
  if (error instanceof WriteTimeout) {
    const { required, received, writeType } = error;
    return policy.onWriteTimeout({ ...context, required, received, writeType });
  }
  if (error instanceof Unavailable) {
    return policy.onUnavailable({ ...context, required: error.requiredReplicas, alive: error.aliveReplicas });
  }
  return policy.onRequestError(context);
}
