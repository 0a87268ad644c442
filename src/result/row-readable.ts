import { Readable } from 'node:stream';
import { CallSite } from '../util/caller-stack.js';
import { asError } from '../util/thrown.js';
import type { PageSource } from './page-source.js';

/** How many rows Node's own buffer may hold beside the pages of the source. */
const HIGH_WATER_MARK = 64;

/**
 * The rows as Node's object stream. Destroying it closes the source.
 *
 * A reader may call `read()` when it is handed a row, and then Node calls `_read()` within `push()`. So one loop hands
 * out all rows, never called by itself, and never within `_read()`: Node would nest one call a row, a whole page deep.
 */
export class RowReadable<R> extends Readable {
  readonly #source: PageSource<R>;
  readonly #callSite = new CallSite(RowReadable);
  #rows: readonly R[] = [];
  #at = 0;
  /** Rows are being handed out, or a page is awaited. */
  #isBusy = false;
  /** How often Node has asked for rows: it does not ask again before it has got one. */
  #asked = 0;

  constructor(source: PageSource<R>) {
    super({ objectMode: true, highWaterMark: HIGH_WATER_MARK });
    this.#source = source;
  }

  override _read(): void {
    this.#asked++;
    if (this.#isBusy) return;
    this.#isBusy = true;
    if (this.#at === this.#rows.length) {
      this.#nextPage();
    } else {
      process.nextTick(() => {
        this.#handOut();
      });
    }
  }

  #handOut(): void {
    this.#source.checkDeadline();
    while (this.#at < this.#rows.length && this.#source.isOpen) {
      const asked = this.#asked;
      if (!this.push(this.#rows[this.#at++]) && this.#asked === asked) {
        this.#isBusy = false;
        return;
      }
    }
    this.#nextPage();
  }

  #nextPage(): void {
    this.#source.nextPage().then(
      (rows) => {
        if (this.destroyed) return;
        if (rows === null) {
          this.#rows = [];
          this.push(null);
          return;
        }
        this.#rows = rows;
        this.#at = 0;
        this.#handOut();
      },
      (error: unknown) => {
        if (this.#source.isOwn(error)) this.#callSite.showIn(error);
        this.destroy(asError(error));
      },
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#source.close();
    this.#rows = [];
    callback(error);
  }
}
