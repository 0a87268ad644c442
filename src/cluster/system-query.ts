import type { Connection } from '../connection/connection.js';
import { ProtocolError } from '../errors.js';
import { CodecRegistry } from '../protocol/codec/registry.js';
import { RowPlan } from '../protocol/codec/row-plan.js';
import { BindPlan } from '../protocol/codec/bind-plan.js';
import type { ColumnSpec } from '../protocol/codec/cql-type.js';
import { ConsistencyLevel, Opcode, ResultKind } from '../protocol/constants.js';
import { readResultKind, readRowsHeader, writeQuery, type QuerySettings } from '../protocol/messages/index.js';

const SETTINGS: QuerySettings = {
  consistency: ConsistencyLevel.ONE,
  serialConsistency: -1,
  pageSize: 0,
  pagingState: null,
  timestamp: null,
  keyspace: null,
  nowInSeconds: null,
  skipMetadata: false,
};

/** The driver's own: a user's codecs and forms must not change what it reads. */
const REGISTRY = new CodecRegistry();

export type SystemRow = Readonly<Record<string, unknown>>;

/** Reads a system table in one page. Parameters are text values for `?` markers. */
export async function systemQuery(
  connection: Connection,
  query: string,
  parameters: readonly string[],
  timeoutMs: number,
): Promise<SystemRow[]> {
  const plan = parameters.length === 0 ? null : textPlan(parameters.length);
  const answer = await connection.request(
    {
      opcode: Opcode.QUERY,
      flags: 0,
      writeBody: (writer) => {
        writeQuery(writer, query, SETTINGS, plan, parameters);
      },
    },
    timeoutMs,
  );
  const reader = answer.body;
  if (answer.opcode !== Opcode.RESULT || readResultKind(reader) !== ResultKind.ROWS) {
    throw new ProtocolError(`${connection.endpoint} answered ${query} with something other than rows`);
  }
  const header = readRowsHeader(reader);
  if (header.columns === null) throw new ProtocolError(`${connection.endpoint} answered ${query} without metadata`);
  const rows: SystemRow[] = [];
  new RowPlan(header.columns, REGISTRY, 'object').decodeRows(
    reader.buffer,
    reader.offset,
    reader.end,
    header.rowCount,
    rows,
  );
  return rows;
}

function textPlan(count: number): BindPlan {
  const marker: ColumnSpec = { keyspace: '', table: '', name: 'value', type: { kind: 'scalar', name: 'text' } };
  return new BindPlan(new Array<ColumnSpec>(count).fill(marker), REGISTRY);
}
