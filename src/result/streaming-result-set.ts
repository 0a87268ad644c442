import type { Readable } from 'node:stream';
import { QueryError } from '../errors.js';
import type { ColumnDefinition } from './column.js';
import type { ExecutionInfo } from './execution-info.js';
import { PageSource, type PageFetcher, type StreamStart } from './page-source.js';
import type { QueryTrace, TraceOptions } from './query-trace.js';
import { factsOf, type AsyncResultSet, type Row } from './result-set.js';
import { RowReadable } from './row-readable.js';
import type { ResolvedStreamConfig } from './stream-config.js';
import { PageIterator, RowIterator } from './stream-iterators.js';

/**
 * Rows that are read page by page while they are used: `for await (const row of stream)`, `stream.pages()` or
 * `stream.toReadable()`, one of them and once. Leaving the loop, an error and an abort release everything.
 */
export class AsyncStreamingResultSet<R = Row> implements AsyncIterable<R>, AsyncDisposable {
  /** The columns of the result, in the order of the SELECT. */
  readonly columns: readonly ColumnDefinition[];
  readonly #source: PageSource<R>;
  /** What is known of the first page. */
  readonly #first: AsyncResultSet<never>;
  #isConsumed = false;

  private constructor(source: PageSource<R>, first: AsyncResultSet<never>) {
    this.#source = source;
    this.#first = first;
    this.columns = first.columns;
  }

  /** Not for users. Asks for the first page, and throws what goes wrong with it. */
  static async open<R>(
    fetcher: PageFetcher<R>,
    config: ResolvedStreamConfig<R>,
    start: StreamStart = {},
  ): Promise<AsyncStreamingResultSet<R>> {
    const source = new PageSource(fetcher, config, start);
    return new AsyncStreamingResultSet(source, factsOf(await source.open()));
  }

  /** The number of the page that is being read, from 1; 0 before the first. */
  get pageNumber(): number {
    return this.#source.pageNumber;
  }

  /** Rows received from the server, those of pages fetched ahead included. */
  get totalRowsFetched(): number {
    return this.#source.totalRows;
  }

  /**
   * Where the page after the one that is being read begins: a later stream with this state goes on there. Before the
   * first row it is the state that this stream began with (null: the start); null on the last page. It stays when the
   * stream is closed. Rows of the present page that were not read yet are not read by the later stream either.
   */
  get pagingState(): Buffer | null {
    return this.#source.pagingState;
  }

  /**
   * How the request for the page that is being read went: its node, its warnings … Before the first row it is that of
   * the first page. It stays when the stream is closed.
   */
  get info(): ExecutionInfo {
    return this.#facts.info;
  }

  /**
   * The server's account of the request for the page that is being read, if the stream was made with `trace: true`.
   * Throws QueryError if it was not, OperationTimedOut if the trace stays incomplete.
   */
  getQueryTrace(options?: TraceOptions): Promise<QueryTrace> {
    return this.#facts.getQueryTrace(options);
  }

  get #facts(): AsyncResultSet<never> {
    return this.#source.facts ?? this.#first;
  }

  /** Rows one by one. Throws QueryError if the stream has a reader already. */
  [Symbol.asyncIterator](): AsyncIterableIterator<R, undefined> {
    this.#claim();
    return new RowIterator(this.#source);
  }

  /** Arrays of rows, a page each; empty pages are left out. Throws QueryError if the stream has a reader already. */
  pages(): AsyncIterableIterator<R[], undefined> {
    this.#claim();
    return new PageIterator(this.#source);
  }

  /** Rows as Node's object stream. Throws QueryError if the stream has a reader already. */
  toReadable(): Readable {
    this.#claim();
    return new RowReadable(this.#source);
  }

  /** Ends the stream now: a request under way is given up, and a loop that reads it ends as if there were no more rows. */
  cancel(): void {
    this.#source.close();
  }

  /** The same as `cancel`; may be called any number of times. */
  close(): Promise<void> {
    this.#source.close();
    return Promise.resolve();
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #claim(): void {
    if (this.#isConsumed) {
      throw new QueryError(
        'This stream is being read already, or was: its rows come once. Execute the statement again for another pass',
        { code: 'ERR_STREAM_CONSUMED' },
      );
    }
    this.#isConsumed = true;
  }
}
