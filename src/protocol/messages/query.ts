import type { ByteWriter } from '../byte-writer.js';
import { writeQueryParameters, type QuerySettings, type ValuesWriter } from './query-settings.js';

/** QUERY (0x07) = query [long string], <query_parameters>. Answered by RESULT or ERROR. */
export function writeQuery(
  writer: ByteWriter,
  query: string,
  settings: QuerySettings,
  values: ValuesWriter | null = null,
  parameters?: unknown,
): void {
  writer.writeLongString(query);
  writeQueryParameters(writer, settings, values, parameters);
}
