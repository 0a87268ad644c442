import type { ByteReader } from '../../src/protocol/byte-reader.js';

/** SUPPORTED (0x06) = options [string multimap], for example COMPRESSION to [lz4, snappy]. The client has no use for it. */
export function readSupported(reader: ByteReader): Map<string, string[]> {
  const options = new Map<string, string[]>();
  for (let left = reader.readUint16(); left > 0; left--) options.set(reader.readString(), reader.readStringList());
  return options;
}
