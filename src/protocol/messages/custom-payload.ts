import type { ByteWriter } from '../byte-writer.js';
import { checkShortCount } from './limits.js';

/**
 * custom payload = [bytes map], in front of the body of QUERY, PREPARE, EXECUTE or BATCH whose envelope carries the flag
 * CUSTOM_PAYLOAD. A server without a query handler that wants it ignores it.
 */
export function writeCustomPayload(writer: ByteWriter, payload: Readonly<Record<string, Uint8Array>>): void {
  checkShortCount(Object.keys(payload).length, 'entries of a custom payload');
  writer.writeBytesMap(payload);
}
