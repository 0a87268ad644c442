const SECOND_MS = 1000;

/** When the last so many requests began: no more than that many begin within any one second. */
export class StartTimes {
  readonly #times: Float64Array;
  #oldest = 0;

  constructor(perSecond: number) {
    this.#times = new Float64Array(perSecond).fill(-Infinity);
  }

  /** How long the next one has to wait, in milliseconds; 0 or less: not at all. */
  waitMs(now: number): number {
    return (this.#times[this.#oldest] ?? -Infinity) + SECOND_MS - now;
  }

  add(now: number): void {
    this.#times[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.#times.length;
  }
}
