import { SLICE_MS } from './sliced-job.js';

/** A power of two. So many steps that fail at once take a few milliseconds: an error with its stack is what costs. */
const STEPS_BETWEEN_LOOKS = 16;

/**
 * The share of each turn of the event loop that steps may have which follow one another without any wait: promises that
 * are settled at once run on and on, and no timer, socket or abort is heard meanwhile.
 *
 * Steps that do wait pay next to nothing: the clock is looked at, and the end of the turn heard of, once in 16 of them.
 */
export class TurnShare {
  /** True until the next turn: this one's time is over. */
  isUsedUp = false;
  readonly #onNextTurn: () => void;
  #steps = 0;
  #end = 0;
  /** Set until the present turn is over. */
  #turn: NodeJS.Immediate | null = null;

  /** `onNextTurn` is called in the turn after one whose share was used up. */
  constructor(onNextTurn: () => void) {
    this.#onNextTurn = onNextTurn;
  }

  /** A step begins. */
  take(): void {
    this.#steps = (this.#steps + 1) & (STEPS_BETWEEN_LOOKS - 1);
    if (this.#steps === 0) this.#look();
  }

  #look(): void {
    const now = performance.now();
    if (this.#turn === null) {
      this.#end = now + SLICE_MS;
      this.#turn = setImmediate(this.#onTurn);
    } else if (now >= this.#end) this.isUsedUp = true;
  }

  readonly #onTurn = (): void => {
    this.#turn = null;
    if (!this.isUsedUp) return;
    this.isUsedUp = false;
    this.#onNextTurn();
  };

  /** No further step comes. */
  close(): void {
    if (this.#turn !== null) clearImmediate(this.#turn);
    this.#turn = null;
  }
}
