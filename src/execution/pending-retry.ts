import { performance } from 'node:perf_hooks';
import type { KnownHost } from '../cluster/known-host.js';
import { errorTypeOf } from '../util/error-type.js';
import type { RequestContext } from './request-plan.js';

/**
 * A retry that the policy asked for, until it is sent: there may be no host left for it, or only a place in line. It
 * counts once it is sent; one that never is gives back what it holds of the budget.
 */
export class PendingRetry {
  readonly #context: RequestContext;
  /** Where the attempt failed that is repeated. */
  readonly #host: KnownHost;
  readonly #error: Error;
  readonly #since = performance.now();
  #isOver = false;

  private constructor(context: RequestContext, host: KnownHost, error: Error) {
    this.#context = context;
    this.#host = host;
    this.#error = error;
  }

  /** Null if the budget is used up: the error goes to the caller then. */
  static begin(context: RequestContext, host: KnownHost, error: Error): PendingRetry | null {
    return context.retryBudget.tryRetry() ? new PendingRetry(context, host, error) : null;
  }

  /** A further attempt was sent. Says nothing when it is called again. */
  onSent(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#context.core.settings.counters.countRetry(errorTypeOf(this.#error));
    this.#host.stats.retries++;
  }

  /** No further attempt will be sent for it. Says nothing if one was. */
  giveUp(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#context.retryBudget.giveBack(performance.now() - this.#since);
  }
}
