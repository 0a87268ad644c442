import type { ByteWriter } from '../byte-writer.js';

/** What REGISTER can ask for in every version of Cassandra that speaks protocol 5. */
export const EventType = {
  TOPOLOGY_CHANGE: 'TOPOLOGY_CHANGE',
  STATUS_CHANGE: 'STATUS_CHANGE',
  SCHEMA_CHANGE: 'SCHEMA_CHANGE',
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

/**
 * REGISTER (0x0B) = types [string list]
 *
 * Answered by READY. A type that the server does not know is answered by a PROTOCOL_ERROR; the connection lives on.
 */
export function writeRegister(writer: ByteWriter, types: readonly string[]): void {
  writer.writeStringList(types);
}
