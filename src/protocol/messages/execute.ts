import type { ByteWriter } from '../byte-writer.js';
import { writeQueryParameters, type QuerySettings, type ValuesWriter } from './query-settings.js';

/**
 * EXECUTE (0x0A) = id [short bytes], result metadata id [short bytes], <query_parameters>
 *
 * The result metadata id says which columns the client knows. With `skipMetadata` the server leaves the columns out if
 * that id is still right, else it sends the new columns and their id. It may be empty: "tell me". Answered by RESULT,
 * or by the ERROR UNPREPARED if the server does not know the id (any more).
 */
export function writeExecute(
  writer: ByteWriter,
  id: Uint8Array,
  resultMetadataId: Uint8Array,
  settings: QuerySettings,
  values: ValuesWriter | null = null,
  parameters?: unknown,
): void {
  writer.writeShortBytes(id);
  writer.writeShortBytes(resultMetadataId);
  writeQueryParameters(writer, settings, values, parameters);
}
