/** Compresses the payloads of one connection's segments. */
export interface SegmentCompressor {
  /** Returns a raw LZ4 block: no frame, no length in front. */
  compress(input: Buffer): Buffer;
  /**
   * Undoes `compress`. `uncompressedLength` comes from a header whose CRC is right and is at most 131,071. Throws if
   * the block is malformed; the caller checks the length of what comes back.
   */
  decompress(input: Buffer, uncompressedLength: number): Buffer;
}
