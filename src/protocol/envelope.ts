import { InvalidParameter } from '../errors.js';
import type { ByteWriter } from './byte-writer.js';
import { ENVELOPE_HEADER_BYTES, MAX_ENVELOPE_BYTES, REQUEST_VERSION } from './constants.js';

/**
 * envelope = version uint8, flags uint8, stream int16, opcode uint8, length int32, body[length]; all big-endian
 * (section 2.4.1). A length is known when the body is written, so `endEnvelope` puts it in.
 */

const LENGTH_AT = 5;

/** Opens a request's envelope at the writer's offset; `writer.start` is its first byte from then on. */
export function beginEnvelope(writer: ByteWriter, flags: number, streamId: number, opcode: number): void {
  writer.start = writer.offset;
  writer.reserve(ENVELOPE_HEADER_BYTES);
  const { buffer, offset } = writer;
  buffer[offset] = REQUEST_VERSION;
  buffer[offset + 1] = flags;
  buffer[offset + 2] = streamId >>> 8;
  buffer[offset + 3] = streamId;
  buffer[offset + 4] = opcode;
  buffer[offset + 5] = 0;
  buffer[offset + 6] = 0;
  buffer[offset + 7] = 0;
  buffer[offset + 8] = 0;
  writer.offset = offset + ENVELOPE_HEADER_BYTES;
}

/** Closes the envelope that begins at `writer.start`. */
export function endEnvelope(writer: ByteWriter): void {
  const length = writer.offset - writer.start - ENVELOPE_HEADER_BYTES;
  if (length > MAX_ENVELOPE_BYTES) {
    throw new InvalidParameter(
      `The request takes ${String(length)} bytes, where the protocol allows ${String(MAX_ENVELOPE_BYTES)}`,
    );
  }
  writer.setInt32(writer.start + LENGTH_AT, length);
}

/** Gives a written envelope another stream id, to send the same bytes once more. */
export function setStreamId(buffer: Buffer, envelopeStart: number, streamId: number): void {
  buffer[envelopeStart + 2] = streamId >>> 8;
  buffer[envelopeStart + 3] = streamId;
}
