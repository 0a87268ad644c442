import { ConfigurationError, OperationTimedOut, Overloaded } from '../errors.js';
import { onAbort } from '../util/abort.js';
import { anInteger, MAX_TIMER_MS, optionProblems, type OptionChecks } from '../util/option-checks.js';
import { StartTimes } from './start-times.js';
import { WaitingLine } from './waiting-line.js';

/** How many requests may run and wait at a time. */
export interface RateLimitOptions {
  /** Requests under way at the same time. Default 1000. */
  readonly maxConcurrent?: number | undefined;
  /** Requests that may wait for their turn; those past it are refused as Overloaded. Default: no limit. */
  readonly maxQueued?: number | undefined;
  /** Requests that may begin within any one second. Default: no limit. */
  readonly perSecond?: number | undefined;
}

/** What the limiter has seen. */
export interface RateLimitMetrics {
  /** Requests that were asked for: those under way, waiting, done, failed and refused. A stream counts each page. */
  readonly totalRequests: number;
  /** Requests that run now. */
  readonly activeRequests: number;
  /** Requests that wait for their turn now. */
  readonly queuedRequests: number;
  /** Refused because too many were waiting. */
  readonly rejectedRequests: number;
}

/** How long a request may wait, and who may call it off. */
export interface Patience {
  /** Milliseconds; Infinity for no limit. */
  readonly budgetMs: number;
  readonly signal: AbortSignal | null | undefined;
}

/** Lets `onEnd` be called, with what makes each waiter's error, when waiting is in vain. Returns what calls that off. */
export type WatchEnd = (onEnd: (reason: () => Error) => void) => () => void;

interface Waiter {
  readonly start: () => void;
  readonly fail: (error: unknown) => void;
}

const CHECKS: OptionChecks = {
  maxConcurrent: anInteger(1, Number.MAX_SAFE_INTEGER),
  maxQueued: anInteger(0, Number.MAX_SAFE_INTEGER),
  perSecond: anInteger(1, 10_000_000),
};

/** Lets requests begin in the order in which they came, as many at a time and as many a second as allowed. */
export class RequestLimiter {
  readonly #maxConcurrent: number;
  readonly #maxQueued: number;
  readonly #starts: StartTimes | null;
  readonly #watchEnd: WatchEnd;
  readonly #line = new WaitingLine<Waiter>();
  /** Set while somebody waits for the rate alone. */
  #timer: NodeJS.Timeout | null = null;
  /** Set while anybody waits: a limiter that is forgotten is nobody's to keep. */
  #stopWatching: (() => void) | null = null;
  #active = 0;
  #total = 0;
  #rejected = 0;

  /** @throws ConfigurationError that says all that is wrong. */
  constructor(options: RateLimitOptions = {}, watchEnd: WatchEnd = () => nothing) {
    const problems = optionProblems(options, CHECKS);
    if (problems.length > 0) throw new ConfigurationError(`RateLimitedSession: ${problems.join('; ')}`);
    const { maxConcurrent = 1000, maxQueued = Infinity, perSecond } = options;
    this.#watchEnd = watchEnd;
    this.#maxConcurrent = maxConcurrent;
    this.#maxQueued = maxQueued;
    this.#starts = perSecond === undefined ? null : new StartTimes(perSecond);
  }

  get metrics(): RateLimitMetrics {
    return {
      totalRequests: this.#total,
      activeRequests: this.#active,
      queuedRequests: this.#line.length,
      rejectedRequests: this.#rejected,
    };
  }

  /** Whether a request may begin at once; its work must then go to `run`. */
  get mayStartNow(): boolean {
    return (
      this.#line.length === 0 &&
      this.#active < this.#maxConcurrent &&
      (this.#starts?.waitMs(performance.now()) ?? 0) <= 0
    );
  }

  /** Runs the work now; `mayStartNow` was asked right before. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#total++;
    this.#take();
    return this.#finish(work);
  }

  /**
   * Runs the work when its turn comes, giving it what is left of its time.
   *
   * @throws Overloaded if too many wait (unless `mayExceed`), OperationTimedOut past its time, the signal's reason.
   */
  async runInTurn<T>(
    { budgetMs, signal }: Patience,
    work: (leftMs: number) => Promise<T>,
    mayExceed = false,
  ): Promise<T> {
    this.#total++;
    if (!mayExceed && this.#line.length >= this.#maxQueued) {
      this.#rejected++;
      throw new Overloaded(
        `The session's limit is reached: ${String(this.#active)} requests are under way and ${String(this.#line.length)} wait`,
        { notExecuted: true },
      );
    }
    const deadline = performance.now() + budgetMs;
    await this.#turn(budgetMs, signal);
    return this.#finish(() => work(Math.max(1, deadline - performance.now())));
  }

  /** Refuses whoever waits. */
  close(reason: () => Error): void {
    for (let waiter = this.#line.shift(); waiter !== undefined; waiter = this.#line.shift()) {
      waiter.fail(reason());
    }
    this.#onLeft();
  }

  #take(): void {
    this.#active++;
    this.#starts?.add(performance.now());
  }

  async #finish<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      this.#active--;
      this.#advance();
    }
  }

  /** Resolves with a place taken. */
  #turn(budgetMs: number, signal: AbortSignal | null | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const timer =
        budgetMs < MAX_TIMER_MS
          ? setTimeout(() => {
              giveUp(
                new OperationTimedOut(
                  `The request took longer than its ${String(budgetMs)} ms while it waited in line`,
                  {
                    timeoutMs: budgetMs,
                  },
                ),
              );
            }, budgetMs)
          : undefined;
      const end = (): void => {
        clearTimeout(timer);
        stopListening();
      };
      const place = this.#line.join({
        start: () => {
          end();
          resolve();
        },
        fail: (error) => {
          end();
          reject(error);
        },
      });
      const giveUp = (reason: unknown): void => {
        if (!this.#line.leave(place)) return;
        place.item.fail(reason);
        this.#onLeft();
      };
      this.#stopWatching ??= this.#watchEnd((reason) => {
        this.close(reason);
      });
      let stopListening = (): void => undefined;
      stopListening = onAbort(signal, giveUp);
      this.#advance();
    });
  }

  /** Lets as many begin as may. */
  #advance(): void {
    while (this.#line.length > 0 && this.#active < this.#maxConcurrent) {
      const waitMs = this.#starts?.waitMs(performance.now()) ?? 0;
      if (waitMs > 0) {
        this.#arm(waitMs);
        return;
      }
      this.#take();
      this.#line.shift()?.start();
    }
    this.#onLeft();
  }

  /** If nobody waits any more, nothing is left behind for the line. */
  #onLeft(): void {
    if (this.#line.length > 0) return;
    this.#disarm();
    this.#stopWatching?.();
    this.#stopWatching = null;
  }

  #arm(waitMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#advance();
    }, Math.ceil(waitMs));
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

function nothing(): void {
  // There is nothing to call off.
}
