import type { Log } from '../cluster/settings.js';
import type { SpeculativeExecutionPolicy } from '../policies/speculative.js';
import { watchOutcome } from '../util/hook-outcome.js';
import { MAX_TIMER_MS } from '../util/option-checks.js';

/** When one request is sent to a further host though no answer has come: the policy's word and the timer for it. */
export class Speculation {
  /** Further attempts that were started, for all pages. */
  started = 0;
  /** How many of them had been when this page was first asked for: each page has attempts of its own. */
  #before = 0;
  readonly #policy: SpeculativeExecutionPolicy;
  readonly #log: Log;
  readonly #onDue: () => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(policy: SpeculativeExecutionPolicy, log: Log, onDue: () => void) {
    this.#policy = policy;
    this.#log = log;
    this.#onDue = onDue;
  }

  /** The first attempt for a page was made. */
  begin(): void {
    this.#before = this.started;
    this.arm();
  }

  /** Arms the timer for the next further attempt, if the policy wants one. */
  arm(): void {
    const delay = this.#nextDelay();
    if (!(delay >= 0 && delay < Infinity)) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#onDue();
      },
      Math.min(delay, MAX_TIMER_MS),
    );
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  recordLatency(ms: number): void {
    try {
      const outcome: unknown = this.#policy.recordLatency?.(ms);
      if (outcome === undefined) return;
      watchOutcome(outcome, (error) => {
        this.#onError(error);
      });
    } catch (error) {
      this.#onError(error);
    }
  }

  #nextDelay(): number {
    try {
      return this.#policy.nextDelayMs(this.started - this.#before + 1);
    } catch (error) {
      this.#onError(error);
      return -1;
    }
  }

  /** The policy may be the user's; the request itself can do without. */
  #onError(error: unknown): void {
    this.#log({ level: 'error', message: 'The speculative execution policy threw', error });
  }
}
