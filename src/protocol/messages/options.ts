import type { ByteReader } from '../byte-reader.js';

/** OPTIONS (0x05): an empty body. Asks what the server supports; framed, it is the heartbeat. */
export function writeOptions(): void {
  // Nothing to write: the function is there so that every request has one.
}

/** SUPPORTED (0x06) = options [string multimap], for example COMPRESSION to [lz4, snappy]. */
export function readSupported(reader: ByteReader): Map<string, string[]> {
  return reader.readStringMultimap();
}
