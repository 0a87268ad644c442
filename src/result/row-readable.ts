import { Readable } from 'node:stream';
import type { PageSource } from './page-source.js';

/** How many rows Node's own buffer may hold beside the pages of the source. */
const HIGH_WATER_MARK = 64;

/** The rows as Node's object stream. Destroying it closes the source. */
export class RowReadable<R> extends Readable {
  readonly #source: PageSource<R>;
  #rows: readonly R[] = [];
  #at = 0;
  #isWaiting = false;

  constructor(source: PageSource<R>) {
    super({ objectMode: true, highWaterMark: HIGH_WATER_MARK });
    this.#source = source;
  }

  override _read(): void {
    if (this.#isWaiting) return;
    this.#source.checkDeadline();
    while (this.#at < this.#rows.length && this.#source.isOpen) {
      if (!this.push(this.#rows[this.#at++])) return;
    }
    this.#isWaiting = true;
    this.#source.nextPage().then(
      (rows) => {
        this.#isWaiting = false;
        if (this.destroyed) return;
        if (rows === null) {
          this.#rows = [];
          this.push(null);
          return;
        }
        this.#rows = rows;
        this.#at = 0;
        this._read();
      },
      (error: unknown) => {
        this.destroy(error instanceof Error ? error : new Error(String(error), { cause: error }));
      },
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#source.close();
    this.#rows = [];
    callback(error);
  }
}
