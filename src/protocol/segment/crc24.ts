/** CRC-24 over a segment's header (native protocol v5, section 2.3): most significant bit first, bytes in wire order. */

const INITIAL = 0x875060;
const POLYNOMIAL = 0x1974f0b;

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 16;
  for (let bit = 0; bit < 8; bit++) {
    crc <<= 1;
    if ((crc & 0x1000000) !== 0) crc ^= POLYNOMIAL;
  }
  return crc & 0xffffff;
});

/** The CRC-24 of `buffer[start, end)`. */
export function crc24(buffer: Uint8Array, start: number, end: number): number {
  let crc = INITIAL;
  for (let i = start; i < end; i++) {
    crc = ((crc << 8) ^ (table[(crc >>> 16) ^ (buffer[i] ?? 0)] ?? 0)) & 0xffffff;
  }
  return crc;
}
