import type { ByteWriter } from '../byte-writer.js';
import { writeQueryParameters, type QuerySettings, type ValuesWriter } from './query-settings.js';

/**
 * EXECUTE (0x0A) = id [short bytes], result metadata id [short bytes], <query_parameters>
 *
 * The result metadata id says which columns the client knows. With `skipMetadata` the server leaves the columns out if
 * that id is still right, else it sends the new columns and their id. It may be empty: "tell me". Answered by RESULT,
 * or by the ERROR UNPREPARED if the server does not know the id (any more). Both ids come as one `executeHead`.
 */
export function writeExecute(
  writer: ByteWriter,
  head: Uint8Array,
  settings: QuerySettings,
  values: ValuesWriter | null = null,
  parameters?: unknown,
): void {
  writer.writeRaw(head);
  writeQueryParameters(writer, settings, values, parameters);
}

/** The two ids, which are the same for many executions: made once, they are one copy each time. */
export function executeHead(id: Uint8Array, resultMetadataId: Uint8Array): Buffer {
  // Outside of Node's pool, of which it would keep 8 KiB.
  const head = Buffer.allocUnsafeSlow(4 + id.length + resultMetadataId.length);
  head.writeUInt16BE(id.length);
  head.set(id, 2);
  head.writeUInt16BE(resultMetadataId.length, 2 + id.length);
  head.set(resultMetadataId, 4 + id.length);
  return head;
}
