import { ProtocolError } from '../errors.js';
import { Opcode } from '../protocol/constants.js';
import type { ColumnSpec } from '../protocol/codec/cql-type.js';
import type { FakeRequest } from './request.js';
import { answerRows, metadataId, type Answer, type Metadata } from './wire/answers.js';
import { guessColumns, toColumnSpec, type FakeColumn } from './wire/columns.js';
import type { TypeLike } from './wire/type-text.js';

/** A row of a script: cells by column name, or in the columns' order. */
export type FakeRow = readonly unknown[] | Readonly<Record<string, unknown>>;

/** Rows, or a recipe for as many as one likes. */
export type RowSource = readonly FakeRow[] | { readonly length: number; readonly row: (index: number) => FakeRow };

/** Columns and pages of `Reaction.rows`. */
export interface RowsOptions {
  /** Columns as a list, or as name to type; else the prepared statement's, else guessed from the values. */
  readonly columns?: readonly FakeColumn[] | Readonly<Record<string, TypeLike>> | undefined;
  /** Given, exactly these rows are answered, with this state; else pages are cut as the client asks. */
  readonly pagingState?: Buffer | string | null | undefined;
  /** Cuts pages of this size whatever the client asks for. */
  readonly pageSize?: number | undefined;
}

/** Where a page begins, behind a word that tells our states from foreign ones. */
const STATE_PREFIX = 'fake';

function stateOf(offset: number): Buffer {
  return Buffer.from(`${STATE_PREFIX}${String(offset)}`);
}

function offsetOf(state: Buffer | null): number {
  const text = state?.toString() ?? `${STATE_PREFIX}0`;
  const offset = Number(text.slice(STATE_PREFIX.length));
  if (!text.startsWith(STATE_PREFIX) || !Number.isSafeInteger(offset)) {
    throw new ProtocolError('Invalid value for the paging state');
  }
  return offset;
}

function columnsOf(request: FakeRequest, source: RowSource, options: RowsOptions): readonly ColumnSpec[] {
  const { columns } = options;
  if (columns === undefined) {
    const prepared = request.prepared?.resultColumns ?? [];
    if (prepared.length > 0) return prepared;
    const sample = 'row' in source ? (source.length > 0 ? [source.row(0)] : []) : source;
    return sample.length > 0 ? guessColumns(sample) : [toColumnSpec({ name: 'value', type: 'text' })];
  }
  const list = Array.isArray(columns)
    ? (columns as readonly FakeColumn[])
    : Object.entries(columns as Readonly<Record<string, TypeLike>>).map(([name, type]) => ({ name, type }));
  return list.map(toColumnSpec);
}

/** Rows for one request, in pages and with metadata as Cassandra would send them to it. */
export function answerRowsTo(request: FakeRequest, source: RowSource, options: RowsOptions = {}): Answer {
  const columns = columnsOf(request, source, options);
  const scripted = options.pagingState !== undefined;
  const pageSize = options.pageSize ?? request.pageSize ?? -1;
  const start = scripted ? 0 : Math.min(offsetOf(request.pagingState), source.length);
  const end = scripted || pageSize <= 0 ? source.length : Math.min(source.length, start + pageSize);
  const page: (readonly unknown[])[] = [];
  for (let i = start; i < end; i++) {
    const row = 'row' in source ? source.row(i) : (source[i] ?? []);
    page.push(Array.isArray(row) ? row : columns.map((column) => (row as Record<string, unknown>)[column.name]));
  }
  const state = scripted ? options.pagingState : end < source.length ? stateOf(end) : null;
  const pagingState = typeof state === 'string' ? Buffer.from(state) : state;
  return answerRows({ columns, rows: page, pagingState, metadata: metadataFor(request, columns) });
}

function metadataFor(request: FakeRequest, columns: readonly ColumnSpec[]): Metadata {
  const prepared = request.prepared;
  if (request.opcode !== Opcode.EXECUTE) return request.skipMetadata ? { kind: 'none' } : { kind: 'full' };
  // Prepared without columns, as conditional statements are: the answer's own columns go with each answer.
  if (prepared === null || prepared.resultColumns.length === 0) return { kind: 'full' };
  const newId = metadataId(columns);
  if (request.resultMetadataId?.equals(newId) !== true) return { kind: 'changed', newId };
  return request.skipMetadata ? { kind: 'none' } : { kind: 'full' };
}
