const TICK_MS = 10;

/**
 * Time as this process lives it: ticks of a timer. What the machine takes away in one piece counts as one tick, so that a
 * bound on it says something of the code and not of the machine. So does what holds the event loop up, which is not what
 * this is for (see heartbeat.ts). It keeps no process alive.
 */
export class OwnTime {
  #ticks = 0;
  readonly #timer = setInterval(() => this.#ticks++, TICK_MS).unref();

  /** Milliseconds since the beginning. */
  get ms(): number {
    return this.#ticks * TICK_MS;
  }

  /** Ends it; gives what `ms` came to. */
  stop(): number {
    clearInterval(this.#timer);
    return this.ms;
  }
}
