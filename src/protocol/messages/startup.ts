import type { ByteWriter } from '../byte-writer.js';

/**
 * STARTUP (0x01) = options [string map]
 *
 * The first request but for OPTIONS, bare of any segment and alone on its connection until it is answered. Answered by
 * READY (empty body), AUTHENTICATE or ERROR. CQL_VERSION must be there; COMPRESSION and THROW_ON_OVERLOAD change what
 * follows; the server keeps all other keys to show them in system_views.clients.
 */
export function writeStartup(writer: ByteWriter, options: Readonly<Record<string, string>>): void {
  writer.writeStringMap(options);
}
