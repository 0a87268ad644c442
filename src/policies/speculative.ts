import { anInteger, mustBe, type OptionCheck } from '../util/option-checks.js';
import { LatencyHistogram } from './latency-histogram.js';
import { aDuration, checkPolicyOptions } from './policy-options.js';

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

const maxAttempts = anInteger(1, Number.MAX_SAFE_INTEGER);
const CONSTANT_CHECKS = { delayMs: aDuration, maxAttempts } as const satisfies {
  readonly [K in keyof ConstantSpeculativeExecutionOptions]-?: OptionCheck;
};
/** Names that other clients use. */
const FOREIGN: Readonly<Record<string, string>> = {
  delay: 'it is called delayMs here',
  maxSpeculativeExecutions: 'it is called maxAttempts here',
};

/** One more attempt after each fixed pause. */
export class ConstantSpeculativeExecutionPolicy implements SpeculativeExecutionPolicy {
  /** The wait before each further attempt, in milliseconds. */
  readonly delayMs: number;
  /** Attempts beside the first. */
  readonly maxAttempts: number;

  /** Throws ConfigurationError for a delay or a number of attempts that is none. */
  constructor(options: ConstantSpeculativeExecutionOptions) {
    checkPolicyOptions(
      'ConstantSpeculativeExecutionPolicy',
      options,
      CONSTANT_CHECKS,
      ['delayMs', 'maxAttempts'],
      FOREIGN,
    );
    this.delayMs = options.delayMs;
    this.maxAttempts = options.maxAttempts;
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

const PERCENTILE_CHECKS = {
  percentile: mustBe('a number between 0 and 100', (value) => typeof value === 'number' && value > 0 && value < 100),
  maxAttempts,
} as const satisfies { readonly [K in keyof PercentileSpeculativeExecutionOptions]-?: OptionCheck };

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
    const required = ['percentile', 'maxAttempts'];
    checkPolicyOptions('PercentileSpeculativeExecutionPolicy', options, PERCENTILE_CHECKS, required, FOREIGN);
    this.percentile = options.percentile;
    this.maxAttempts = options.maxAttempts;
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
