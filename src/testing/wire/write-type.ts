import type { ByteWriter } from '../../protocol/byte-writer.js';
import type { CqlType, ScalarName } from '../../protocol/codec/cql-type.js';

/** Ids of [option] in native protocol v5, section 4.2.5.2. */
const SCALAR_IDS: Readonly<Record<ScalarName, number>> = {
  ascii: 0x01,
  bigint: 0x02,
  blob: 0x03,
  boolean: 0x04,
  counter: 0x05,
  decimal: 0x06,
  double: 0x07,
  float: 0x08,
  int: 0x09,
  timestamp: 0x0b,
  uuid: 0x0c,
  text: 0x0d,
  varint: 0x0e,
  timeuuid: 0x0f,
  inet: 0x10,
  date: 0x11,
  time: 0x12,
  smallint: 0x13,
  tinyint: 0x14,
  duration: 0x15,
};

const MARSHAL = 'org.apache.cassandra.db.marshal.';

/** Where a scalar's class name is not the CQL name with a capital: the older the type, the odder the name. */
const SCALAR_CLASSES: Partial<Readonly<Record<ScalarName, string>>> = {
  bigint: 'LongType',
  blob: 'BytesType',
  counter: 'CounterColumnType',
  date: 'SimpleDateType',
  inet: 'InetAddressType',
  int: 'Int32Type',
  smallint: 'ShortType',
  text: 'UTF8Type',
  timeuuid: 'TimeUUIDType',
  tinyint: 'ByteType',
  uuid: 'UUIDType',
  varint: 'IntegerType',
};

/** Writes a type as servers do in result metadata. */
export function writeType(writer: ByteWriter, type: CqlType): void {
  switch (type.kind) {
    case 'scalar':
      writer.writeUint16(SCALAR_IDS[type.name]);
      break;
    case 'list':
    case 'set':
      writer.writeUint16(type.kind === 'list' ? 0x20 : 0x22);
      writeType(writer, type.element);
      break;
    case 'map':
      writer.writeUint16(0x21);
      writeType(writer, type.key);
      writeType(writer, type.value);
      break;
    case 'udt':
      writer.writeUint16(0x30);
      writer.writeString(type.keyspace);
      writer.writeString(type.name);
      writer.writeUint16(type.fields.length);
      for (const field of type.fields) {
        writer.writeString(field.name);
        writeType(writer, field.type);
      }
      break;
    case 'tuple':
      writer.writeUint16(0x31);
      writer.writeUint16(type.elements.length);
      for (const element of type.elements) writeType(writer, element);
      break;
    case 'vector':
    case 'custom':
      // Vectors have no option of their own.
      writer.writeUint16(0x00);
      writer.writeString(className(type));
      break;
  }
}

function className(type: CqlType): string {
  switch (type.kind) {
    case 'scalar':
      return MARSHAL + (SCALAR_CLASSES[type.name] ?? `${type.name.charAt(0).toUpperCase()}${type.name.slice(1)}Type`);
    case 'list':
      return `${MARSHAL}ListType(${className(type.element)})`;
    case 'set':
      return `${MARSHAL}SetType(${className(type.element)})`;
    case 'map':
      return `${MARSHAL}MapType(${className(type.key)},${className(type.value)})`;
    case 'tuple':
      return `${MARSHAL}TupleType(${type.elements.map(className).join(',')})`;
    case 'udt': {
      const fields = type.fields.map((field) => `${hexName(field.name)}:${className(field.type)}`);
      return `${MARSHAL}UserType(${[type.keyspace, hexName(type.name), ...fields].join(',')})`;
    }
    case 'vector':
      return `${MARSHAL}VectorType(${className(type.element)} , ${String(type.dimension)})`;
    case 'custom':
      return type.className;
  }
}

function hexName(name: string): string {
  return Buffer.from(name).toString('hex');
}
