import type { ByteReader } from '../byte-reader.js';

/**
 * RESULT (0x08) = kind int32, then by kind
 *   VOID: nothing
 *   ROWS: rows.ts
 *   SET_KEYSPACE: keyspace [string]
 *   PREPARED: prepared.ts
 *   SCHEMA_CHANGE: schema-change.ts
 *
 * One of `ResultKind`, or a later server's number. The kind's own reader goes on where this one stops.
 */
export function readResultKind(reader: ByteReader): number {
  return reader.readInt32();
}

export function readSetKeyspace(reader: ByteReader): string {
  return reader.readString();
}
