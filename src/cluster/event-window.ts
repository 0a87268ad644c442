import { withJitter } from '../util/jitter.js';

/**
 * Gathers events for a while and acts once. Events come in bursts, from every node about the same change; a thousand
 * clients acting at the same moment would be a storm of their own, so the window is spread at random.
 */
export class EventWindow {
  readonly #windowMs: number;
  readonly #act: () => void;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(windowMs: number, act: () => void) {
    this.#windowMs = windowMs;
    this.#act = act;
  }

  /** Something happened: act at the end of the window that is open, or of a new one. */
  touch(): void {
    if (this.#timer !== null || this.#isClosed) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#act();
      },
      withJitter(this.#windowMs, 0.25),
    );
    this.#timer.unref();
  }

  /** For good: a listener that is told of an event may be what closes the cluster. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
