import {
  MAX_SEGMENT_PAYLOAD,
  SEGMENT_HEADER_BYTES,
  SEGMENT_HEADER_BYTES_LZ4,
  SEGMENT_TRAILER_BYTES,
} from './layout.js';
import type { SegmentCompressor } from './compressor.js';
import { crc24 } from './crc24.js';
import { crc32 } from './crc32.js';

export { MAX_SEGMENT_PAYLOAD, SEGMENT_HEADER_BYTES, SEGMENT_TRAILER_BYTES };

/** What Cassandra's own encoder puts into one segment of a split envelope at most. */
const SPLIT_PAYLOAD = 131_060;

function checkPayload(length: number): void {
  if (length < 0 || length > MAX_SEGMENT_PAYLOAD) {
    throw new RangeError(
      `A segment holds up to ${String(MAX_SEGMENT_PAYLOAD)} bytes, not ${String(length)}: split the envelope`,
    );
  }
}

function setUint24(buffer: Uint8Array, at: number, value: number): void {
  buffer[at] = value;
  buffer[at + 1] = value >>> 8;
  buffer[at + 2] = value >>> 16;
}

/** Writes the CRC-32 of the payload into the four bytes behind it and returns where the segment ends. */
function sealTrailer(buffer: Buffer, payloadStart: number, payloadEnd: number): number {
  const crc = crc32(buffer, payloadStart, payloadEnd);
  setUint24(buffer, payloadEnd, crc);
  buffer[payloadEnd + 3] = crc >>> 24;
  return payloadEnd + SEGMENT_TRAILER_BYTES;
}

/**
 * Makes a segment of a payload that stands ready in `buffer`: the header goes into the 6 bytes reserved at
 * `segmentStart`, the CRC into the 4 bytes reserved at `payloadEnd`. Returns where the segment ends.
 */
export function sealSegment(buffer: Buffer, segmentStart: number, payloadEnd: number, selfContained: boolean): number {
  const payloadStart = segmentStart + SEGMENT_HEADER_BYTES;
  const length = payloadEnd - payloadStart;
  checkPayload(length);
  setUint24(buffer, segmentStart, length | (selfContained ? 0x20000 : 0));
  setUint24(buffer, segmentStart + 3, crc24(buffer, segmentStart, segmentStart + 3));
  return sealTrailer(buffer, payloadStart, payloadEnd);
}

/** A segment of its own around a copy of `payload[start, end)`, for a connection without compression. */
function copySegment(payload: Buffer, start: number, end: number, selfContained: boolean): Buffer {
  const length = end - start;
  const segment = Buffer.allocUnsafeSlow(SEGMENT_HEADER_BYTES + length + SEGMENT_TRAILER_BYTES);
  payload.copy(segment, SEGMENT_HEADER_BYTES, start, end);
  sealSegment(segment, 0, SEGMENT_HEADER_BYTES + length, selfContained);
  return segment;
}

/**
 * A segment for a connection with LZ4. A payload that does not shrink goes as it is, marked by an uncompressed length
 * of 0. (The specification's text says that the compressed length is 0 then; every server reads it this way round.)
 */
export function compressSegment(
  payload: Buffer,
  start: number,
  end: number,
  selfContained: boolean,
  compressor: SegmentCompressor,
): Buffer {
  checkPayload(end - start);
  const raw = payload.subarray(start, end);
  const compressed = raw.length === 0 ? raw : compressor.compress(raw);
  const shrunk = compressed.length < raw.length;
  const body = shrunk ? compressed : raw;
  const uncompressedLength = shrunk ? raw.length : 0;

  const segment = Buffer.allocUnsafeSlow(SEGMENT_HEADER_BYTES_LZ4 + body.length + SEGMENT_TRAILER_BYTES);
  // 5 bytes, little-endian: compressed length (17 bits), uncompressed length (17), self-contained (1), zeros (5).
  setUint24(segment, 0, body.length | ((uncompressedLength & 0x7f) << 17));
  segment[3] = uncompressedLength >>> 7;
  segment[4] = (uncompressedLength >>> 15) | (selfContained ? 0x04 : 0);
  setUint24(segment, 5, crc24(segment, 0, 5));
  segment.set(body, SEGMENT_HEADER_BYTES_LZ4);
  sealTrailer(segment, SEGMENT_HEADER_BYTES_LZ4, SEGMENT_HEADER_BYTES_LZ4 + body.length);
  return segment;
}

/**
 * Lays one envelope out over as many segments as it needs; an envelope that fits one makes one self-contained segment.
 * The segments of a split envelope must reach the socket in order and with nothing in between.
 */
export function splitIntoSegments(
  envelope: Buffer,
  start: number,
  end: number,
  compressor: SegmentCompressor | null,
): Buffer[] {
  const selfContained = end - start <= SPLIT_PAYLOAD;
  const segments: Buffer[] = [];
  for (let at = start; at < end; at += SPLIT_PAYLOAD) {
    const stop = Math.min(at + SPLIT_PAYLOAD, end);
    segments.push(
      compressor === null
        ? copySegment(envelope, at, stop, selfContained)
        : compressSegment(envelope, at, stop, selfContained, compressor),
    );
  }
  return segments;
}
