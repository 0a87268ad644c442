import { within, type Limits } from './within.js';

/** Work that several callers wait for, each as long as it likes. It goes on when the last of them has left. */
export class SharedWork<T> {
  /** For whoever waits without limits, or not at all: that it fails need not be heard. Does not count as waiting. */
  readonly outcome: Promise<T>;
  readonly #abandoning = new AbortController();
  #start: (work: Promise<T>) => void = () => undefined;
  #waiting = 0;
  #isOver = false;

  constructor() {
    const outcome = new Promise<T>((resolve) => {
      this.#start = resolve;
    });
    this.outcome = outcome.finally(() => {
      this.#isOver = true;
    });
    this.outcome.catch(() => undefined);
  }

  /**
   * Begins, once; the signal is aborted when the last caller has left. Apart from the constructor, so that whoever hears
   * of the work when it begins can find and share it.
   */
  begin(work: (abandoned: AbortSignal) => Promise<T>): void {
    this.#start(work(this.#abandoning.signal));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** All who waited have left before it was over: it may be one that never is. */
  get isAbandoned(): boolean {
    return this.#abandoning.signal.aborted;
  }

  /** The outcome as `within` gives it: the limits are this caller's alone. */
  async wait(limits: Limits<T>): Promise<T> {
    this.#waiting++;
    try {
      return await within(this.outcome, limits);
    } finally {
      this.#waiting--;
      if (this.#waiting === 0 && !this.#isOver) this.#abandoning.abort();
    }
  }
}
