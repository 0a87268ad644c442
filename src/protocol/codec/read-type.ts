import { ProtocolError } from '../../errors.js';
import type { ByteReader } from '../byte-reader.js';
import type { CqlType, ScalarName, UdtField } from './cql-type.js';

/**
 * <type> [option] = id uint16, then by id
 *   0x00 custom: class name [string]
 *   0x20 list, 0x22 set: element <type>
 *   0x21 map: key <type>, value <type>
 *   0x30 UDT: keyspace [string], name [string], count uint16, (name [string], <type>)[count]
 *   0x31 tuple: count uint16, <type>[count]
 *
 * The wire does not say whether a collection is frozen.
 */

const SCALARS: readonly (ScalarName | undefined)[] = [
  undefined,
  'ascii',
  'bigint',
  'blob',
  'boolean',
  'counter',
  'decimal',
  'double',
  'float',
  'int',
  'text',
  'timestamp',
  'uuid',
  'text',
  'varint',
  'timeuuid',
  'inet',
  'date',
  'time',
  'smallint',
  'tinyint',
  'duration',
];

/** Deeper than any schema; a hostile nesting would overflow the stack. */
const MAX_DEPTH = 100;

export function readType(reader: ByteReader): CqlType {
  return readNested(reader, 0);
}

function readNested(reader: ByteReader, depth: number): CqlType {
  if (depth > MAX_DEPTH) throw new ProtocolError('A type from the server is nested too deep');
  const id = reader.readUint16();
  switch (id) {
    case 0x00:
      return { kind: 'custom', className: reader.readString() };
    case 0x20:
      return { kind: 'list', element: readNested(reader, depth + 1), frozen: false };
    case 0x22:
      return { kind: 'set', element: readNested(reader, depth + 1), frozen: false };
    case 0x21: {
      const key = readNested(reader, depth + 1);
      return { kind: 'map', key, value: readNested(reader, depth + 1), frozen: false };
    }
    case 0x30: {
      const keyspace = reader.readString();
      const name = reader.readString();
      const fields: UdtField[] = [];
      for (let left = reader.readShortCount(4); left > 0; left--) {
        const field = reader.readString();
        fields.push({ name: field, type: readNested(reader, depth + 1) });
      }
      return { kind: 'udt', keyspace, name, fields, frozen: false };
    }
    case 0x31: {
      const count = reader.readShortCount(2);
      return { kind: 'tuple', elements: Array.from({ length: count }, () => readNested(reader, depth + 1)) };
    }
    default: {
      const name = SCALARS[id];
      if (name === undefined) throw new ProtocolError(`A column's type has the unknown id 0x${id.toString(16)}`);
      return { kind: 'scalar', name };
    }
  }
}
