import { ConsistencyLevel } from '../../../src/protocol/constants.js';
import type { ColumnSpec } from '../../../src/protocol/codec/cql-type.js';
import type { ExecutionInfo } from '../../../src/result/execution-info.js';
import type { PageFetcher } from '../../../src/result/page-source.js';
import { AsyncResultSet } from '../../../src/result/result-set.js';

export interface Numbered {
  readonly n: number;
}

export const N: ColumnSpec = { keyspace: 'ks', table: 't', name: 'n', type: { kind: 'scalar', name: 'int' } };

export const INFO: ExecutionInfo = {
  coordinator: '127.0.0.1:9042',
  triedHosts: new Map(),
  attempts: 1,
  consistencyLevel: ConsistencyLevel.ONE,
  warnings: [],
  customPayload: null,
  tracingId: null,
  speculativeExecutions: 0,
  isSchemaInAgreement: true,
};

export function state(page: number): Buffer {
  return Buffer.from([page]);
}

/** Pages of the given sizes, with rows numbered from 0 through all of them. */
export function pagesOf(sizes: readonly number[]): AsyncResultSet<Numbered>[] {
  let n = 0;
  return sizes.map((size, page) => {
    const rows = Array.from({ length: size }, () => ({ n: n++ }));
    return new AsyncResultSet<Numbered>(rows, [N], page + 1 < sizes.length ? state(page + 1) : null, INFO);
  });
}

/** Answers from a list of pages, each after a turn of the event loop, and keeps count. */
export class ListFetcher implements PageFetcher<Numbered> {
  readonly asked: number[] = [];
  readonly signals: (AbortSignal | null)[] = [];
  readonly #pages: readonly AsyncResultSet<Numbered>[];

  constructor(sizes: readonly number[]) {
    this.#pages = pagesOf(sizes);
  }

  async fetch(pagingState: Buffer | null, signal: AbortSignal | null): Promise<AsyncResultSet<Numbered>> {
    const page = pagingState?.[0] ?? 0;
    this.asked.push(page);
    this.signals.push(signal);
    await turn();
    const result = this.#pages[page];
    if (result === undefined) throw new Error(`no page ${String(page)}`);
    return result;
  }
}

/** Answers when the test says so. */
export class ManualFetcher implements PageFetcher<Numbered> {
  readonly calls: {
    readonly signal: AbortSignal | null;
    readonly resolve: (page: AsyncResultSet<Numbered>) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];

  fetch(_pagingState: Buffer | null, signal: AbortSignal | null): Promise<AsyncResultSet<Numbered>> {
    return new Promise((resolve, reject) => {
      this.calls.push({ signal, resolve, reject });
    });
  }
}

/** One turn of the event loop: whatever could go on has gone on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
