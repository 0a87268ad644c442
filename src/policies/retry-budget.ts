import { ConfigurationError } from '../errors.js';

export interface RetryBudgetOptions {
  /** Retries may be at most this share of the recent requests. Default 0.2. */
  readonly share?: number;
  /** So many retries within the window are allowed whatever the number of requests. Default 100. */
  readonly floor?: number;
  /** How long a request counts as recent, in milliseconds. Default 10000. */
  readonly windowMs?: number;
  /** A monotonic clock in milliseconds. Default performance.now. */
  readonly now?: () => number;
}

/** A power of two: the clock is read once for so many requests. */
const REQUESTS_PER_CLOCK_READ = 64;

/**
 * Keeps retries from multiplying the load of a cluster that fails because of load: beside a small floor they may be at
 * most a share of the recent requests. Both numbers fade exponentially over the window, so nothing is kept per request.
 */
export class RetryBudget {
  readonly #share: number;
  readonly #floor: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  #pending = 0;
  #requests = 0;
  #retries = 0;
  #at: number;

  constructor(options: RetryBudgetOptions = {}) {
    this.#share = requireAtLeast('share', options.share ?? 0.2, 0);
    this.#floor = requireAtLeast('floor', options.floor ?? 100, 0);
    this.#windowMs = requireAtLeast('windowMs', options.windowMs ?? 10_000, 1);
    this.#now = options.now ?? (() => performance.now());
    this.#at = this.#now();
  }

  /** Counts one request; retries are not requests. */
  recordRequest(): void {
    if (++this.#pending === REQUESTS_PER_CLOCK_READ) this.#fade();
  }

  /** Takes one retry out of the budget; false if none is left, and then the error must go to the caller. */
  tryRetry(): boolean {
    this.#fade();
    // A hair of tolerance: sums of fading numbers are not exact.
    if (this.#retries + 1 > this.#floor + this.#share * this.#requests + 1e-6) return false;
    this.#retries++;
    return true;
  }

  /** Puts back a retry that was taken so many milliseconds ago and not made: as much of it as has not faded. */
  giveBack(ageMs: number): void {
    this.#fade();
    this.#retries = Math.max(0, this.#retries - Math.exp(-Math.max(0, ageMs) / this.#windowMs));
  }

  #fade(): void {
    const now = this.#now();
    const elapsed = now - this.#at;
    if (elapsed > 0) {
      const kept = Math.exp(-elapsed / this.#windowMs);
      this.#requests *= kept;
      this.#retries *= kept;
      this.#at = now;
    }
    this.#requests += this.#pending;
    this.#pending = 0;
  }
}

function requireAtLeast(name: string, value: number, least: number): number {
  if (!Number.isFinite(value) || value < least) {
    throw new ConfigurationError(`${name} of the retry budget must be ${String(least)} or more; got ${String(value)}`);
  }
  return value;
}
