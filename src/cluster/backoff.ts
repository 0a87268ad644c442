import { ConfigurationError } from '../errors.js';
import type { ReconnectionPolicy, ReconnectionSchedule } from '../policies/reconnection.js';
import { MAX_TIMER_MS } from '../util/option-checks.js';
import type { Log } from './settings.js';

/** Where the policy is of no use. */
const FALLBACK_MS = 1000;

/** The pauses between attempts to reach a host again. The policy may be the user's: if it is broken, they go on all the same. */
export class Backoff {
  readonly #policy: ReconnectionPolicy;
  readonly #log: Log;
  #schedule: ReconnectionSchedule | null = null;
  #begun = false;

  constructor(policy: ReconnectionPolicy, log: Log) {
    this.#policy = policy;
    this.#log = log;
  }

  /** True until the first pause after the start or a `reset`. */
  get isFresh(): boolean {
    return !this.#begun;
  }

  /** The host was reached, or may be by now: the pauses begin anew. */
  reset(): void {
    this.#schedule = null;
    this.#begun = false;
  }

  /** How long to wait for the next attempt, in milliseconds. */
  next(): number {
    this.#begun = true;
    try {
      this.#schedule ??= this.#policy.newSchedule();
      const delay = this.#schedule.nextDelayMs();
      if (delay >= 0) return Math.min(delay, MAX_TIMER_MS);
      throw new ConfigurationError(
        `A reconnection schedule must give milliseconds, 0 or more; it gave ${String(delay)}`,
      );
    } catch (error) {
      this.#log({ level: 'error', message: 'The reconnection policy is broken', error });
      return FALLBACK_MS;
    }
  }
}
