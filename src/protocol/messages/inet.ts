import { ProtocolError } from '../../errors.js';
import { inetText } from '../../values/inet.js';
import type { ByteReader } from '../byte-reader.js';

/** [inetaddr] = size uint8 (4 or 16), bytes[size]. As text; no port. */
export function readInetAddress(reader: ByteReader): string {
  const size = reader.readUint8();
  if (size !== 4 && size !== 16) throw new ProtocolError(`An address from the server has ${String(size)} bytes`);
  const at = reader.skip(size);
  return inetText(reader.buffer.subarray(at, at + size));
}
