import { InvalidParameter } from '../../errors.js';
import type { ByteWriter } from '../byte-writer.js';
import { checkShortCount } from './limits.js';
import { writeBatchParameters, type QuerySettings, type ValuesWriter } from './query-settings.js';

/**
 * BATCH (0x0D) = type uint8, count uint16, statement[count], <batch_parameters>
 *   statement = kind uint8 (0 query [long string] | 1 id [short bytes]), values (uint16 count, [value]…)
 *
 * No result metadata ids and no names of values: the grammar has a flag for names, but stands it behind the values.
 */
const Kind = { QUERY: 0, PREPARED: 1 } as const;

/** Throws InvalidParameter, with nothing written, if there are more than 65,535 statements. */
export function beginBatch(writer: ByteWriter, type: number, count: number): void {
  checkShortCount(count, 'statements of a batch');
  writer.writeUint8(type);
  writer.writeUint16(count);
}

export function writeBatchQuery(
  writer: ByteWriter,
  query: string,
  values: ValuesWriter | null = null,
  parameters?: unknown,
): void {
  writer.writeUint8(Kind.QUERY);
  writer.writeLongString(query);
  writeValues(writer, values, parameters);
}

/** What a prepared statement begins with in every batch: kind and id. Made once, it is one copy each time. */
export function batchHead(id: Uint8Array): Buffer {
  // Outside of Node's pool, of which it would keep 8 KiB.
  const head = Buffer.allocUnsafeSlow(3 + id.length);
  head[0] = Kind.PREPARED;
  head.writeUInt16BE(id.length, 1);
  head.set(id, 3);
  return head;
}

/** `head` is the statement's `batchHead`. */
export function writeBatchPrepared(
  writer: ByteWriter,
  head: Uint8Array,
  values: ValuesWriter | null = null,
  parameters?: unknown,
): void {
  writer.writeRaw(head);
  writeValues(writer, values, parameters);
}

function writeValues(writer: ByteWriter, values: ValuesWriter | null, parameters: unknown): void {
  if (values === null) {
    writer.writeUint16(0);
    return;
  }
  if (values.named === true)
    throw new InvalidParameter('Values in a batch cannot travel by name: prepare the statement');
  values.write(writer, parameters);
}

export function endBatch(writer: ByteWriter, settings: QuerySettings): void {
  writeBatchParameters(writer, settings);
}
