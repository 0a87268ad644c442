import { ProtocolError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import type { ColumnSpec } from '../codec/cql-type.js';
import { readType } from '../codec/read-type.js';
import { RowsFlag } from '../constants.js';

/** What stands in front of the cells of RESULT/Rows. */
export interface RowsHeader {
  readonly columnCount: number;
  /** Where the next page begins; null on the last one. */
  readonly pagingState: Buffer | null;
  /** The new id of `columns`, if the one that EXECUTE brought is out of date. */
  readonly newMetadataId: Buffer | null;
  /** Null if the server left them out, because EXECUTE asked for that. */
  readonly columns: ColumnSpec[] | null;
  readonly rowCount: number;
}

/**
 * ROWS = <metadata>, rows int32, row[rows]
 *   row = cell [bytes] for each column
 *   <metadata> = flags int32, columns int32, paging state [bytes] (HAS_MORE_PAGES), new id [short bytes] (METADATA_CHANGED),
 *     and without NO_METADATA the <columns>
 *
 * Afterwards the reader stands at the first cell. A row count that cannot fit into what is left is refused here. What
 * stands behind the last cell is left alone: versions to come may append to a body (section 1).
 */
export function readRowsHeader(reader: ByteReader): RowsHeader {
  const flags = reader.readInt32();
  const columnCount = readColumnCount(reader);
  const pagingState = (flags & RowsFlag.HAS_MORE_PAGES) === 0 ? null : reader.readBytes();
  if (pagingState === null && (flags & RowsFlag.HAS_MORE_PAGES) !== 0) {
    throw new ProtocolError('The server said that a result has more pages, but not where the next one begins');
  }
  const newMetadataId = (flags & RowsFlag.METADATA_CHANGED) === 0 ? null : reader.readShortBytes();
  const columns = (flags & RowsFlag.NO_METADATA) === 0 ? readColumns(reader, flags, columnCount) : null;
  if (newMetadataId !== null && columns === null) {
    throw new ProtocolError('The server said that the columns of a result have changed, but not into what');
  }
  const rowCount = reader.readCount(columnCount * 4);
  // Rows without columns take no bytes, so that nothing would bound their number.
  if (columnCount === 0 && rowCount > 0) {
    throw new ProtocolError(`A result from the server has ${String(rowCount)} rows without a column`);
  }
  return { columnCount, pagingState, newMetadataId, columns, rowCount };
}

/** The <metadata> of a prepared statement's rows: its columns, or null where it has none that hold for every answer. */
export function readResultColumns(reader: ByteReader): ColumnSpec[] | null {
  const flags = reader.readInt32();
  const columnCount = readColumnCount(reader);
  if ((flags & RowsFlag.HAS_MORE_PAGES) !== 0) reader.readBytes();
  if ((flags & RowsFlag.METADATA_CHANGED) !== 0) reader.readShortBytes();
  return (flags & RowsFlag.NO_METADATA) === 0 ? readColumns(reader, flags, columnCount) : null;
}

export function readColumnCount(reader: ByteReader): number {
  const count = reader.readInt32();
  if (count < 0) throw new ProtocolError(`A result from the server has ${String(count)} columns`);
  return count;
}

/**
 * <columns> = keyspace [string] and table [string] (GLOBAL_TABLES_SPEC), then for each column
 *   keyspace [string] and table [string] (without GLOBAL_TABLES_SPEC), name [string], type [option]
 */
export function readColumns(reader: ByteReader, flags: number, count: number): ColumnSpec[] {
  const global = (flags & RowsFlag.GLOBAL_TABLES_SPEC) !== 0;
  let keyspace = global ? reader.readString() : '';
  let table = global ? reader.readString() : '';
  const columns: ColumnSpec[] = [];
  // Each column takes bytes, so that a wild count ends at the end of the body.
  for (let i = 0; i < count; i++) {
    if (!global) {
      keyspace = reader.readString();
      table = reader.readString();
    }
    const name = reader.readString();
    columns.push({ keyspace, table, name, type: readType(reader) });
  }
  return columns;
}
