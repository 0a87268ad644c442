import type { ByteWriter } from '../byte-writer.js';
import { PrepareFlag } from '../constants.js';

/** PREPARE (0x09) = query [long string], flags int32, keyspace [string] (KEYSPACE). Answered by RESULT/Prepared. */
export function writePrepare(writer: ByteWriter, query: string, keyspace: string | null = null): void {
  writer.writeLongString(query);
  writer.writeInt32(keyspace === null ? 0 : PrepareFlag.KEYSPACE);
  if (keyspace !== null) writer.writeString(keyspace);
}
