import { ProtocolError } from '../../errors.js';
import { ENVELOPE_HEADER_BYTES } from '../../protocol/constants.js';
import type { SegmentCompressor } from '../../protocol/segment/compressor.js';
import { crc24 } from '../../protocol/segment/crc24.js';
import { crc32 } from '../../protocol/segment/crc32.js';
import {
  SEGMENT_HEADER_BYTES,
  SEGMENT_HEADER_BYTES_LZ4,
  SEGMENT_TRAILER_BYTES,
} from '../../protocol/segment/layout.js';

/** One request as it came. */
export interface RawRequest {
  readonly version: number;
  readonly flags: number;
  readonly streamId: number;
  readonly opcode: number;
  readonly body: Buffer;
}

/**
 * The server's half of the framing: finds requests in what a client sends. Plain rather than fast, and strict about what
 * Cassandra is strict about. It shares the checksums with the client's half and nothing else.
 */
export class RequestFramer {
  #rest: Buffer = Buffer.alloc(0);
  #split: Buffer[] = [];
  #framed = false;
  #compressor: SegmentCompressor | null = null;

  enterFramedMode(compressor: SegmentCompressor | null): void {
    this.#framed = true;
    this.#compressor = compressor;
  }

  /** Calls back for each request that is whole with this chunk; framing may begin inside the call. */
  push(chunk: Buffer, onRequest: (request: RawRequest) => void): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const taken = this.#framed ? this.#takeSegment(onRequest) : this.#takeBare(onRequest);
      if (!taken) break;
    }
  }

  #take(size: number): Buffer {
    const taken = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(size);
    return taken;
  }

  #takeBare(onRequest: (request: RawRequest) => void): boolean {
    const size = envelopeSize(this.#rest, 0);
    if (size > this.#rest.length) return false;
    onRequest(parseEnvelope(this.#take(size)));
    return true;
  }

  #takeSegment(onRequest: (request: RawRequest) => void): boolean {
    const lz4 = this.#compressor !== null;
    const headerBytes = lz4 ? SEGMENT_HEADER_BYTES_LZ4 : SEGMENT_HEADER_BYTES;
    const rest = this.#rest;
    if (rest.length < headerBytes) return false;
    if (crc24(rest, 0, headerBytes - 3) !== rest.readUIntLE(headerBytes - 3, 3)) {
      throw new ProtocolError('unrecoverable CRC mismatch detected in frame header');
    }
    // Up to 35 bits: arithmetic, because JavaScript's shifts stop at 32.
    const header = rest.readUIntLE(0, headerBytes - 3);
    const length = header % 2 ** 17;
    const above = Math.floor(header / 2 ** 17);
    const uncompressedLength = lz4 ? above % 2 ** 17 : 0;
    const selfContained = (lz4 ? Math.floor(above / 2 ** 17) : above) % 2 === 1;
    if (rest.length < headerBytes + length + SEGMENT_TRAILER_BYTES) return false;

    const segment = this.#take(headerBytes + length + SEGMENT_TRAILER_BYTES);
    const payload = segment.subarray(headerBytes, headerBytes + length);
    if (crc32(payload, 0, length) !== segment.readUInt32LE(headerBytes + length)) {
      throw new ProtocolError('unrecoverable CRC mismatch detected in frame body');
    }
    this.#open(this.#decompress(payload, uncompressedLength), selfContained, onRequest);
    return true;
  }

  #decompress(payload: Buffer, uncompressedLength: number): Buffer {
    if (this.#compressor === null || uncompressedLength === 0) return payload;
    return this.#compressor.decompress(payload, uncompressedLength);
  }

  #open(payload: Buffer, selfContained: boolean, onRequest: (request: RawRequest) => void): void {
    if (payload.length === 0) return;
    if (!selfContained) {
      this.#split.push(payload);
      const whole = this.#split.length === 1 ? payload : Buffer.concat(this.#split);
      const size = envelopeSize(whole, 0);
      if (size > whole.length) return;
      if (size < whole.length) throw new ProtocolError('a split message is followed by bytes of no message');
      this.#split = [];
      onRequest(parseEnvelope(whole));
      return;
    }
    for (let at = 0; at < payload.length;) {
      const size = envelopeSize(payload, at);
      if (at + size > payload.length) throw new ProtocolError('a message reaches past the end of its frame');
      onRequest(parseEnvelope(payload.subarray(at, at + size)));
      at += size;
    }
  }
}

/** Infinity while the header is not whole. */
function envelopeSize(buffer: Buffer, at: number): number {
  if (buffer.length - at < ENVELOPE_HEADER_BYTES) return Infinity;
  return ENVELOPE_HEADER_BYTES + buffer.readUInt32BE(at + 5);
}

function parseEnvelope(envelope: Buffer): RawRequest {
  return {
    version: envelope.readUInt8(0),
    flags: envelope.readUInt8(1),
    streamId: envelope.readInt16BE(2),
    opcode: envelope.readUInt8(4),
    // A copy: a request is kept for tests to look at, and must not hold what came with it.
    body: Buffer.from(envelope.subarray(ENVELOPE_HEADER_BYTES)),
  };
}
