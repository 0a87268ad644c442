/** Something whose entries expire: it is asked now and then, as long as it says that it has some. */
export interface Sweepable {
  /** Expires what is due at `now` (performance.now()). Returns whether anything is left that may expire. */
  sweep(now: number): boolean;
}

const INTERVAL_MS = 20;
/** A tick this late means that the event loop was blocked, so answers may lie unread in the sockets. */
const LATE_MS = 3 * INTERVAL_MS;

/**
 * One timer for all deadlines. A timer per request costs more than the request's own bookkeeping; deadlines of
 * requests need no finer grain than this interval.
 *
 * If the tick itself comes late, the loop was blocked: sockets are read once before anything is declared late, so
 * that a busy process does not take its own slowness for the server's.
 */
export class DeadlineSweep {
  readonly #members = new Set<Sweepable>();
  #timer: NodeJS.Timeout | null = null;
  #dueAt = 0;

  /** Watches the member until its `sweep` returns false. Cheap when it is watched already. */
  watch(member: Sweepable): void {
    this.#members.add(member);
    if (this.#timer === null) this.#arm();
  }

  unwatch(member: Sweepable): void {
    this.#members.delete(member);
    if (this.#members.size === 0 && this.#timer !== null) {
      clearTimeout(this.#timer);
      this.#timer = null;
    }
  }

  #arm(): void {
    this.#dueAt = performance.now() + INTERVAL_MS;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (performance.now() - this.#dueAt > LATE_MS) {
        setImmediate(() => {
          this.#sweep();
        });
      } else this.#sweep();
    }, INTERVAL_MS);
    // Sockets and callers keep the process alive, deadlines alone do not.
    this.#timer.unref();
  }

  #sweep(): void {
    const now = performance.now();
    for (const member of this.#members) {
      if (!member.sweep(now)) this.#members.delete(member);
    }
    // What expired may have made room for something that is watched anew: one timer is enough for all.
    if (this.#members.size > 0 && this.#timer === null) this.#arm();
  }
}
