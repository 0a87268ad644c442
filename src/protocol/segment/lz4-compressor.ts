import type { SegmentCompressor } from './compressor.js';

/** What this adapter needs of the package `lz4-napi`; whoever negotiates compression loads it. */
export interface Lz4Module {
  compressSync(data: Buffer): Buffer;
  uncompressSync(data: Buffer): Buffer;
}

const LENGTH_BYTES = 4;

/** lz4-napi's blocks carry their uncompressed length in front, as four bytes, little-endian; the protocol's do not. */
export function createLz4Compressor(lz4: Lz4Module): SegmentCompressor {
  return {
    compress(input) {
      return lz4.compressSync(input).subarray(LENGTH_BYTES);
    },
    decompress(input, uncompressedLength) {
      const block = Buffer.allocUnsafe(LENGTH_BYTES + input.length);
      block.writeUInt32LE(uncompressedLength, 0);
      block.set(input, LENGTH_BYTES);
      return lz4.uncompressSync(block);
    },
  };
}
