import type { ByteReader } from '../byte-reader.js';
import { readInetAddress } from './inet.js';
import { readSchemaChange, type SchemaChange } from './schema-change.js';

/** A node came or went. `address` and `port` are those of its native transport. */
export interface NodeEvent {
  /** STATUS_CHANGE: UP, DOWN. TOPOLOGY_CHANGE: NEW_NODE, REMOVED_NODE, MOVED_NODE. Or a later server's own word. */
  readonly type: 'STATUS_CHANGE' | 'TOPOLOGY_CHANGE';
  readonly change: string;
  readonly address: string;
  readonly port: number;
}

export interface SchemaEvent extends SchemaChange {
  readonly type: 'SCHEMA_CHANGE';
}

/** An event of a later server, such as GRACEFUL_DISCONNECT. */
export interface OtherEvent {
  readonly type: 'OTHER';
  /** The event's name on the wire. */
  readonly name: string;
}

export type ServerEvent = NodeEvent | SchemaEvent | OtherEvent;

/**
 * EVENT (0x0C), on stream −1 = type [string], then
 *   STATUS_CHANGE, TOPOLOGY_CHANGE: change [string], node [inet] (address [inetaddr], port int32)
 *   SCHEMA_CHANGE: <schema_change>
 */
export function readEvent(reader: ByteReader): ServerEvent {
  const type = reader.readString();
  switch (type) {
    case 'STATUS_CHANGE':
    case 'TOPOLOGY_CHANGE': {
      const change = reader.readString();
      const address = readInetAddress(reader);
      return { type, change, address, port: reader.readInt32() };
    }
    case 'SCHEMA_CHANGE':
      return { type, ...readSchemaChange(reader) };
    default:
      return { type: 'OTHER', name: type };
  }
}
