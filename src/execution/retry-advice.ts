import { ReadTimeout, Unavailable, WriteTimeout } from '../errors.js';
import {
  provesNotExecuted,
  type RetryContext,
  type RetryDecision,
  type RetryPolicy,
  type RetryStatement,
} from '../policies/retry.js';
import type { ConsistencyLevel } from '../protocol/constants.js';

export interface FailedRequest {
  readonly consistency: ConsistencyLevel;
  readonly statement: RetryStatement;
  readonly isSelect: boolean;
  readonly retryNumber: number;
}

/** Asks the policy's method for this kind of error. */
export function adviseRetry(policy: RetryPolicy, error: Error, request: FailedRequest): RetryDecision {
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
