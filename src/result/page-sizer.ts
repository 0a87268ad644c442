/** How large a page may be, as long as nobody says otherwise. */
export const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * How many rows to ask for, so that a page of large rows does not become too large: as many as fit by what the rows of
 * the last page weighed. Never more than was asked for.
 */
export class PageSizer {
  /** Rows to ask for next. */
  rows: number;
  readonly #most: number;
  readonly #maxBytes: number;

  /** `maxBytes` 0: no bound. */
  constructor(fetchSize: number, maxBytes: number) {
    this.rows = fetchSize;
    this.#most = fetchSize;
    this.#maxBytes = maxBytes > 0 ? maxBytes : Infinity;
  }

  /** A page came, with so many rows in so many bytes. */
  onPage(rows: number, bytes: number): void {
    // The smallest page there is has one row, however large that is.
    const fitting = rows === 0 || bytes === 0 ? this.#most : Math.floor((this.#maxBytes / bytes) * rows);
    // Shrinks at once and grows by and by: the rows that follow may be large again.
    this.rows = Math.max(1, Math.min(this.#most, fitting, this.rows * 2));
  }
}
