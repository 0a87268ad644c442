import { InvalidParameter } from '../../errors.js';
import type { ByteWriter } from '../byte-writer.js';
import { ConsistencyLevel, QueryFlag } from '../constants.js';

/** Writes the values of one statement. A plan is made once per statement, so a request brings its parameters only. */
export interface ValuesWriter {
  /** uint16 count, then each [value], in the order of the markers: names do not travel. */
  write(writer: ByteWriter, parameters: unknown): void;
}

/** What goes with a request beside its statement and values. All fields are always there: one shape, fast to read. */
export interface QuerySettings {
  consistency: number;
  /** −1 for none. */
  serialConsistency: number;
  /** Rows a page; 0 or less for no paging. */
  pageSize: number;
  pagingState: Buffer | null;
  /** Microseconds since the epoch; a number is a safe integer. */
  timestamp: bigint | number | null;
  keyspace: string | null;
  /** The server's idea of the present, in seconds since the epoch, for reading and writing TTLs. A uint32. */
  nowInSeconds: number | null;
  skipMetadata: boolean;
}

/** Of the client's own queries: no paging, and nothing else that a user may set. */
export const OWN_QUERY_SETTINGS: QuerySettings = Object.freeze({
  consistency: ConsistencyLevel.ONE,
  serialConsistency: -1,
  pageSize: 0,
  pagingState: null,
  timestamp: null,
  keyspace: null,
  nowInSeconds: null,
  skipMetadata: false,
});

const MAX_UINT32 = 0xffff_ffff;
const SMALLEST_INT64 = -(2n ** 63n);

function flagsOf(settings: QuerySettings): number {
  let flags = 0;
  if (settings.serialConsistency >= 0) flags |= QueryFlag.SERIAL_CONSISTENCY;
  if (settings.timestamp !== null) flags |= QueryFlag.TIMESTAMP;
  if (settings.keyspace !== null) flags |= QueryFlag.KEYSPACE;
  if (settings.nowInSeconds !== null) flags |= QueryFlag.NOW_IN_SECONDS;
  return flags;
}

/** True if it can be sent. The smallest int64 means "none" inside the server, which refuses it. */
export function isTimestamp(micros: bigint): boolean {
  return micros > SMALLEST_INT64 && micros < -SMALLEST_INT64;
}

function writeTimestamp(writer: ByteWriter, timestamp: bigint | number): void {
  if (typeof timestamp === 'number') {
    writer.writeSafeInt64(timestamp);
    return;
  }
  if (!isTimestamp(timestamp)) {
    throw new InvalidParameter(`The timestamp ${String(timestamp)} is not a number of microseconds that fits an int64`);
  }
  writer.writeInt64(timestamp);
}

function writeNowInSeconds(writer: ByteWriter, seconds: number): void {
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_UINT32) {
    throw new InvalidParameter(
      `nowInSeconds is ${String(seconds)}, where it must be an integer from 0 to ${String(MAX_UINT32)}`,
    );
  }
  writer.writeInt32(seconds);
}

/**
 * <query_parameters> of QUERY and EXECUTE =
 *   consistency uint16, flags int32,
 *   values (VALUES), page size int32 (PAGE_SIZE), paging state [bytes] (PAGING_STATE),
 *   serial consistency uint16 (SERIAL_CONSISTENCY), timestamp int64 (TIMESTAMP), keyspace [string] (KEYSPACE),
 *   now in seconds int32 (NOW_IN_SECONDS)
 */
export function writeQueryParameters(
  writer: ByteWriter,
  settings: QuerySettings,
  values: ValuesWriter | null,
  parameters: unknown,
): void {
  let flags = flagsOf(settings);
  if (values !== null) flags |= QueryFlag.VALUES;
  if (settings.skipMetadata) flags |= QueryFlag.SKIP_METADATA;
  if (settings.pageSize > 0) flags |= QueryFlag.PAGE_SIZE;
  if (settings.pagingState !== null) flags |= QueryFlag.PAGING_STATE;

  writeHead(writer, settings.consistency, flags);
  if (values !== null) values.write(writer, parameters);
  if (settings.pageSize > 0) writer.writeInt32(settings.pageSize);
  if (settings.pagingState !== null) writer.writeBytes(settings.pagingState);
  writeCommonSettings(writer, settings);
}

/** <batch_parameters> = consistency uint16, flags int32, then as above from the serial consistency on. */
export function writeBatchParameters(writer: ByteWriter, settings: QuerySettings): void {
  writeHead(writer, settings.consistency, flagsOf(settings));
  writeCommonSettings(writer, settings);
}

function writeHead(writer: ByteWriter, consistency: number, flags: number): void {
  writer.reserve(6);
  const { buffer, offset } = writer;
  buffer[offset] = consistency >>> 8;
  buffer[offset + 1] = consistency;
  writer.setInt32(offset + 2, flags);
  writer.offset = offset + 6;
}

function writeCommonSettings(writer: ByteWriter, settings: QuerySettings): void {
  if (settings.serialConsistency >= 0) writer.writeUint16(settings.serialConsistency);
  if (settings.timestamp !== null) writeTimestamp(writer, settings.timestamp);
  if (settings.keyspace !== null) writer.writeString(settings.keyspace);
  if (settings.nowInSeconds !== null) writeNowInSeconds(writer, settings.nowInSeconds);
}
