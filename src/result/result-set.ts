import { QueryError } from '../errors.js';
import type { ColumnSpec } from '../protocol/codec/cql-type.js';
import { within } from '../util/within.js';
import { columnDefinitions, type ColumnDefinition } from './column.js';
import type { ExecutionInfo } from './execution-info.js';
import type { QueryTrace, TraceOptions } from './query-trace.js';

/** A row as a plain object, by column name. */
export type Row = Record<string, unknown>;

/** Facts of an execution, put together only if somebody asks. */
export interface LazyInfo {
  readonly coordinator: string;
  toExecutionInfo(): ExecutionInfo;
}

/** Reads the trace of a request that was traced. */
export type TraceReader = (tracingId: string, signal: AbortSignal | undefined) => Promise<QueryTrace>;

let attachReader: (result: AsyncResultSet<unknown>, reader: TraceReader) => void;
let readCoordinator: (result: AsyncResultSet<unknown>) => string;
let readBytes: (result: AsyncResultSet<unknown>) => number;
let withoutRows: (result: AsyncResultSet<unknown>) => AsyncResultSet<never>;

/** The rows of an execution and what is known about it. */
export class AsyncResultSet<R = Row> implements Iterable<R>, AsyncIterable<R> {
  /** All rows that were read: of every page, or of the one that was asked for. */
  readonly rows: R[];
  /** Where the next page begins; null if there is none, or if all pages were read. */
  readonly pagingState: Buffer | null;
  readonly #specs: readonly ColumnSpec[];
  #info: ExecutionInfo | LazyInfo;
  #readTrace: TraceReader | null = null;
  /** What the rows weighed on the wire. */
  readonly #bytes: number;
  readonly #wasApplied: boolean;

  static {
    attachReader = (result, reader) => {
      result.#readTrace = reader;
    };
    readCoordinator = (result) => result.#info.coordinator;
    readBytes = (result) => result.#bytes;
    withoutRows = (result) => {
      const rest = new AsyncResultSet<never>([], result.#specs, result.pagingState, result.#info);
      rest.#readTrace = result.#readTrace;
      return rest;
    };
  }

  /** Not for users. Nothing is worked out here: one is made for every request. */
  constructor(
    rows: R[],
    specs: readonly ColumnSpec[],
    pagingState: Buffer | null,
    info: ExecutionInfo | LazyInfo,
    bytes = 0,
    wasApplied = true,
  ) {
    this.rows = rows;
    this.pagingState = pagingState;
    this.#specs = specs;
    this.#info = info;
    this.#bytes = bytes;
    this.#wasApplied = wasApplied;
  }

  /** The first row; null if there is none. */
  one(): R | null {
    return this.rows[0] ?? null;
  }

  /** The rows: the same array as `rows`. */
  all(): R[] {
    return this.rows;
  }

  /** How many rows there are. */
  get length(): number {
    return this.rows.length;
  }

  /** The row at a position; a negative one counts from the end. */
  at(index: number): R | undefined {
    return this.rows.at(index);
  }

  /** Empty for a statement without rows. */
  get columns(): readonly ColumnDefinition[] {
    return columnDefinitions(this.#specs);
  }

  /** True if exactly one page was asked for and it was not the last. */
  get hasMorePages(): boolean {
    return this.pagingState !== null;
  }

  /** Of a conditional statement, whether its condition held; true for every other. */
  get wasApplied(): boolean {
    return this.#wasApplied;
  }

  /** Who answered, after how many attempts, at what level. Made at first use. */
  get info(): ExecutionInfo {
    const info = this.#info;
    if (!('toExecutionInfo' in info)) return info;
    return (this.#info = info.toExecutionInfo());
  }

  /**
   * The server's account of a request that was executed with `trace: true`. Waits until the server has written all of
   * it. Throws QueryError if the request was not traced, OperationTimedOut if the trace stays incomplete, the signal's
   * reason if it is aborted.
   */
  async getQueryTrace(options: TraceOptions = {}): Promise<QueryTrace> {
    const { tracingId } = this.info;
    const read = this.#readTrace;
    if (tracingId === null || read === null) {
      throw new QueryError('This request was not traced: execute it with the option trace: true');
    }
    return within(read(tracingId, options.signal), { signal: options.signal });
  }

  /** The rows, from the first, each time anew. */
  [Symbol.iterator](): ArrayIterator<R> {
    return this.rows[Symbol.iterator]();
  }

  /** The rows, from the first, each time anew. */
  [Symbol.asyncIterator](): AsyncIterableIterator<R> {
    return new RowsIterator(this.rows);
  }
}

/** The same as `result.info.coordinator`, without putting the rest together. */
export function coordinatorOf(result: AsyncResultSet<unknown>): string {
  return readCoordinator(result);
}

/** How many bytes the rows of a page had on the wire; 0 if that is not known. */
export function bytesOf(result: AsyncResultSet<unknown>): number {
  return readBytes(result);
}

/** What is known of an execution, without its rows: whoever keeps it does not keep them. */
export function factsOf(result: AsyncResultSet<unknown>): AsyncResultSet<never> {
  return withoutRows(result);
}

/** Gives a result the way to its trace; for the execution layer, if the request was traced. */
export function attachTraceReader<R>(result: AsyncResultSet<R>, reader: TraceReader): void {
  attachReader(result, reader);
}

/** Written by hand: a generator would cost each row several promises. */
class RowsIterator<R> implements AsyncIterableIterator<R> {
  #rows: readonly R[];
  #at = 0;

  constructor(rows: readonly R[]) {
    this.#rows = rows;
  }

  next(): Promise<IteratorResult<R, undefined>> {
    const rows = this.#rows;
    return Promise.resolve(
      this.#at < rows.length ? { value: rows[this.#at++] as R, done: false } : { value: undefined, done: true },
    );
  }

  return(): Promise<IteratorResult<R, undefined>> {
    this.#rows = [];
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
