import { ProtocolError } from '../../errors.js';
import { ENVELOPE_HEADER_BYTES, MAX_ENVELOPE_BYTES, Opcode, RESPONSE_VERSION } from '../constants.js';
import type { SegmentCompressor } from './compressor.js';
import { crc24 } from './crc24.js';
import { crc32 } from './crc32.js';
import { EnvelopeAssembly } from './envelope-assembly.js';
import {
  MAX_SEGMENT_PAYLOAD,
  SEGMENT_HEADER_BYTES,
  SEGMENT_HEADER_BYTES_LZ4,
  SEGMENT_TRAILER_BYTES,
} from './layout.js';

/** Takes envelopes out of a stream of bytes. */
export interface EnvelopeSink {
  /** `buffer[bodyStart, bodyEnd)` is the body; it is valid during this call only, unless `framer.bodyIsOwned`. */
  onEnvelope(flags: number, streamId: number, opcode: number, buffer: Buffer, bodyStart: number, bodyEnd: number): void;
}

/** A carry buffer above this size is given back once it was used. */
const KEPT_CARRY_BYTES = 256 * 1024;
const FIRST_CARRY_BYTES = 4096;
/** Versions 1 and 2 had another header: nothing behind such a byte can be understood. */
const OLDEST_READABLE_VERSION = 0x83;
/** The content type of an alert, with which a TLS server answers a client that does not speak TLS (RFC 8446, 5.1). */
const TLS_ALERT = 0x15;

/**
 * Finds the envelopes in what a socket reads: bare ones during the handshake, then those inside segments.
 *
 * A unit (a segment, or a bare envelope) that lies wholly in one chunk is decoded where it lies. One that is cut by a
 * chunk's end is gathered in the carry buffer, which grows with the bytes that came, never by an announced length
 * alone. Whatever breaks the protocol throws a ProtocolError; the stream cannot be understood any further then, and
 * every later push throws the same.
 */
export class InboundFramer {
  /** True during an `onEnvelope` whose buffer belongs to that envelope alone and is not written to again. */
  get bodyIsOwned(): boolean {
    return this.#bodyIsOwned;
  }

  readonly #sink: EnvelopeSink;
  readonly #maxEnvelopeBytes: number;
  readonly #assembly: EnvelopeAssembly;
  #framed = false;
  #compressor: SegmentCompressor | null = null;
  #closed = false;
  #failed = false;
  #failure: unknown = undefined;
  #bodyIsOwned = false;

  /** The beginning of a unit whose end has not come yet. */
  #carry: Buffer = Buffer.alloc(0);
  #carried = 0;

  // The segment header that was read last.
  #payloadLength = 0;
  #uncompressedLength = 0;
  #selfContained = true;

  constructor(sink: EnvelopeSink, maxEnvelopeBytes: number = MAX_ENVELOPE_BYTES) {
    this.#sink = sink;
    this.#maxEnvelopeBytes = maxEnvelopeBytes;
    this.#assembly = new EnvelopeAssembly();
  }

  /** From the next byte on, everything comes in segments. May be called inside `onEnvelope`. */
  enterFramedMode(compressor: SegmentCompressor | null): void {
    this.#framed = true;
    this.#compressor = compressor;
  }

  /** Nothing more is delivered, not even what is left of the chunk in hand. */
  close(): void {
    this.#closed = true;
    this.#carry = Buffer.alloc(0);
    this.#carried = 0;
    this.#assembly.reset();
  }

  /** Nothing came for a while: the carry buffer of busy times is let go, unless it holds the beginning of a unit. */
  rest(): void {
    if (this.#carried === 0) this.#carry = Buffer.alloc(0);
  }

  /** Takes `chunk[start, end)`, which may be overwritten as soon as this returns. */
  push(chunk: Buffer, start: number, end: number): void {
    if (this.#failed) throw this.#failure;
    try {
      let at = start;
      while (at < end && !this.#closed) {
        if (this.#carried > 0) {
          at = this.#continueUnit(chunk, at, end);
          continue;
        }
        const size = this.#unitSize(chunk, at, end);
        if (size > 0 && size <= end - at) {
          this.#deliverUnit(chunk, at, size);
          at += size;
        } else {
          at = this.#continueUnit(chunk, at, end);
        }
      }
    } catch (error) {
      this.#failed = true;
      this.#failure = error;
      this.close();
      throw error;
    }
  }

  /** Copies what is missing of the carried unit, delivers it if it is whole now, and returns where to go on. */
  #continueUnit(chunk: Buffer, start: number, end: number): number {
    let at = start;
    let size = this.#unitSize(this.#carry, 0, this.#carried);
    if (size === 0) {
      const missing = this.#headerBytes() - this.#carried;
      at = this.#copyToCarry(chunk, at, Math.min(end, at + missing), FIRST_CARRY_BYTES);
      size = this.#unitSize(this.#carry, 0, this.#carried);
      if (size === 0) return at;
    }
    at = this.#copyToCarry(chunk, at, Math.min(end, at + size - this.#carried), size);
    if (this.#carried < size) return at;

    const unit = this.#carry;
    this.#carried = 0;
    if (unit.length > KEPT_CARRY_BYTES) this.#carry = Buffer.alloc(0);
    this.#deliverUnit(unit, 0, size);
    return at;
  }

  #copyToCarry(chunk: Buffer, start: number, end: number, announced: number): number {
    const needed = this.#carried + end - start;
    if (needed > this.#carry.length) {
      const doubled = Math.max(this.#carry.length * 2, FIRST_CARRY_BYTES);
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(doubled, announced)));
      this.#carry.copy(larger, 0, 0, this.#carried);
      this.#carry = larger;
    }
    chunk.copy(this.#carry, this.#carried, start, end);
    this.#carried = needed;
    return end;
  }

  #headerBytes(): number {
    if (!this.#framed) return ENVELOPE_HEADER_BYTES;
    return this.#compressor === null ? SEGMENT_HEADER_BYTES : SEGMENT_HEADER_BYTES_LZ4;
  }

  /** The size of the unit that begins at `at`, or 0 while its header is not whole. */
  #unitSize(buffer: Buffer, at: number, end: number): number {
    if (this.#framed) {
      const headerBytes = this.#headerBytes();
      if (end - at < headerBytes) return 0;
      this.#readSegmentHeader(buffer, at, headerBytes);
      return headerBytes + this.#payloadLength + SEGMENT_TRAILER_BYTES;
    }
    // A peer that does not speak this protocol is found out by its first byte: it may never send nine.
    if (at < end) this.#checkFirstByte(buffer[at] ?? 0);
    return end - at < ENVELOPE_HEADER_BYTES ? 0 : this.#envelopeSize(buffer, at);
  }

  #deliverUnit(buffer: Buffer, at: number, size: number): void {
    if (this.#framed) this.#openSegment(buffer, at, size);
    else this.#deliver(buffer, at, at + size);
  }

  #checkFirstByte(version: number): void {
    if (version < OLDEST_READABLE_VERSION || version > 0x8f) throw wrongVersion(version);
  }

  #readSegmentHeader(buffer: Buffer, at: number, headerBytes: number): void {
    const crcAt = at + headerBytes - 3;
    const announced = uint24(buffer, crcAt);
    const actual = crc24(buffer, at, crcAt);
    if (announced !== actual) {
      throw new ProtocolError(
        `Corrupt stream: a segment's header CRC is ${hex(actual, 6)} where ${hex(announced, 6)} was announced`,
      );
    }
    const low = uint24(buffer, at);
    this.#payloadLength = low & 0x1ffff;
    if (headerBytes === SEGMENT_HEADER_BYTES) {
      this.#uncompressedLength = 0;
      this.#selfContained = (low & 0x20000) !== 0;
    } else {
      const high = uint16(buffer, at + 3);
      this.#uncompressedLength = (low >>> 17) | ((high & 0x3ff) << 7);
      this.#selfContained = (high & 0x400) !== 0;
    }
  }

  /** A segment that is wholly there, its header already read. */
  #openSegment(buffer: Buffer, at: number, size: number): void {
    const payloadEnd = at + size - SEGMENT_TRAILER_BYTES;
    const payloadStart = payloadEnd - this.#payloadLength;
    const announced = (uint24(buffer, payloadEnd) | ((buffer[payloadEnd + 3] ?? 0) << 24)) >>> 0;
    const actual = crc32(buffer, payloadStart, payloadEnd);
    if (announced !== actual) {
      throw new ProtocolError(
        `Corrupt stream: a segment's payload CRC is ${hex(actual, 8)} where ${hex(announced, 8)} was announced`,
      );
    }
    // An uncompressed length of 0 marks a payload that was left as it is.
    const compressor = this.#uncompressedLength === 0 ? null : this.#compressor;
    if (compressor === null) {
      this.#openPayload(buffer, payloadStart, payloadEnd);
    } else {
      const payload = this.#decompress(compressor, buffer.subarray(payloadStart, payloadEnd));
      this.#openPayload(payload, 0, payload.length);
    }
  }

  #decompress(compressor: SegmentCompressor, block: Buffer): Buffer {
    const length = this.#uncompressedLength;
    let payload: Buffer;
    try {
      payload = compressor.decompress(block, length);
    } catch (cause) {
      throw new ProtocolError('Corrupt stream: a segment holds no valid LZ4 block', { cause });
    }
    if (payload.length !== length || length > MAX_SEGMENT_PAYLOAD) {
      throw new ProtocolError(
        `Corrupt stream: bad length: a segment unfolds to ${String(payload.length)} bytes where ${String(length)} were announced`,
      );
    }
    return payload;
  }

  #openPayload(payload: Buffer, start: number, end: number): void {
    if (start === end) return;
    if (this.#selfContained) this.#deliverAll(payload, start, end);
    else this.#gather(payload, start, end);
  }

  /** One or more whole envelopes. */
  #deliverAll(payload: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end && !this.#closed) {
      const size = end - at < ENVELOPE_HEADER_BYTES ? Infinity : this.#envelopeSize(payload, at);
      if (size > end - at) {
        throw new ProtocolError('Corrupt stream: bad length: an envelope reaches past the end of its segment');
      }
      this.#deliver(payload, at, at + size);
      at += size;
    }
  }

  /** A part of an envelope that is split over several segments. */
  #gather(payload: Buffer, start: number, end: number): void {
    const assembly = this.#assembly;
    if (!assembly.isOpen) {
      if (end - start < ENVELOPE_HEADER_BYTES) {
        throw new ProtocolError('Corrupt stream: bad length: a split envelope begins with less than its header');
      }
      const size = this.#envelopeSize(payload, start);
      if (size === end - start) {
        this.#deliver(payload, start, end);
        return;
      }
      assembly.open(size);
    }
    if (!assembly.append(payload, start, end)) return;
    const whole = assembly.take();
    this.#bodyIsOwned = true;
    try {
      this.#deliver(whole, 0, whole.length);
    } finally {
      this.#bodyIsOwned = false;
    }
  }

  /** Checks the header of the envelope at `at` and returns the envelope's size with it. */
  #envelopeSize(buffer: Buffer, at: number): number {
    const version = buffer[at] ?? 0;
    // A server without version 5 says so in an ERROR of its own version, before any framing.
    if (version !== RESPONSE_VERSION && (this.#framed || buffer[at + 4] !== Opcode.ERROR)) throw wrongVersion(version);
    const length =
      ((buffer[at + 5] ?? 0) << 24) |
      ((buffer[at + 6] ?? 0) << 16) |
      ((buffer[at + 7] ?? 0) << 8) |
      (buffer[at + 8] ?? 0);
    if (length < 0 || length > this.#maxEnvelopeBytes) {
      throw new ProtocolError(
        `Corrupt stream: bad length: an envelope announces ${String(length)} bytes, where up to ${String(this.#maxEnvelopeBytes)} are taken`,
      );
    }
    return ENVELOPE_HEADER_BYTES + length;
  }

  #deliver(buffer: Buffer, at: number, end: number): void {
    const streamId = (((buffer[at + 2] ?? 0) << 24) >> 16) | (buffer[at + 3] ?? 0);
    this.#sink.onEnvelope(buffer[at + 1] ?? 0, streamId, buffer[at + 4] ?? 0, buffer, at + ENVELOPE_HEADER_BYTES, end);
  }
}

// Little-endian. Buffer's own readers check their bounds once more, which took twice as long as the reading.
function uint16(buffer: Buffer, at: number): number {
  return (buffer[at] ?? 0) | ((buffer[at + 1] ?? 0) << 8);
}

function uint24(buffer: Buffer, at: number): number {
  return uint16(buffer, at) | ((buffer[at + 2] ?? 0) << 16);
}

function wrongVersion(version: number): ProtocolError {
  if (version === TLS_ALERT) return new ProtocolError('The server speaks TLS on this port: set the option tls');
  return new ProtocolError(
    `Corrupt stream: unexpected protocol version byte ${hex(version, 2)}, where ${hex(RESPONSE_VERSION, 2)} belongs`,
  );
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
