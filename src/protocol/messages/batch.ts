import type { ByteWriter } from '../byte-writer.js';
import { checkShortCount } from './limits.js';
import type { ValuesWriter } from './query-settings.js';

/**
 * BATCH (0x0D) = type uint8, count uint16, statement[count], <batch_parameters>
 *   statement = kind uint8 (0 query [long string] | 1 id [short bytes]), values (uint16 count, [value]…)
 *
 * No result metadata ids and no names of values: the grammar has a flag for names, but stands it behind the values.
 */
const Kind = { QUERY: 0, PREPARED: 1 } as const;

/**
 * `writeBatchParameters` ends it. Throws InvalidParameter, with nothing written, if there are more than 65,535
 * statements.
 */
export function beginBatch(writer: ByteWriter, type: number, count: number): void {
  checkShortCount(count, 'statements of a batch');
  writer.writeUint8(type);
  writer.writeUint16(count);
}

/** A statement as text, without values: one that has some is prepared first. */
export function writeBatchQuery(writer: ByteWriter, query: string): void {
  writer.writeUint8(Kind.QUERY);
  writer.writeLongString(query);
  writer.writeUint16(0);
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
  values: ValuesWriter,
  parameters: unknown,
): void {
  writer.writeRaw(head);
  values.write(writer, parameters);
}
