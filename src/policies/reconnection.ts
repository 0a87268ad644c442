import { ConfigurationError } from '../errors.js';
import { withJitter } from '../util/jitter.js';
import { isObject, type OptionCheck } from '../util/option-checks.js';
import { aDuration, checkPolicyOptions } from './policy-options.js';

/** How long to wait before each attempt to reach one host again. Made anew whenever a host is lost. */
export interface ReconnectionSchedule {
  /** Milliseconds until the next attempt. Called once for each attempt, without end. */
  nextDelayMs(): number;
}

/** Decides how long to wait between attempts to reach a host that is down. */
export interface ReconnectionPolicy {
  /** A series of delays for one host, begun anew each time that it goes down. */
  newSchedule(): ReconnectionSchedule;
}

/** Names that other clients use. */
const FOREIGN: Readonly<Record<string, string>> = {
  delay: 'it is called delayMs here',
  baseDelay: 'it is called baseDelayMs here',
  maxDelay: 'it is called maxDelayMs here',
};

/** The same pause before each attempt. */
export class ConstantReconnectionPolicy implements ReconnectionPolicy {
  /** The wait before each attempt, in milliseconds. */
  readonly delayMs: number;

  /** `delay` in milliseconds, bare or by name. Throws ConfigurationError if it is negative or no number. */
  constructor(delay: number | { readonly delayMs: number }) {
    const options = isObject(delay) ? delay : { delayMs: delay };
    checkPolicyOptions('ConstantReconnectionPolicy', options, { delayMs: aDuration }, ['delayMs'], FOREIGN);
    this.delayMs = options.delayMs;
  }

  /** The same wait, for ever. */
  newSchedule(): ReconnectionSchedule {
    return { nextDelayMs: () => this.delayMs };
  }
}

/** The first pause and the longest. */
export interface ExponentialReconnectionOptions {
  /** The first pause, in milliseconds. Default 1000. */
  readonly baseDelayMs?: number | undefined;
  /** The pauses stop growing here, in milliseconds. Default 60000. */
  readonly maxDelayMs?: number | undefined;
}

const EXPONENTIAL_CHECKS = { baseDelayMs: aDuration, maxDelayMs: aDuration } as const satisfies {
  readonly [K in keyof ExponentialReconnectionOptions]-?: OptionCheck;
};
const JITTER_SHARE = 0.15;

/** Pauses that double up to a limit, each made up to 15 % longer or shorter so that clients do not come back in step. */
export class ExponentialReconnectionPolicy implements ReconnectionPolicy {
  /** The first wait, in milliseconds. */
  readonly baseDelayMs: number;
  /** The waits stop growing here, in milliseconds. */
  readonly maxDelayMs: number;
  readonly #random: () => number;

  /** `random` gives numbers in [0, 1); only tests need another than Math.random. */
  constructor(options: ExponentialReconnectionOptions = {}, random: () => number = Math.random) {
    checkPolicyOptions('ExponentialReconnectionPolicy', options, EXPONENTIAL_CHECKS, [], FOREIGN);
    this.baseDelayMs = options.baseDelayMs ?? 1000;
    this.maxDelayMs = options.maxDelayMs ?? 60_000;
    if (this.baseDelayMs === 0) throw new ConfigurationError('baseDelayMs must be more than 0: 0 would never grow');
    if (this.maxDelayMs < this.baseDelayMs) {
      throw new ConfigurationError(
        `maxDelayMs (${String(this.maxDelayMs)}) must not be less than baseDelayMs (${String(this.baseDelayMs)})`,
      );
    }
    this.#random = random;
  }

  /** Waits that double from `baseDelayMs` to `maxDelayMs`, each up to 15 % longer or shorter by chance. */
  newSchedule(): ReconnectionSchedule {
    let delay = this.baseDelayMs;
    return {
      nextDelayMs: () => {
        const current = delay;
        delay = Math.min(delay * 2, this.maxDelayMs);
        return withJitter(current, JITTER_SHARE, this.#random);
      },
    };
  }
}
