/** How often something happened in each of the last so many seconds: fixed memory, a few instructions to count. */
export class SecondCounts {
  readonly #counts: Uint32Array;
  /** The second that each slot counts, from an arbitrary beginning. */
  readonly #seconds: Float64Array;

  constructor(seconds: number) {
    this.#counts = new Uint32Array(seconds);
    this.#seconds = new Float64Array(seconds).fill(-Infinity);
  }

  /** Once more, at `atMs`, which may lie before what was counted last, and before the clock's beginning. */
  count(atMs: number): void {
    const second = Math.floor(atMs / 1000);
    const left = second % this.#counts.length;
    const slot = left < 0 ? left + this.#counts.length : left;
    const counted = this.#seconds[slot] ?? Infinity;
    // Older than all that is kept.
    if (counted > second) return;
    if (counted < second) {
      this.#seconds[slot] = second;
      this.#counts[slot] = 0;
    }
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
  }

  /** In the seconds up to and with that of `nowMs`. */
  total(nowMs: number): number {
    const oldest = Math.floor(nowMs / 1000) - this.#counts.length;
    let sum = 0;
    for (let slot = 0; slot < this.#counts.length; slot++) {
      if ((this.#seconds[slot] ?? -Infinity) > oldest) sum += this.#counts[slot] ?? 0;
    }
    return sum;
  }

  clear(): void {
    this.#seconds.fill(-Infinity);
  }
}
