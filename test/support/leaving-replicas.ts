import {
  AsyncRetryPolicy,
  ReadFailure,
  RetryDecision,
  WriteFailure,
  type RequestErrorContext,
} from '../../src/index.js';

/** UNKNOWN, TIMEOUT, NODE_DOWN: what a coordinator says of a replica that goes away while it is asked. */
const WENT_AWAY: readonly number[] = [0, 2, 5];

/** The policy of docs/retries-and-idempotency.md for nodes that are restarted under load. */
export class WhileReplicasLeave extends AsyncRetryPolicy {
  override onRequestError(context: RequestErrorContext): RetryDecision {
    const { error, statement, isSelect, retryNumber } = context;
    const isFailure = error instanceof ReadFailure || error instanceof WriteFailure;
    if (!isFailure || retryNumber >= this.maxRetries) return super.onRequestError(context);
    const isSafe = statement.isIdempotent ?? isSelect;
    const haveLeft = [...error.failures.values()].every((reason) => WENT_AWAY.includes(reason));
    return isSafe && haveLeft ? RetryDecision.RETRY_NEXT_HOST : RetryDecision.RETHROW;
  }
}
