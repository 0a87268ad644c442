/** Sizes of a segment's parts (native protocol v5, section 2.3). All its integers are little-endian. */

/** 3 bytes (payload length 17 bits, self-contained 1, zeros 6) and their CRC-24. */
export const SEGMENT_HEADER_BYTES = 6;
/** With LZ4: 5 bytes (compressed length 17 bits, uncompressed 17, self-contained 1, zeros 5) and their CRC-24. */
export const SEGMENT_HEADER_BYTES_LZ4 = 8;
/** The CRC-32 behind the payload. */
export const SEGMENT_TRAILER_BYTES = 4;
/** Of a payload as it travels and, with LZ4, also of what it unfolds to. */
export const MAX_SEGMENT_PAYLOAD = 131_071;
