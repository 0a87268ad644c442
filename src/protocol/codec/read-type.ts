import { ProtocolError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import { MAX_TYPE_DEPTH, parseClassName } from './class-name.js';
import type { CqlType, ScalarName, UdtField } from './cql-type.js';

/** Option ids (section 4.2.5.2). 0x0A was text's own id in version 2; nobody should send it, all can read it. */
const SCALARS: ReadonlyMap<number, ScalarName> = new Map([
  [0x01, 'ascii'],
  [0x02, 'bigint'],
  [0x03, 'blob'],
  [0x04, 'boolean'],
  [0x05, 'counter'],
  [0x06, 'decimal'],
  [0x07, 'double'],
  [0x08, 'float'],
  [0x09, 'int'],
  [0x0a, 'text'],
  [0x0b, 'timestamp'],
  [0x0c, 'uuid'],
  [0x0d, 'text'],
  [0x0e, 'varint'],
  [0x0f, 'timeuuid'],
  [0x10, 'inet'],
  [0x11, 'date'],
  [0x12, 'time'],
  [0x13, 'smallint'],
  [0x14, 'tinyint'],
  [0x15, 'duration'],
]);

/** Reads an [option] that names a type. The wire does not tell whether a type is frozen. Throws ProtocolError. */
export function readType(reader: ByteReader): CqlType {
  return readNested(reader, 0);
}

function readNested(reader: ByteReader, depth: number): CqlType {
  if (depth > MAX_TYPE_DEPTH) throw new ProtocolError('A type from the server nests too deep');
  const id = reader.readUint16();
  const scalar = SCALARS.get(id);
  if (scalar !== undefined) return { kind: 'scalar', name: scalar };
  const next = depth + 1;
  switch (id) {
    case 0x00:
      return parseClassName(reader.readString());
    case 0x20:
      return { kind: 'list', element: readNested(reader, next), frozen: false };
    case 0x21:
      return { kind: 'map', key: readNested(reader, next), value: readNested(reader, next), frozen: false };
    case 0x22:
      return { kind: 'set', element: readNested(reader, next), frozen: false };
    case 0x30:
      return readUdt(reader, next);
    case 0x31: {
      const elements: CqlType[] = [];
      for (let left = reader.readShortCount(2); left > 0; left--) elements.push(readNested(reader, next));
      return { kind: 'tuple', elements };
    }
    default:
      throw new ProtocolError(`The server named a type by an id that is not known: 0x${id.toString(16)}`);
  }
}

function readUdt(reader: ByteReader, depth: number): CqlType {
  const keyspace = reader.readString();
  const name = reader.readString();
  const fields: UdtField[] = [];
  for (let left = reader.readShortCount(4); left > 0; left--) {
    fields.push({ name: reader.readString(), type: readNested(reader, depth) });
  }
  return { kind: 'udt', keyspace, name, fields, frozen: false };
}
