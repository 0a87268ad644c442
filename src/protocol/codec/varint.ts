/** Integers of any size as two's complement, big-endian, in the fewest bytes that keep the sign. */
import { hexSlice } from '../native-buffer.js';
import type { ByteWriter } from '../byte-writer.js';
import { HIGH, int64, int64At, LOW, words } from './bits.js';

export function writeVarint(value: bigint, writer: ByteWriter): void {
  int64[0] = value;
  if (int64[0] === value) {
    writeShort(words[HIGH] ?? 0, words[LOW] ?? 0, writer);
    return;
  }
  const negative = value < 0n;
  // The complement of a negative number has the same significant bits, without the endless ones in front.
  let hex = (negative ? ~value : value).toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  // The first bit is the sign's: keep a byte for it.
  if (hex.charCodeAt(0) >= 56) hex = `00${hex}`;
  const size = hex.length / 2;
  writer.reserve(size);
  const { buffer, offset } = writer;
  buffer.write(hex, offset, 'hex');
  if (negative) for (let i = offset; i < offset + size; i++) buffer[i] = ~(buffer[i] ?? 0);
  writer.offset = offset + size;
}

function writeShort(high: number, low: number, writer: ByteWriter): void {
  writer.reserve(8);
  const { buffer, offset } = writer;
  const sign = high >>> 31 === 1 ? 0xff : 0;
  let at = offset;
  let started = false;
  for (let i = 0; i < 8; i++) {
    const byte = ((i < 4 ? high : low) >>> (24 - (i & 3) * 8)) & 0xff;
    if (!started && byte === sign && i < 7) {
      const next = ((i + 1 < 4 ? high : low) >>> (24 - ((i + 1) & 3) * 8)) & 0xff;
      // This byte only repeats the sign that the next one shows.
      if ((next & 0x80) === (sign & 0x80)) continue;
    }
    started = true;
    buffer[at++] = byte;
  }
  writer.offset = at;
}

/** `length` is at least 1. */
export function readVarint(buffer: Buffer, offset: number, length: number): bigint {
  if (length === 8) return int64At(buffer, offset);
  if (length <= 6) {
    let value = ((buffer[offset] ?? 0) << 24) >> 24;
    for (let i = 1; i < length; i++) value = value * 256 + (buffer[offset + i] ?? 0);
    return BigInt(value);
  }
  const magnitude = BigInt(`0x${hexSlice(buffer, offset, offset + length)}`);
  return BigInt.asIntN(length * 8, magnitude);
}
