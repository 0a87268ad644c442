import { within, type Limits } from './within.js';

/** Work that several callers wait for, each as long as it likes. When the last of them leaves, it is given up. */
export class SharedWork<T> {
  readonly #abandoning = new AbortController();
  readonly #outcome: Promise<T>;
  #start: (work: Promise<T>) => void = () => undefined;
  #waiting = 0;
  #isOver = false;

  constructor() {
    const outcome = new Promise<T>((resolve) => {
      this.#start = resolve;
    });
    this.#outcome = outcome.finally(() => {
      this.#isOver = true;
    });
    // It may fail when everybody has gone.
    this.#outcome.catch(() => undefined);
  }

  /**
   * Begins, once; the signal is aborted when the work is given up. Apart from the constructor, so that whoever hears of
   * the work when it begins can find and share it.
   */
  begin(work: (signal: AbortSignal) => Promise<T>): void {
    this.#start(work(this.#abandoning.signal));
  }

  /** Given up, and not at its end yet: whoever needs it now needs another one. */
  get isAbandoned(): boolean {
    return !this.#isOver && this.#abandoning.signal.aborted;
  }

  /** Resolves when the work is over, however it went. */
  async ended(): Promise<void> {
    await this.#outcome.catch(() => undefined);
  }

  /** The outcome as `within` gives it: the limits are this caller's alone. */
  async wait(limits: Limits<T>): Promise<T> {
    this.#waiting++;
    try {
      return await within(this.#outcome, limits);
    } finally {
      this.#waiting--;
      if (this.#waiting === 0 && !this.#isOver) this.#abandoning.abort();
    }
  }
}
