/**
 * Variable-length integers (section 3, [unsigned vint] and [vint]): the leading one-bits of the first byte tell how many
 * bytes follow. Signed ones are zig-zag encoded.
 */
import type { ByteWriter } from '../byte-writer.js';

/** All bytes of a vint, by its first one: 1 to 9. */
export function vintSize(first: number): number {
  return Math.clz32(~(first << 24)) + 1;
}

/** The caller has checked that `size` bytes are there. */
export function readUnsignedVint(buffer: Uint8Array, offset: number, size: number): bigint {
  const first = buffer[offset] ?? 0;
  let value = BigInt(size >= 8 ? 0 : first & (0xff >> size));
  for (let i = 1; i < size; i++) value = (value << 8n) | BigInt(buffer[offset + i] ?? 0);
  return value;
}

export function zigZagDecode(value: bigint): bigint {
  return (value >> 1n) ^ -(value & 1n);
}

/** `value` is below 2^64. */
export function writeUnsignedVint(value: bigint, writer: ByteWriter): void {
  let extra = 0;
  while (extra < 8 && value >> BigInt(7 * (extra + 1)) !== 0n) extra++;
  // Nine bytes hold 64 bits; fewer hold 7 each.
  const size = extra + 1;
  writer.reserve(size);
  const { buffer, offset } = writer;
  let rest = value;
  for (let i = size - 1; i > 0; i--) {
    buffer[offset + i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  buffer[offset] = (~(0xff >> extra) & 0xff) | Number(rest);
  writer.offset = offset + size;
}

export function writeVint(value: bigint, writer: ByteWriter): void {
  writeUnsignedVint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)), writer);
}
