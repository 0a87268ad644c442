import type { ByteReader } from '../byte-reader.js';

// OPTIONS (0x05) asks what the server supports; framed, it is the heartbeat. Its body is empty: nothing writes it.

/** SUPPORTED (0x06) = options [string multimap], for example COMPRESSION to [lz4, snappy]. */
export function readSupported(reader: ByteReader): Map<string, string[]> {
  return reader.readStringMultimap();
}
