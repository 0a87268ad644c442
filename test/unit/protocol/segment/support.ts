import lz4 from 'lz4-napi';
import { ENVELOPE_HEADER_BYTES } from '../../../../src/protocol/constants.js';
import { createLz4Compressor } from '../../../../src/protocol/segment/lz4-compressor.js';
import type { SegmentCompressor } from '../../../../src/protocol/segment/compressor.js';
import { InboundFramer, type EnvelopeSink } from '../../../../src/protocol/segment/inbound.js';
import {
  compressSegment,
  sealSegment,
  SEGMENT_HEADER_BYTES,
  SEGMENT_TRAILER_BYTES,
} from '../../../../src/protocol/segment/segment-writer.js';

export const lz4Compressor: SegmentCompressor = createLz4Compressor(lz4);

/** One envelope as a server sends it. */
export function response(opcode: number, body: Uint8Array, streamId = 1, flags = 0, version = 0x85): Buffer {
  const envelope = Buffer.alloc(9 + body.length);
  envelope[0] = version;
  envelope[1] = flags;
  envelope.writeInt16BE(streamId, 2);
  envelope[4] = opcode;
  envelope.writeInt32BE(body.length, 5);
  envelope.set(body, 9);
  return envelope;
}

export function segment(payload: Buffer, selfContained = true, compressor: SegmentCompressor | null = null): Buffer {
  if (compressor !== null) return compressSegment(payload, 0, payload.length, selfContained, compressor);
  const buffer = Buffer.alloc(SEGMENT_HEADER_BYTES + payload.length + SEGMENT_TRAILER_BYTES);
  payload.copy(buffer, SEGMENT_HEADER_BYTES);
  sealSegment(buffer, 0, SEGMENT_HEADER_BYTES + payload.length, selfContained);
  return buffer;
}

/** Bytes that no compressor shrinks, the same in each run. */
export function noise(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

export interface Seen {
  readonly version: number;
  readonly flags: number;
  readonly streamId: number;
  readonly opcode: number;
  readonly body: string;
  readonly owned: boolean;
}

/** Keeps what a framer delivers; `onReady` runs inside the delivery of READY or AUTHENTICATE. */
export class Collector implements EnvelopeSink {
  readonly seen: Seen[] = [];
  readonly framer: InboundFramer;
  onDelivery: ((seen: Seen) => void) | undefined;

  constructor(maxEnvelopeBytes?: number) {
    this.framer = new InboundFramer(this, maxEnvelopeBytes);
  }

  onEnvelope(flags: number, streamId: number, opcode: number, buffer: Buffer, start: number, end: number): void {
    const body = buffer.toString('hex', start, end);
    const version = buffer[start - ENVELOPE_HEADER_BYTES] ?? 0;
    const seen = { version, flags, streamId, opcode, body, owned: this.framer.bodyIsOwned };
    this.seen.push(seen);
    this.onDelivery?.(seen);
  }

  /** Pushes the bytes in pieces, each in a buffer that is overwritten right after, as a socket's is. */
  pushPieces(bytes: Buffer, sizes: Iterable<number>): void {
    const shared = Buffer.alloc(bytes.length + 16);
    let at = 0;
    const push = (size: number): void => {
      const end = Math.min(bytes.length, at + size);
      bytes.copy(shared, 7, at, end);
      this.framer.push(shared, 7, 7 + end - at);
      shared.fill(0xee, 7, 7 + end - at);
      // Some pauses are long.
      if (size % 2 === 1) this.framer.rest();
      at = end;
    };
    for (const size of sizes) push(size);
    if (at < bytes.length) push(bytes.length - at);
  }
}
