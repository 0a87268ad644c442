import { ProtocolError } from '../errors.js';
import { int32At, int64At } from './codec/bits.js';
import { hexSlice, utf8Slice } from './native-buffer.js';

/**
 * Reads the notations of the native protocol (section 3) from a stretch of a buffer.
 *
 * Every read is checked against `end`: a length from the wire is never trusted. A read past the end throws a
 * ProtocolError, which costs the connection, because what follows cannot be understood either.
 */
export class ByteReader {
  buffer: Buffer;
  offset: number;
  end: number;

  constructor(buffer: Buffer, offset = 0, end: number = buffer.length) {
    this.buffer = buffer;
    this.offset = offset;
    this.end = end;
  }

  /** Points the reader at other bytes, so that one reader serves a connection's whole life. */
  reset(buffer: Buffer, offset: number, end: number): void {
    this.buffer = buffer;
    this.offset = offset;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  /** Moves past `size` bytes and returns where they begin. */
  skip(size: number): number {
    const at = this.offset;
    if (size < 0 || at + size > this.end) throw this.#truncated(size);
    this.offset = at + size;
    return at;
  }

  #truncated(size: number): ProtocolError {
    return new ProtocolError(
      `A message from the server ends too early: ${String(size)} bytes are announced where ${String(this.remaining)} are left`,
    );
  }

  readUint8(): number {
    return this.buffer[this.skip(1)] ?? 0;
  }

  readUint16(): number {
    const at = this.skip(2);
    return ((this.buffer[at] ?? 0) << 8) | (this.buffer[at + 1] ?? 0);
  }

  readInt32(): number {
    return int32At(this.buffer, this.skip(4));
  }

  readInt64(): bigint {
    return int64At(this.buffer, this.skip(8));
  }

  /** A count of things that take at least `least` bytes each: one that cannot fit is refused before anything is allocated. */
  readCount(least: number): number {
    return this.#fitting(this.readInt32(), least);
  }

  /** The same for a uint16 count. */
  readShortCount(least: number): number {
    return this.#fitting(this.readUint16(), least);
  }

  #fitting(count: number, least: number): number {
    if (count < 0 || count * least > this.remaining) throw this.#truncated(count * least);
    return count;
  }

  #text(size: number): string {
    const at = this.skip(size);
    return utf8Slice(this.buffer, at, at + size);
  }

  #copy(size: number): Buffer {
    const at = this.skip(size);
    // A view would pin the whole receive buffer for as long as the user keeps a few bytes of it.
    return Buffer.from(this.buffer.subarray(at, at + size));
  }

  /** [string] */
  readString(): string {
    return this.#text(this.readUint16());
  }

  /** [long string] */
  readLongString(): string {
    return this.#text(this.readInt32());
  }

  /** [bytes], as a copy; null for a negative length. */
  readBytes(): Buffer | null {
    const size = this.readInt32();
    return size < 0 ? null : this.#copy(size);
  }

  /** [short bytes], as a copy. */
  readShortBytes(): Buffer {
    return this.#copy(this.readUint16());
  }

  /** Sixteen bytes, as a lower-case UUID. */
  readUuid(): string {
    const at = this.skip(16);
    const hex = hexSlice(this.buffer, at, at + 16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** [string list] */
  readStringList(): string[] {
    const count = this.readShortCount(2);
    return Array.from({ length: count }, () => this.readString());
  }

  /** [bytes map]; a null value reads as empty. */
  readBytesMap(): Record<string, Buffer> {
    const entries: [string, Buffer][] = [];
    for (let left = this.readShortCount(6); left > 0; left--) {
      entries.push([this.readString(), this.readBytes() ?? Buffer.alloc(0)]);
    }
    // fromEntries defines its properties: a key named __proto__ does no harm.
    return Object.fromEntries(entries);
  }
}
