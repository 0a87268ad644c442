import type { ByteReader } from '../byte-reader.js';

/** A change of the schema, as a result of a statement and as an event. */
export interface SchemaChange {
  /** CREATED, UPDATED, DROPPED, or a later server's own word. */
  readonly change: string;
  /** KEYSPACE, TABLE, TYPE, FUNCTION, AGGREGATE, or a later server's own word. */
  readonly target: string;
  readonly keyspace: string;
  /** Absent for a keyspace. */
  readonly name?: string;
  /** The CQL types of a function's or an aggregate's arguments. */
  readonly arguments?: readonly string[];
}

/**
 * <schema_change> = change [string], target [string], options
 *   options = keyspace [string], but for KEYSPACE name [string], and for FUNCTION and AGGREGATE arguments [string list]
 */
export function readSchemaChange(reader: ByteReader): SchemaChange {
  const change = reader.readString();
  const target = reader.readString();
  const keyspace = reader.readString();
  switch (target) {
    case 'KEYSPACE':
      return { change, target, keyspace };
    case 'FUNCTION':
    case 'AGGREGATE':
      return { change, target, keyspace, name: reader.readString(), arguments: reader.readStringList() };
    case 'TABLE':
    case 'TYPE':
      return { change, target, keyspace, name: reader.readString() };
    default:
      // A target of the future: its name is taken if something is there that can be one.
      return reader.remaining < 2
        ? { change, target, keyspace }
        : { change, target, keyspace, name: reader.readString() };
  }
}
