/** How long work may go on before the event loop gets its turn. */
export const SLICE_MS = 4;

/**
 * Long work in slices of a few milliseconds, so that sockets and timers are served in between. The work is a generator
 * that yields wherever it may be interrupted, at least every few hundred microseconds.
 */
export class SlicedJob<T> {
  readonly #steps: Iterator<unknown, T>;
  readonly #onEnd: (result: T) => void;
  readonly #onError: (error: unknown) => void;
  #next: NodeJS.Immediate | null = null;
  #stopped = false;

  constructor(steps: Iterator<unknown, T>, onEnd: (result: T) => void, onError: (error: unknown) => void) {
    this.#steps = steps;
    this.#onEnd = onEnd;
    this.#onError = onError;
  }

  /** Begins in the next turn of the event loop. */
  start(): void {
    this.#schedule();
  }

  /** Begins at once; short work so ends at once. */
  run(): void {
    const sliceEnd = performance.now() + SLICE_MS;
    try {
      do {
        const step = this.#steps.next();
        if (step.done === true) {
          this.#onEnd(step.value);
          return;
        }
      } while (!this.#stopped && performance.now() < sliceEnd);
    } catch (error) {
      this.#onError(error);
      return;
    }
    if (!this.#stopped) this.#schedule();
  }

  #schedule(): void {
    this.#next = setImmediate(() => {
      this.run();
    });
  }

  /** Nothing more is done, and nobody told. */
  stop(): void {
    this.#stopped = true;
    if (this.#next !== null) clearImmediate(this.#next);
  }
}

/** The same for work that is asynchronous anyway: it gives way when it asks for its turn and has had its time. */
export class SlicedTurns {
  #end = performance.now() + SLICE_MS;

  /** Null while there is time left; otherwise a promise for the next turn of the event loop. */
  next(): Promise<void> | null {
    if (performance.now() < this.#end) return null;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#end = performance.now() + SLICE_MS;
        resolve();
      });
    });
  }
}

/** Does it all now. */
export function atOnce<T>(steps: Iterator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
