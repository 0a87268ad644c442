import { RingQueue } from './ring-queue.js';
import { SLICE_MS } from './sliced-job.js';

/** Work that may be interrupted after each of its steps. */
export interface SteppedWork {
  /** Does a little, for a few hundred microseconds at most. False: nothing is left to do. Must not throw. */
  step(): boolean;
  /** It is given up: `step` is not called again. */
  stop(reason: Error): void;
}

/**
 * Works off long work, one after the other, with a few milliseconds for all of it in each turn of the event loop: a
 * hundred large answers at a time must not block the loop any longer than one does.
 */
export class SliceQueue {
  readonly #onSlice: (ms: number) => void;
  readonly #waiting = new RingQueue<SteppedWork>();
  #current: SteppedWork | undefined = undefined;
  /** What this turn has left, in milliseconds. */
  #left = SLICE_MS;
  #turn: NodeJS.Immediate | null = null;

  /** `onSlice` is told how long each slice took that had a turn to itself, outside of whoever called `run`. */
  constructor(onSlice: (ms: number) => void) {
    this.#onSlice = onSlice;
  }

  /** Begins at once if nothing else waits and this turn has time left; what is done by then is done when it returns. */
  run(work: SteppedWork): void {
    if (this.#current !== undefined) {
      this.#waiting.push(work);
      return;
    }
    this.#current = work;
    this.#advance();
    if (this.#turn === null) this.#turn = setImmediate(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#turn = null;
    if (this.#current !== undefined) this.#onSlice(this.#advance());
    // Timers and sockets come next, and then what is asked of `run` by those has all the time again.
    this.#left = SLICE_MS;
    if (this.#current !== undefined) this.#turn = setImmediate(this.#onTurn);
  };

  /** Goes on as long as there is time. Returns how long it took. */
  #advance(): number {
    const begun = performance.now();
    let now = begun;
    while (this.#current !== undefined && now - begun < this.#left) {
      if (!this.#current.step()) this.#current = this.#waiting.shift();
      now = performance.now();
    }
    const took = now - begun;
    this.#left -= took;
    return took;
  }

  /** Stops all of it. */
  close(reason: Error): void {
    for (let work = this.#current; work !== undefined; work = this.#waiting.shift()) work.stop(reason);
    this.#current = undefined;
  }
}
