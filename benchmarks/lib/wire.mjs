// The native protocol's frames, as much of them as a canned server and the floor need. Own code, so that the driver's
// does not stand on both sides of what is measured.
import { Buffer } from 'node:buffer';
import { crc32 as nativeCrc32 } from 'node:zlib';

export const Opcode = {
  ERROR: 0x00,
  STARTUP: 0x01,
  READY: 0x02,
  OPTIONS: 0x05,
  QUERY: 0x07,
  RESULT: 0x08,
  PREPARE: 0x09,
  EXECUTE: 0x0a,
  REGISTER: 0x0b,
  BATCH: 0x0d,
};

export const ENVELOPE_HEADER = 9;
export const SEGMENT_HEADER = 6;
export const SEGMENT_TRAILER = 4;
export const MAX_PAYLOAD = 131_071;

/** The CRC-32 of FA 2D 55 CA, which go in before a payload (native protocol v5, section 2.3). */
const CRC32_SEED = 0x44777ed3;

const crc24Table = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 16;
  for (let bit = 0; bit < 8; bit++) {
    crc <<= 1;
    if ((crc & 0x1000000) !== 0) crc ^= 0x1974f0b;
  }
  return crc & 0xffffff;
});

function crc24(buffer, start, end) {
  let crc = 0x875060;
  for (let i = start; i < end; i++) crc = ((crc << 8) ^ crc24Table[(crc >>> 16) ^ buffer[i]]) & 0xffffff;
  return crc;
}

function crc32(buffer, start, end) {
  return nativeCrc32(new Uint8Array(buffer.buffer, buffer.byteOffset + start, end - start), CRC32_SEED);
}

/** Writes header and trailer around `buffer[start + SEGMENT_HEADER, payloadEnd)`; returns the segment's end. */
export function sealSegment(buffer, start, payloadEnd, selfContained) {
  const payloadStart = start + SEGMENT_HEADER;
  buffer.writeUIntLE((payloadEnd - payloadStart) | (selfContained ? 0x20000 : 0), start, 3);
  buffer.writeUIntLE(crc24(buffer, start, start + 3), start + 3, 3);
  buffer.writeUInt32LE(crc32(buffer, payloadStart, payloadEnd), payloadEnd);
  return payloadEnd + SEGMENT_TRAILER;
}

/** One envelope as a new buffer. */
export function envelope(version, opcode, streamId, body) {
  const whole = Buffer.allocUnsafe(ENVELOPE_HEADER + body.length);
  whole[0] = version;
  whole[1] = 0;
  whole.writeInt16BE(streamId, 2);
  whole[4] = opcode;
  whole.writeInt32BE(body.length, 5);
  body.copy(whole, ENVELOPE_HEADER);
  return whole;
}

/** The segments of one envelope: a single self-contained one if it fits, else as many as it needs. */
export function segmentsOf(whole) {
  const selfContained = whole.length <= MAX_PAYLOAD;
  const segments = [];
  for (let at = 0; at < whole.length; at += MAX_PAYLOAD) {
    const payload = whole.subarray(at, at + MAX_PAYLOAD);
    const segment = Buffer.allocUnsafe(SEGMENT_HEADER + payload.length + SEGMENT_TRAILER);
    payload.copy(segment, SEGMENT_HEADER);
    sealSegment(segment, 0, SEGMENT_HEADER + payload.length, selfContained);
    segments.push(segment);
  }
  return segments;
}

const NOTHING = Buffer.alloc(0);

/** The size of the unit (segment or envelope) that begins at `at`; 0 while its header is not whole. */
function unitSize(buffer, at, end, framed) {
  if (framed) {
    if (end - at < SEGMENT_HEADER) return 0;
    return SEGMENT_HEADER + (buffer.readUIntLE(at, 3) & 0x1ffff) + SEGMENT_TRAILER;
  }
  return end - at < ENVELOPE_HEADER ? 0 : ENVELOPE_HEADER + buffer.readInt32BE(at + 5);
}

/**
 * Cuts what a socket reads into envelopes and calls `onEnvelope(buffer, start, end)` for each; the bytes are valid during
 * the call only. `checks`: CRCs are verified. `joins: false`: of an envelope that came in several segments only the
 * header is handed over, once the last part has come.
 */
export class Scanner {
  framed = false;
  #onEnvelope;
  #checks;
  #joins;
  #rest = NOTHING;
  #parts = [];
  #missing = 0;

  constructor(onEnvelope, { checks = false, joins = true } = {}) {
    this.#onEnvelope = onEnvelope;
    this.#joins = joins;
    this.#checks = checks;
  }

  push(chunk) {
    let buffer = chunk;
    if (this.#rest.length > 0) buffer = Buffer.concat([this.#rest, chunk]);
    let at = 0;
    const end = buffer.length;
    for (;;) {
      const size = unitSize(buffer, at, end, this.framed);
      if (size === 0 || size > end - at) break;
      if (this.framed) this.#segment(buffer, at, at + size);
      else this.#onEnvelope(buffer, at, at + size);
      at += size;
    }
    this.#rest = at === end ? NOTHING : Buffer.from(buffer.subarray(at));
  }

  #segment(buffer, start, end) {
    const payloadStart = start + SEGMENT_HEADER;
    const payloadEnd = end - SEGMENT_TRAILER;
    if (this.#checks) check(buffer, start, payloadStart, payloadEnd);
    if ((buffer[start + 2] & 0x02) === 0) {
      this.#part(buffer.subarray(payloadStart, payloadEnd));
      return;
    }
    for (let at = payloadStart; at < payloadEnd;) {
      const size = ENVELOPE_HEADER + buffer.readInt32BE(at + 5);
      this.#onEnvelope(buffer, at, at + size);
      at += size;
    }
  }

  #part(payload) {
    const isFirst = this.#missing === 0;
    if (isFirst) this.#missing = ENVELOPE_HEADER + payload.readInt32BE(5);
    this.#missing -= payload.length;
    if (this.#joins) this.#parts.push(Buffer.from(payload));
    else if (isFirst) this.#parts.push(Buffer.from(payload.subarray(0, ENVELOPE_HEADER)));
    if (this.#missing > 0) return;
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#onEnvelope(whole, 0, whole.length);
  }
}

function check(buffer, start, payloadStart, payloadEnd) {
  if (buffer.readUIntLE(start + 3, 3) !== crc24(buffer, start, start + 3)) throw new Error('A header CRC is wrong');
  if (buffer.readUInt32LE(payloadEnd) !== crc32(buffer, payloadStart, payloadEnd)) {
    throw new Error('A payload CRC is wrong');
  }
}
