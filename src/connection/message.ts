import { ByteWriter } from '../protocol/byte-writer.js';
import { beginEnvelope, endEnvelope } from '../protocol/envelope.js';

/** What can be sent: its body is written straight into a connection's open segment. */
export interface Message {
  readonly opcode: number;
  readonly flags: number;
  writeBody(writer: ByteWriter): void;
}

/** An encoded request, wherever it lies. */
export interface Envelope {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

const NO_STREAM_YET = 0;
const FIRST_BYTES = 256;

export function writeEnvelope(writer: ByteWriter, message: Message, id: number): void {
  beginEnvelope(writer, message.flags, id, message.opcode);
  message.writeBody(writer);
  endEnvelope(writer);
}

/** Encodes a message that no connection can take yet; `Connection.resend` sends it. Throws what the encoding throws. */
export function encodeAhead(message: Message): Envelope {
  const writer = new ByteWriter(FIRST_BYTES);
  writeEnvelope(writer, message, NO_STREAM_YET);
  return { buffer: writer.buffer, start: writer.start, end: writer.offset };
}
