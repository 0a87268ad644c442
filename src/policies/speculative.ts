import { ConfigurationError } from '../errors.js';
import { LatencyHistogram } from './latency-histogram.js';

/** When to send a request to one more host though the first has not answered yet. Idempotent statements only. */
export interface SpeculativeExecutionPolicy {
  /**
   * Milliseconds to wait after the attempt before, until the given speculative attempt is started; below 0 or Infinity:
   * no more. `attempt` counts from 1.
   */
  nextDelayMs(attempt: number): number;
  /** Told how long each answered attempt took. */
  recordLatency?(ms: number): void;
}

/** The default: one attempt at a time. */
export class NoSpeculativeExecution implements SpeculativeExecutionPolicy {
  /** Always below 0. */
  nextDelayMs(): number {
    return -1;
  }
}

/** When the other attempts start, and how many there may be. */
export interface ConstantSpeculativeExecutionOptions {
  /** The pause before each further attempt, in milliseconds. */
  readonly delayMs: number;
  /** Attempts beside the first. */
  readonly maxAttempts: number;
}

/** One more attempt after each fixed pause. */
export class ConstantSpeculativeExecutionPolicy implements SpeculativeExecutionPolicy {
  /** The wait before each further attempt, in milliseconds. */
  readonly delayMs: number;
  /** Attempts beside the first. */
  readonly maxAttempts: number;

  /** Throws ConfigurationError for a delay or a number of attempts that is none. */
  constructor(options: ConstantSpeculativeExecutionOptions) {
    if (!Number.isFinite(options.delayMs) || options.delayMs < 0) {
      throw new ConfigurationError(
        `delayMs must be a number of milliseconds, 0 or more; got ${String(options.delayMs)}`,
      );
    }
    this.delayMs = options.delayMs;
    this.maxAttempts = requireAttempts(options.maxAttempts);
  }

  /** `delayMs`, until there were `maxAttempts` of them; then below 0. */
  nextDelayMs(attempt: number): number {
    return attempt > this.maxAttempts ? -1 : this.delayMs;
  }
}

/** When the other attempts start, and how many there may be. */
export interface PercentileSpeculativeExecutionOptions {
  /** Between 0 and 100: at 99 about one request in a hundred is sent twice. */
  readonly percentile: number;
  /** Attempts beside the first. */
  readonly maxAttempts: number;
}

/** Fewer latencies say too little of a percentile: until then there are no speculative attempts. */
const LEAST_SAMPLES = 100;
/** The percentile is worked out anew after so many latencies, because that walks through the histogram. */
const SAMPLES_PER_UPDATE = 128;

/** One more attempt once a request is slower than most of the recent ones. */
export class PercentileSpeculativeExecutionPolicy implements SpeculativeExecutionPolicy {
  /** Of the latencies of the last while: 99 starts another attempt for the slowest hundredth. */
  readonly percentile: number;
  /** Attempts beside the first. */
  readonly maxAttempts: number;
  readonly #latencies = new LatencyHistogram();
  #delayMs = -1;
  #untilUpdate = LEAST_SAMPLES;

  /** Throws ConfigurationError for a percentile or a number of attempts that is none. */
  constructor(options: PercentileSpeculativeExecutionOptions) {
    const { percentile } = options;
    if (!(percentile > 0 && percentile < 100)) {
      throw new ConfigurationError(`percentile must lie between 0 and 100; got ${String(percentile)}`);
    }
    this.percentile = percentile;
    this.maxAttempts = requireAttempts(options.maxAttempts);
  }

  /** Adds one latency, in milliseconds, to those that the percentile is of. */
  recordLatency(ms: number): void {
    this.#latencies.record(ms);
    if (--this.#untilUpdate > 0) return;
    this.#untilUpdate = SAMPLES_PER_UPDATE;
    this.#delayMs = this.#latencies.percentile(this.percentile);
  }

  /** The percentile of the latencies so far; below 0 while there are too few, and after `maxAttempts` of them. */
  nextDelayMs(attempt: number): number {
    return attempt > this.maxAttempts ? -1 : this.#delayMs;
  }
}

function requireAttempts(value: number): number {
  if (!Number.isInteger(value) || value < 1) {
    throw new ConfigurationError(`maxAttempts must be a whole number, 1 or more; got ${String(value)}`);
  }
  return value;
}
