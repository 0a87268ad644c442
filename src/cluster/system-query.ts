import type { Connection } from '../connection/connection.js';
import type { Answer } from '../connection/round-trip.js';
import { ProtocolError } from '../errors.js';
import type { ByteWriter } from '../protocol/byte-writer.js';
import { OWN_REGISTRY } from '../protocol/codec/own-registry.js';
import { RowPlan } from '../protocol/codec/row-plan.js';
import { BindPlan } from '../protocol/codec/bind-plan.js';
import type { ColumnSpec } from '../protocol/codec/cql-type.js';
import { Opcode, ResultKind } from '../protocol/constants.js';
import {
  OWN_QUERY_SETTINGS,
  readResultKind,
  readRowsHeader,
  writeQuery,
  type QuerySettings,
} from '../protocol/messages/index.js';
import { SlicedTurns } from '../util/sliced-job.js';

/** All columns of ten thousand tables in one answer would be too much for a node, and for the time it is given. */
const SETTINGS: QuerySettings = { ...OWN_QUERY_SETTINGS, pageSize: 5000 };

/** Rows decoded between two looks at the clock: each may hold hundreds of tokens. */
const ROWS_AT_A_TIME = 16;

export type SystemRow = Readonly<Record<string, unknown>>;

/** A column's text; '' for anything else. */
export function text(row: SystemRow, name: string): string {
  const value = row[name];
  return typeof value === 'string' ? value : '';
}

export function textMap(row: SystemRow, name: string): Record<string, string> {
  const value = row[name];
  return value instanceof Map ? Object.fromEntries(value as Map<string, string>) : {};
}

/** Reads a system table, page by page. Parameters are text values for `?` markers. `timeoutMs` is for each page. */
export async function systemQuery(
  connection: Connection,
  query: string,
  parameters: readonly string[],
  timeoutMs: number,
): Promise<SystemRow[]> {
  const plan = parameters.length === 0 ? null : textPlan(parameters.length);
  const rows: SystemRow[] = [];
  let settings = SETTINGS;
  for (;;) {
    const writeBody = (writer: ByteWriter): void => {
      writeQuery(writer, query, settings, plan, parameters);
    };
    const answer = await connection.request({ opcode: Opcode.QUERY, flags: 0, writeBody }, timeoutMs);
    const pagingState = await readPage(answer, rows, `${connection.endpoint} answered ${query}`);
    if (pagingState === null) return rows;
    settings = { ...SETTINGS, pagingState };
  }
}

/** Adds the page's rows to `rows`, in slices; returns where the next page begins. */
async function readPage({ opcode, body: reader }: Answer, rows: SystemRow[], what: string): Promise<Buffer | null> {
  if (opcode !== Opcode.RESULT || readResultKind(reader) !== ResultKind.ROWS) {
    throw new ProtocolError(`${what} with something other than rows`);
  }
  const { columns, rowCount, pagingState } = readRowsHeader(reader);
  if (columns === null) throw new ProtocolError(`${what} without metadata`);
  const plan = new RowPlan(columns, OWN_REGISTRY, 'object');
  const turns = new SlicedTurns();
  let at = reader.offset;
  for (let left = rowCount; left > 0; left -= ROWS_AT_A_TIME) {
    at = plan.decodeRows(reader.buffer, at, reader.end, Math.min(left, ROWS_AT_A_TIME), rows);
    await turns.next();
  }
  return pagingState;
}

function textPlan(count: number): BindPlan {
  const marker: ColumnSpec = { keyspace: '', table: '', name: 'value', type: { kind: 'scalar', name: 'text' } };
  return new BindPlan(new Array<ColumnSpec>(count).fill(marker), OWN_REGISTRY);
}
