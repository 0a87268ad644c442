/** A host is overloaded after this many signs within a second, if they are this share of all outcomes. */
const LEAST_SIGNS = 4;
const LEAST_SHARE = 0.1;
const WINDOW_MS = 1000;
/** What is left of the limit after a cut. */
const CUT = 0.6;
/** A host that is asked nothing could never show that it is better. */
const FLOOR = 4;
/** After this long without a sign the limit grows, by a tenth for each step. */
const CALM_MS = 1000;
const STEP_MS = 100;
const GROWTH = 1.1;

/**
 * How many requests one host may have outstanding. There is no limit but that of the connections (`ceiling`) until the
 * host shows that it has too many: it answers Overloaded, or not in time. Then the number that it had is cut, once for
 * all signs that come of requests sent before; and grows back smoothly as long as no more signs come.
 */
export class AdaptiveLimit {
  readonly ceiling: number;
  #limit = Infinity;
  #answers = 0;
  #signs = 0;
  #windowStart = -Infinity;
  #cutAt = -Infinity;
  #signAt = -Infinity;
  #grownAt = 0;

  constructor(ceiling: number) {
    this.ceiling = ceiling;
  }

  /** The limit now: the ceiling as long as all is well. */
  get value(): number {
    return Math.min(Math.floor(this.#limit), this.ceiling);
  }

  get isCut(): boolean {
    return this.#limit !== Infinity;
  }

  allows(outstanding: number): boolean {
    return outstanding + 1 <= this.#limit;
  }

  /** The host answered, at `now` (performance.now()). True if the limit is lifted by that. */
  onAnswer(now: number): boolean {
    this.#answers++;
    return this.#limit !== Infinity && this.#grow(now);
  }

  #grow(now: number): boolean {
    const calmSince = Math.max(this.#grownAt, this.#signAt + CALM_MS);
    if (now <= calmSince) return false;
    this.#limit *= GROWTH ** ((now - calmSince) / STEP_MS);
    this.#grownAt = now;
    if (this.#limit < this.ceiling) return false;
    this.#limit = Infinity;
    return true;
  }

  /** The host showed that it has too much to do, for a request sent at `sentAt`. True if the limit is cut for it. */
  onSign(now: number, sentAt: number, outstanding: number): boolean {
    // Sent under an earlier limit: it says nothing of the present one.
    if (sentAt < this.#cutAt) return false;
    if (now - this.#windowStart > WINDOW_MS) {
      this.#windowStart = now;
      this.#answers = 0;
      this.#signs = 0;
    }
    this.#signs++;
    this.#signAt = now;
    if (this.#signs < LEAST_SIGNS || this.#signs < LEAST_SHARE * (this.#signs + this.#answers)) return false;
    this.#limit = Math.max(FLOOR, Math.min(this.#limit, outstanding) * CUT);
    this.#cutAt = now;
    this.#grownAt = now;
    this.#windowStart = -Infinity;
    return true;
  }
}
