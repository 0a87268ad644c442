import { aFunction, type OptionCheck } from '../util/option-checks.js';
import { aDuration, checkPolicyOptions } from './policy-options.js';

/** Gives each write its timestamp on the client's side. */
export interface TimestampGenerator {
  /**
   * Microseconds since 1970, greater than −2^63 and less than 2^63; null leaves the timestamp to the coordinator. A write
   * for which it throws, or gives anything else, is a QueryError and not sent; numbers that are safe integers are taken.
   */
  next(): bigint | null;
}

/** When somebody is told that the timestamps have run ahead of the clock. */
export interface MonotonicTimestampOptions {
  /**
   * Told by how many milliseconds the timestamps run ahead of the clock, when that passes `warningThresholdMs` and
   * then at most once in `warningIntervalMs`: the clock was set back, or more than a million writes a second are made.
   */
  readonly onDrift?: ((driftMs: number) => void) | undefined;
  /** Default 1000. */
  readonly warningThresholdMs?: number | undefined;
  /** Default 1000. */
  readonly warningIntervalMs?: number | undefined;
  /** Milliseconds since 1970. Default Date.now. */
  readonly now?: (() => number) | undefined;
}

const CHECKS = {
  onDrift: aFunction,
  warningThresholdMs: aDuration,
  warningIntervalMs: aDuration,
  now: aFunction,
} as const satisfies { readonly [K in keyof MonotonicTimestampOptions]-?: OptionCheck };

/**
 * Timestamps from the client's clock of which each is greater than the one before, also within one millisecond and
 * when the clock is set back: of two writes of one client to one row the later one wins.
 */
export class MonotonicTimestampGenerator implements TimestampGenerator {
  // Microseconds since 1970 are exact in a double until the year 2255.
  #last = 0;
  #nextWarningMs = -Infinity;
  readonly #now: () => number;
  readonly #onDrift: ((driftMs: number) => void) | undefined;
  readonly #thresholdMs: number;
  readonly #intervalMs: number;

  /** Throws ConfigurationError for unknown or wrong options. */
  constructor(options: MonotonicTimestampOptions = {}) {
    checkPolicyOptions('MonotonicTimestampGenerator', options, CHECKS);
    this.#now = options.now ?? Date.now;
    this.#onDrift = options.onDrift;
    this.#thresholdMs = options.warningThresholdMs ?? 1000;
    this.#intervalMs = options.warningIntervalMs ?? 1000;
  }

  /** A later microsecond than the one before, and the clock's if that is later still. */
  next(): bigint {
    return BigInt(this.nextNumber());
  }

  /** The same as a safe integer: a bigint for each write costs more than the rest of it. */
  nextNumber(): number {
    const nowMs = this.#now();
    const micros = Math.floor(nowMs * 1000);
    if (micros > this.#last) {
      this.#last = micros;
    } else {
      this.#last++;
      const driftMs = (this.#last - micros) / 1000;
      if (driftMs > this.#thresholdMs && nowMs >= this.#nextWarningMs) this.#warn(driftMs, nowMs);
    }
    return this.#last;
  }

  #warn(driftMs: number, nowMs: number): void {
    this.#nextWarningMs = nowMs + this.#intervalMs;
    this.#onDrift?.(driftMs);
  }
}

/** A generator's timestamps in the cheapest form in which it has them. */
export function timestampSource(generator: TimestampGenerator): () => bigint | number | null {
  // A class of the user's that extends this one with a `next` of its own is asked by that.
  const isOurs =
    generator instanceof MonotonicTimestampGenerator && generator.next === MonotonicTimestampGenerator.prototype.next;
  return isOurs ? () => generator.nextNumber() : () => generator.next();
}

/** Leaves every timestamp to the coordinator. */
export class ServerSideTimestampGenerator implements TimestampGenerator {
  /** Null: the coordinator sets the time. */
  next(): null {
    return null;
  }
}
