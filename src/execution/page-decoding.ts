import type { RowPlan } from '../protocol/codec/row-plan.js';
import type { SteppedWork } from '../util/slice-queue.js';

/** So much of a page is decoded between two looks at the clock: a fraction of a millisecond's work, or one row. */
const STEP_BYTES = 32 * 1024;
const STEP_ROWS = 256;

/** The bytes of a page's rows; they must not change while it is being decoded. */
export interface PageBytes {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly end: number;
}

/** Whoever waits for a page. */
export interface PageReader {
  /** False: nobody wants the rows any more. */
  isWaiting(): boolean;
  /** All rows are there. What it throws is handed to `onUnreadable`. */
  onDecoded(): void;
  onUnreadable(error: unknown): void;
  /** The cluster is closed, and had no time left for it. */
  onStopped(reason: Error): void;
}

/** The decoding of a large page, a little at a time. */
export class PageDecoding implements SteppedWork {
  readonly #reader: PageReader;
  readonly #plan: RowPlan;
  readonly #buffer: Buffer;
  readonly #end: number;
  readonly #rows: unknown[];
  #at: number;
  #left: number;

  /** The page's rows are appended to `rows`. */
  constructor(
    plan: RowPlan,
    { buffer, offset, end }: PageBytes,
    rowCount: number,
    rows: unknown[],
    reader: PageReader,
  ) {
    this.#reader = reader;
    this.#plan = plan;
    this.#buffer = buffer;
    this.#end = end;
    this.#rows = rows;
    this.#at = offset;
    this.#left = rowCount;
  }

  step(): boolean {
    const reader = this.#reader;
    if (!reader.isWaiting()) return false;
    try {
      this.#decode();
      if (this.#left > 0) return true;
      reader.onDecoded();
    } catch (error) {
      reader.onUnreadable(error);
    }
    return false;
  }

  #decode(): void {
    const rows = this.#rows;
    const before = rows.length;
    const count = Math.min(this.#left, STEP_ROWS);
    this.#at = this.#plan.decodeRows(this.#buffer, this.#at, this.#end, count, rows, this.#at + STEP_BYTES);
    this.#left -= rows.length - before;
  }

  stop(reason: Error): void {
    this.#reader.onStopped(reason);
  }
}
