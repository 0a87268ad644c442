import { ProtocolError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import type { ColumnSpec } from '../codec/cql-type.js';
import { readColumnCount, readColumns, readResultColumns } from './rows.js';

/** RESULT/Prepared. */
export interface Prepared {
  readonly id: Buffer;
  readonly resultMetadataId: Buffer;
  /** The bind markers, in the order of the query. */
  readonly bindColumns: ColumnSpec[];
  /** Which bind markers make the partition key, in its own order; empty if the query does not name it whole. */
  readonly pkIndexes: number[];
  /** Null for statements without rows and for those whose columns depend on the outcome (conditional ones). */
  readonly resultColumns: ColumnSpec[] | null;
}

/**
 * PREPARED = id [short bytes], result metadata id [short bytes], <bind metadata>, <metadata> of the rows (rows.ts)
 *   <bind metadata> = flags int32, markers int32, pk count int32, pk index uint16[pk count], <columns>
 */
export function readPrepared(reader: ByteReader): Prepared {
  const id = reader.readShortBytes();
  const resultMetadataId = reader.readShortBytes();
  const flags = reader.readInt32();
  const markers = readColumnCount(reader);
  const pkCount = reader.readCount(2);
  const pkIndexes = Array.from({ length: pkCount }, () => reader.readUint16());
  const wrong = pkIndexes.find((index) => index >= markers);
  if (wrong !== undefined) {
    throw new ProtocolError(
      `The server prepared a statement of ${String(markers)} bind markers whose key is at marker ${String(wrong)}`,
    );
  }
  const bindColumns = readColumns(reader, flags, markers);
  return { id, resultMetadataId, bindColumns, pkIndexes, resultColumns: readResultColumns(reader) };
}
