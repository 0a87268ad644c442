import { AsyncCassandraError, OperationTimedOut } from '../errors.js';
import { onAbort } from '../util/abort.js';
import { rejectPlainly, rejectWithCallerStack } from '../util/caller-stack.js';
import { RingQueue } from '../util/ring-queue.js';
import { isThenable } from '../util/thenable.js';
import { PageSizer } from './page-sizer.js';
import { bytesOf, factsOf, type AsyncResultSet } from './result-set.js';
import type { ResolvedStreamConfig } from './stream-config.js';

/** Fetches one page. */
export interface PageFetcher<R> {
  /**
   * `pagingState` null: the first page. An aborted `signal` gives the request up; its answer is not wanted any more.
   * `fetchSize` rows are asked for.
   */
  fetch(pagingState: Buffer | null, signal: AbortSignal | null, fetchSize: number): Promise<AsyncResultSet<R>>;
  /** Called once, when the stream is over: read to its end, left, or failed. Not of one that is forgotten. */
  onEnd?(end: StreamEnd): void;
}

/** How a stream ended. */
export interface StreamEnd {
  /** Rows and pages received. */
  readonly rows: number;
  readonly pages: number;
  /** What it failed with, if it did. */
  readonly failure: { readonly error: unknown } | null;
}

export interface StreamStart {
  /** Where to begin; null or none for the start. */
  readonly pagingState?: Buffer | null | undefined;
  readonly signal?: AbortSignal | null | undefined;
}

/** Takes the listener off a long-lived signal when a stream was simply forgotten. */
const forgotten = new FinalizationRegistry<() => void>((unsubscribe) => {
  unsubscribe();
});

/** The listener holds the source weakly: the signal would else keep it from being collected with all its pages. */
function subscribe(signal: AbortSignal, source: WeakRef<{ fail(reason: unknown): void }>): () => void {
  return onAbort(signal, (reason) => {
    source.deref()?.fail(reason);
  });
}

/**
 * The pages of a stream, in order: fetches them ahead, as far as allowed, and hands out one after the other.
 *
 * Nothing but a request or a page callback under way refers to a source from outside, no timer either: one that is
 * forgotten is collected with its pages once those have ended. Fetching ahead begins when the first page is handed out.
 */
export class PageSource<R> {
  /** False once nothing more is to be handed out, not even rows of the present page. */
  isOpen = true;
  /** Pages handed out. */
  pageNumber = 0;
  /** Rows received. */
  totalRows = 0;
  /** What is known of the page handed out last; null before the first. */
  facts: AsyncResultSet<never> | null = null;
  /** With which state the page after the present one is read. */
  pagingState: Buffer | null;
  /** When the whole stream has to be done, by performance.now(). */
  readonly deadline: number;
  /** Pages received and not handed out. */
  readonly #ahead = new RingQueue<AsyncResultSet<R>>();
  readonly #fetcher: PageFetcher<R>;
  readonly #config: ResolvedStreamConfig<R>;
  readonly #sizer: PageSizer;
  readonly #controller = new AbortController();
  readonly #signal: AbortSignal | null;
  readonly #unsubscribe: () => void;
  #nextState: Buffer | null;
  #received = 0;
  #hasMore = true;
  #isFetching = false;
  #failure: { readonly error: unknown } | null = null;
  #fetchFailure: { readonly error: unknown } | null = null;
  /** What it failed with by itself, and not by the caller's signal or page callback. */
  #ownError: AsyncCassandraError | null = null;
  /** Whoever waits for a page, or for the end of a callback. */
  #wake: (() => void)[] = [];
  #first: AsyncResultSet<R> | null = null;

  constructor(fetcher: PageFetcher<R>, config: ResolvedStreamConfig<R>, start: StreamStart) {
    const { pagingState = null, signal } = start;
    this.#fetcher = fetcher;
    this.#config = config;
    this.#sizer = new PageSizer(config.fetchSize, config.maxPageBytes);
    this.#sizer.rows = config.firstRows;
    this.#nextState = pagingState;
    this.pagingState = pagingState;
    this.deadline = config.timeoutMs > 0 ? performance.now() + config.timeoutMs : Infinity;
    this.#signal = signal ?? null;
    if (signal === null || signal === undefined || signal.aborted) {
      this.#unsubscribe = nothing;
      if (signal?.aborted === true) this.fail(signal.reason);
    } else {
      this.#unsubscribe = subscribe(signal, new WeakRef(this));
      forgotten.register(this, this.#unsubscribe, this);
    }
  }

  /** The first page, without handing it out: its errors belong to whoever asks for the stream. */
  async open(): Promise<AsyncResultSet<R>> {
    for (;;) {
      this.#throwFailure();
      if (this.#first !== null) return this.#first;
      if (this.#fetchFailure !== null) {
        this.#failByItself(this.#fetchFailure.error);
        continue;
      }
      await this.#arrival();
    }
  }

  /** The next page's rows, which may be none; null at the end. Throws what ended the stream, once. */
  async nextPage(): Promise<R[] | null> {
    for (;;) {
      this.checkDeadline();
      this.#throwFailure();
      if (!this.isOpen) return null;
      const page = this.#ahead.shift();
      if (page !== undefined) return this.#handOut(page);
      if (this.#fetchFailure !== null) {
        this.#failByItself(this.#fetchFailure.error);
      } else if (this.#hasMore) {
        await this.#arrival();
      } else {
        this.close();
      }
    }
  }

  /** Fails the stream if its time is over. */
  checkDeadline(): void {
    if (this.isOpen && this.deadline !== Infinity && performance.now() >= this.deadline) this.#timeOut();
  }

  /** Ends the stream at once: what was fetched is dropped, what is being fetched is given up. */
  fail(error: unknown): void {
    if (!this.isOpen) return;
    this.#failure = { error };
    this.#release(error);
  }

  close(): void {
    if (this.isOpen) this.#release(undefined);
  }

  /** True if the stack of this error, which a page failed with, should show who reads the stream. */
  isOwn(error: unknown): error is AsyncCassandraError {
    return error !== null && error === this.#ownError;
  }

  /** For `promise.catch`, where pages are handed to the caller: our own errors with the caller's frames. */
  rejectFromReader(error: unknown): Promise<never> {
    return this.isOwn(error) ? rejectWithCallerStack(error) : rejectPlainly(error);
  }

  #failByItself(error: unknown): void {
    if (this.isOpen && error instanceof AsyncCassandraError) this.#ownError = error;
    this.fail(error);
  }

  #release(reason: unknown): void {
    this.isOpen = false;
    this.#ahead.clear();
    this.#first = null;
    this.#unsubscribe();
    forgotten.unregister(this);
    if (this.#isFetching) this.#controller.abort(reason);
    this.#fetcher.onEnd?.({ rows: this.totalRows, pages: this.#received, failure: this.#failure });
    this.#wakeAll();
  }

  #throwFailure(): void {
    const failure = this.#failure;
    if (failure === null) return;
    this.#failure = null;
    throw failure.error;
  }

  #timeOut(): void {
    const { timeoutMs } = this.#config;
    this.#failByItself(
      new OperationTimedOut(`The stream was not done within ${String(timeoutMs)} ms (${describe(this.#received)})`, {
        timeoutMs,
      }),
    );
  }

  async #handOut(page: AsyncResultSet<R>): Promise<R[] | null> {
    const { pageCallback } = this.#config;
    const { rows } = page;
    this.#first = null;
    this.pageNumber++;
    this.facts = factsOf(page);
    this.pagingState = page.pagingState;
    this.#fetchAhead();
    if (pageCallback === null) return rows;
    try {
      const wait: unknown = pageCallback(this.pageNumber, rows);
      if (isThenable(wait)) await this.#whileOpen(wait);
    } catch (error) {
      this.fail(error);
    }
    // The callback may have closed the stream, or the time may have run out meanwhile.
    this.checkDeadline();
    this.#throwFailure();
    return this.isOpen ? rows : null;
  }

  /**
   * Waits for what a callback has to do, but no longer than the stream is open. Its failure ends the stream.
   *
   * The signal refers to the stream meanwhile: what the callback waits for may be held by nobody else.
   */
  async #whileOpen(work: PromiseLike<unknown>): Promise<void> {
    const callback = { isUnderWay: true };
    const onEnd = (): void => {
      callback.isUnderWay = false;
      this.#wakeAll();
    };
    Promise.resolve(work).then(onEnd, (error: unknown) => {
      this.fail(error);
      onEnd();
    });
    const disarm = this.#armTimeout();
    const stopListening = onAbort(this.isOpen ? this.#signal : null, (reason) => {
      this.fail(reason);
    });
    while (callback.isUnderWay && this.isOpen) await this.#woken();
    stopListening();
    disarm();
  }

  // ---- fetching ----------------------------------------------------------------------------------------------------

  #fetchAhead(): void {
    if (this.#ahead.length < this.#config.prefetchPages) this.#fetch();
  }

  /** Resolves when a page has come, or when something ended the stream. */
  #arrival(): Promise<void> {
    this.#fetch();
    return this.#woken();
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake.push(resolve);
    });
  }

  #fetch(): void {
    if (this.#isFetching || !this.#hasMore || !this.isOpen || this.#fetchFailure !== null) return;
    this.#isFetching = true;
    const disarm = this.#armTimeout();
    this.#ask().then(
      (result) => {
        disarm();
        this.#onPage(result);
      },
      (error: unknown) => {
        disarm();
        this.#isFetching = false;
        this.#fetchFailure = { error };
        this.#wakeAll();
      },
    );
  }

  /** Async, so that a fetcher which throws at once is one that rejects. */
  async #ask(): Promise<AsyncResultSet<R>> {
    return this.#fetcher.fetch(this.#nextState, this.#controller.signal, this.#sizer.rows);
  }

  #onPage(page: AsyncResultSet<R>): void {
    this.#isFetching = false;
    if (!this.isOpen) return;
    this.#received++;
    this.totalRows += page.length;
    this.#sizer.onPage(page.length, bytesOf(page));
    this.#nextState = page.pagingState;
    this.#hasMore = page.hasMorePages && this.#received < this.#config.maxPages;
    if (this.#received === 1) this.#first = page;
    this.#ahead.push(page);
    if (this.pageNumber > 0) this.#fetchAhead();
    this.#wakeAll();
  }

  /** The timer lives as long as one request, or one callback. */
  #armTimeout(): () => void {
    if (this.deadline === Infinity) return nothing;
    const timer = setTimeout(
      () => {
        this.#timeOut();
      },
      Math.max(0, this.deadline - performance.now()),
    );
    return () => {
      clearTimeout(timer);
    };
  }

  #wakeAll(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}

function nothing(): void {
  // There is nothing to take off.
}

function describe(pages: number): string {
  return pages === 1 ? '1 page had come' : `${String(pages)} pages had come`;
}
