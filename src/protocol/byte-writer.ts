import { InvalidParameter } from '../errors.js';
import { HIGH, int64, LOW, words } from './codec/bits.js';
import { isWellFormed, utf8Write } from './native-buffer.js';

const MAX_STRING_BYTES = 0xffff;
/** Up to this length a loop (3 ns a byte) is faster than the engine's copy (37 ns). */
const SHORT_BYTES = 8;
/** Past this length the native UTF-8 writer is faster than a loop over char codes. */
const SHORT_STRING = 24;

/**
 * Writes the notations of the native protocol (section 3) into a buffer that grows.
 *
 * Whoever owns the buffer decides how it grows: `grow` keeps what was written since `start` (the message that is
 * being written) and may leave everything before it behind. So a message is always contiguous, and a message that
 * fails half-way is undone by setting `offset` back to `start`.
 */
export class ByteWriter {
  buffer: Buffer;
  offset = 0;
  /** Where the message that is being written begins. */
  start = 0;

  constructor(size = 1024) {
    // Small ones come out of Node's pool: one of their own would cost more than what is written into it.
    this.buffer = Buffer.allocUnsafe(size);
  }

  /** Makes room for `size` more bytes. `buffer`, `start` and `offset` may be others afterwards. */
  reserve(size: number): void {
    if (this.offset + size > this.buffer.length) this.grow(size);
  }

  protected grow(size: number): void {
    const needed = this.offset - this.start + size;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, needed));
    this.buffer.copy(larger, 0, this.start, this.offset);
    this.offset -= this.start;
    this.start = 0;
    this.buffer = larger;
  }

  /** What was written since `start`, as a copy. */
  toBuffer(): Buffer {
    return Buffer.from(this.buffer.subarray(this.start, this.offset));
  }

  writeUint8(value: number): void {
    this.reserve(1);
    this.buffer[this.offset++] = value;
  }

  writeUint16(value: number): void {
    this.reserve(2);
    const { buffer, offset } = this;
    buffer[offset] = value >>> 8;
    buffer[offset + 1] = value;
    this.offset = offset + 2;
  }

  writeInt32(value: number): void {
    this.reserve(4);
    this.setInt32(this.offset, value);
    this.offset += 4;
  }

  /** Overwrites four bytes that were reserved or written before: lengths are known last. */
  setInt32(at: number, value: number): void {
    const { buffer } = this;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
  }

  /** Leaves four bytes free, whose content `setInt32` brings: lengths are known last. */
  skipInt32(): void {
    this.reserve(4);
    this.offset += 4;
  }

  /** A bigint past 64 bits is wrapped: the caller has looked. */
  writeInt64(value: bigint): void {
    int64[0] = value;
    this.writeWords();
  }

  /** The 64-bit number that was put into the shared words of bits.ts. */
  writeWords(): void {
    const high = words[HIGH] ?? 0;
    const low = words[LOW] ?? 0;
    this.reserve(8);
    const { offset } = this;
    this.setInt32(offset, high);
    this.setInt32(offset + 4, low);
    this.offset = offset + 8;
  }

  /** A safe integer as an int64. */
  writeSafeInt64(value: number): void {
    const high = Math.floor(value / 4_294_967_296);
    this.writeInt32(high);
    this.writeInt32(value - high * 4_294_967_296);
  }

  /** Raw bytes, no length. */
  writeRaw(bytes: Uint8Array): void {
    const { length } = bytes;
    this.reserve(length);
    const { buffer, offset } = this;
    if (length > SHORT_BYTES) buffer.set(bytes, offset);
    else for (let i = 0; i < length; i++) buffer[offset + i] = bytes[i] ?? 0;
    this.offset = offset + length;
  }

  /** Raw UTF-8, no length. */
  writeUtf8(text: string): void {
    const { length } = text;
    this.reserve(length * 3);
    const { buffer, offset } = this;
    const isAscii = length <= SHORT_STRING && writeAscii(text, buffer, offset);
    this.offset = offset + (isAscii ? length : utf8Write(buffer, text, offset));
  }

  /** [string]: uint16 length, UTF-8. */
  writeString(text: string): void {
    const at = this.offset - this.start;
    this.writeUint16(0);
    this.writeUtf8(text);
    const lengthAt = this.start + at;
    const length = this.offset - lengthAt - 2;
    if (length > MAX_STRING_BYTES) {
      throw new InvalidParameter(
        `A string of ${String(length)} bytes does not fit the protocol's [string], which holds ${String(MAX_STRING_BYTES)}`,
      );
    }
    this.buffer[lengthAt] = length >>> 8;
    this.buffer[lengthAt + 1] = length;
  }

  /** [long string]: int32 length, UTF-8. */
  writeLongString(text: string): void {
    const at = this.offset - this.start;
    this.writeInt32(0);
    this.writeUtf8(text);
    const lengthAt = this.start + at;
    this.setInt32(lengthAt, this.offset - lengthAt - 4);
  }

  /** [bytes]: int32 length (−1 for null), bytes. */
  writeBytes(bytes: Uint8Array | null): void {
    if (bytes === null) {
      this.writeInt32(-1);
      return;
    }
    this.writeInt32(bytes.length);
    this.writeRaw(bytes);
  }

  // [value] = int32 length, content. The commonest are written at once: each call less is a good part of what they take.

  /** [value] of one byte. */
  writeUint8Value(value: number): void {
    this.reserve(5);
    const { buffer, offset } = this;
    this.setInt32(offset, 1);
    buffer[offset + 4] = value;
    this.offset = offset + 5;
  }

  /** [value] of an int32. */
  writeInt32Value(value: number): void {
    this.reserve(8);
    const { offset } = this;
    this.setInt32(offset, 4);
    this.setInt32(offset + 4, value);
    this.offset = offset + 8;
  }

  /** [value] of a safe integer as an int64. */
  writeSafeInt64Value(value: number): void {
    const high = Math.floor(value / 4_294_967_296);
    this.#writeInt64Value(high, value - high * 4_294_967_296);
  }

  /** [value] of the 64-bit number that was put into the shared words of bits.ts. */
  writeWordsValue(): void {
    this.#writeInt64Value(words[HIGH] ?? 0, words[LOW] ?? 0);
  }

  #writeInt64Value(high: number, low: number): void {
    this.reserve(12);
    const { offset } = this;
    this.setInt32(offset, 8);
    this.setInt32(offset + 4, high);
    this.setInt32(offset + 8, low);
    this.offset = offset + 12;
  }

  /** [value] of UTF-8. Returns false, with nothing written, if the text has a lone surrogate: there is no UTF-8 of it. */
  writeTextValue(text: string): boolean {
    const { length } = text;
    this.reserve(4 + length * 3);
    const { buffer, offset } = this;
    let size = length;
    if (length > SHORT_STRING || !writeAscii(text, buffer, offset + 4)) {
      size = utf8Write(buffer, text, offset + 4);
      // As many bytes as characters: all were ASCII.
      if (size !== length && !isWellFormed(text)) return false;
    }
    this.setInt32(offset, size);
    this.offset = offset + 4 + size;
    return true;
  }

  /** [short bytes]: uint16 length, bytes. */
  writeShortBytes(bytes: Uint8Array): void {
    this.writeUint16(bytes.length);
    this.writeRaw(bytes);
  }

  /** [string list]: uint16 count, strings. */
  writeStringList(list: readonly string[]): void {
    this.writeUint16(list.length);
    for (const text of list) this.writeString(text);
  }

  /** [string map]: uint16 count, pairs of strings. */
  writeStringMap(map: Readonly<Record<string, string>>): void {
    const entries = Object.entries(map);
    this.writeUint16(entries.length);
    for (const [key, value] of entries) {
      this.writeString(key);
      this.writeString(value);
    }
  }

  /** [bytes map]: uint16 count, pairs of string and bytes. */
  writeBytesMap(map: Readonly<Record<string, Uint8Array>>): void {
    const entries = Object.entries(map);
    this.writeUint16(entries.length);
    for (const [key, value] of entries) {
      this.writeString(key);
      this.writeBytes(value);
    }
  }
}

/** Returns false at the first character past ASCII; what was written before it counts for nothing. */
function writeAscii(text: string, buffer: Uint8Array, offset: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return false;
    buffer[offset + i] = unit;
  }
  return true;
}
