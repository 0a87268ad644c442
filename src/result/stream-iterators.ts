import type { PageSource } from './page-source.js';

type Result<T> = IteratorResult<T, undefined>;

function ended(): Result<never> {
  return { value: undefined, done: true };
}

/**
 * Rows one by one. Written by hand: `next` is called for every row, and a row that is there costs one promise.
 * Calls that come while a page is awaited are answered in their order.
 */
export class RowIterator<R> implements AsyncIterableIterator<R, undefined> {
  readonly #source: PageSource<R>;
  /** A deadline costs a look at the clock for each row. */
  readonly #isTimed: boolean;
  #rows: readonly R[] = [];
  #at = 0;
  /** The last of the calls that wait for a page. */
  #pending: Promise<Result<R>> | null = null;

  constructor(source: PageSource<R>) {
    this.#source = source;
    this.#isTimed = source.deadline !== Infinity;
  }

  next(): Promise<Result<R>> {
    if (this.#pending === null && this.#at < this.#rows.length && this.#mayHandOut()) {
      return Promise.resolve({ value: this.#rows[this.#at++] as R, done: false });
    }
    return this.#wait();
  }

  return(): Promise<Result<R>> {
    this.#source.close();
    this.#rows = [];
    return Promise.resolve(ended());
  }

  async throw(error?: unknown): Promise<Result<R>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #mayHandOut(): boolean {
    if (this.#isTimed) this.#source.checkDeadline();
    return this.#source.isOpen;
  }

  #wait(): Promise<Result<R>> {
    const before = this.#pending;
    // A failed call ends the stream; the calls behind it are told of the end, not of the failure again.
    const advance = (): Promise<Result<R>> => this.#advance();
    const pending = before === null ? advance() : before.then(advance, advance);
    this.#pending = pending;
    const done = (): void => {
      if (this.#pending === pending) this.#pending = null;
    };
    pending.then(done, done);
    return pending.catch((error: unknown) => this.#source.rejectFromReader(error));
  }

  async #advance(): Promise<Result<R>> {
    for (;;) {
      if (this.#at < this.#rows.length && this.#mayHandOut()) {
        return { value: this.#rows[this.#at++] as R, done: false };
      }
      this.#rows = [];
      this.#at = 0;
      const rows = await this.#source.nextPage();
      if (rows === null) return ended();
      this.#rows = rows;
    }
  }
}

/** Pages one by one, empty ones left out: a page that a reader gets has rows. */
export class PageIterator<R> implements AsyncIterableIterator<R[], undefined> {
  readonly #source: PageSource<R>;
  #pending: Promise<Result<R[]>> = Promise.resolve(ended());

  constructor(source: PageSource<R>) {
    this.#source = source;
  }

  next(): Promise<Result<R[]>> {
    const advance = (): Promise<Result<R[]>> => this.#advance();
    this.#pending = this.#pending.then(advance, advance);
    return this.#pending.catch((error: unknown) => this.#source.rejectFromReader(error));
  }

  return(): Promise<Result<R[]>> {
    this.#source.close();
    return Promise.resolve(ended());
  }

  async throw(error?: unknown): Promise<Result<R[]>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #advance(): Promise<Result<R[]>> {
    for (;;) {
      const rows = await this.#source.nextPage();
      if (rows === null) return ended();
      if (rows.length > 0) return { value: rows, done: false };
    }
  }
}
