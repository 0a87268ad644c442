import { AsyncRetryPolicy, ReadFailure, RetryDecision, type RequestErrorContext } from '../../src/index.js';

/** UNKNOWN, TIMEOUT, NODE_DOWN: what a coordinator says of a replica that goes away while it is asked. */
const WENT_AWAY = [0, 2, 5];

/** The policy of docs/retries-and-idempotency.md for nodes that are restarted under load; a test holds the two together. */
export class WhileReplicasLeave extends AsyncRetryPolicy {
  override onRequestError(context: RequestErrorContext): RetryDecision {
    const { error, statement, isSelect, retryNumber } = context;
    const mayRetry = isSelect && statement.isIdempotent !== false && retryNumber < this.maxRetries;
    const haveLeft =
      error instanceof ReadFailure && [...error.failures.values()].every((reason) => WENT_AWAY.includes(reason));
    return mayRetry && haveLeft ? RetryDecision.RETRY_NEXT_HOST : super.onRequestError(context);
  }
}
