import { InvalidParameter, ProtocolError } from '../../errors.js';
import type { ByteWriter } from '../byte-writer.js';
import { int32At } from './bits.js';
import { innerLength, writeValue, wrongLength, type Codec } from './codec.js';
import { cqlTypeName, type CqlType, type ListType, type MapType, type SetType } from './cql-type.js';
import { elementsOf } from './driver-shapes.js';
import { keyFromText, textOfKey } from './map-keys.js';
import { refusal, refusalWithin } from './refusal.js';
import { defineField, type Fields } from './shape.js';

/** Reads the count at the head of a collection whose parts take `least` bytes each: one that cannot fit is refused. */
function readCount(type: CqlType, buffer: Buffer, offset: number, length: number, least: number): number {
  if (length < 4) throw wrongLength(type, length, '4 or more');
  const count = int32At(buffer, offset);
  if (count < 0 || count * least > length - 4) {
    throw new ProtocolError(`A value of type ${cqlTypeName(type)} announces more elements than it has bytes for`);
  }
  return count;
}

function writeElement(codec: Codec, value: unknown, writer: ByteWriter, collection: string): void {
  if (value === null || value === undefined) {
    throw new InvalidParameter(`${collection} cannot hold ${value === null ? 'null' : 'undefined'}`);
  }
  writeValue(codec, value, writer);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** Writes the elements behind a count that is known last. */
function writeElements(codec: Codec, elements: Iterable<unknown>, writer: ByteWriter, collection: string): void {
  const countAt = writer.offset - writer.start;
  writer.writeInt32(0);
  let count = 0;
  try {
    if (Array.isArray(elements)) {
      // An index costs less than an iterator.
      const array = elements as readonly unknown[];
      for (; count < array.length; count++) writeElement(codec, array[count], writer, collection);
    } else {
      for (const element of elements) {
        writeElement(codec, element, writer, collection);
        count++;
      }
    }
  } catch (error) {
    throw refusalWithin(`element ${String(count)} (${cqlTypeName(codec.type)})`, error);
  }
  writer.setInt32(writer.start + countAt, count);
}

function readElements(type: CqlType, codec: Codec, buffer: Buffer, offset: number, length: number): unknown[] {
  const count = readCount(type, buffer, offset, length, 4);
  const end = offset + length;
  const elements: unknown[] = [];
  let at = offset + 4;
  for (let i = 0; i < count; i++) {
    const size = innerLength(type, buffer, at, end);
    at += 4;
    if (size < 0) {
      elements.push(null);
    } else {
      elements.push(codec.decode(buffer, at, size));
      at += size;
    }
  }
  return elements;
}

export function listCodec(type: ListType, element: Codec): Codec {
  return {
    type,
    fixedSize: -1,
    encode(value: unknown, writer: ByteWriter): void {
      if (!isIterable(value)) throw refusal('an array or another iterable', value);
      writeElements(element, value, writer, 'a list');
    },
    decode: (buffer, offset, length) => (length === 0 ? null : readElements(type, element, buffer, offset, length)),
  };
}

/** What a CQL set is read as. */
export type SetForm = 'Set' | 'array';

export function setCodec(type: SetType, element: Codec, form: SetForm): Codec {
  return {
    type,
    fixedSize: -1,
    encode(value: unknown, writer: ByteWriter): void {
      if (!isIterable(value)) throw refusal('a Set, an array or another iterable', value);
      writeElements(element, value, writer, 'a set');
    },
    decode(buffer: Buffer, offset: number, length: number): unknown {
      if (length === 0) return null;
      const elements = readElements(type, element, buffer, offset, length);
      return form === 'array' ? elements : new Set(elements);
    },
  };
}

/** What a CQL map is read as: 'object' if its keys are scalars, which become texts. */
export type MapForm = 'Map' | 'object';

/** With 'object', maps whose keys are no scalars still are Maps: such keys have no text. */
export function mapCodec(type: MapType, key: Codec, value: Codec, form: MapForm): Codec {
  const asObject = form === 'object' && type.key.kind === 'scalar';
  return {
    type,
    fixedSize: -1,
    encode(map: unknown, writer: ByteWriter): void {
      const countAt = writer.offset - writer.start;
      writer.writeInt32(0);
      let count = 0;
      if (!isMapLike(map)) throw refusal('a Map or a plain object', map);
      try {
        if (map instanceof Map) {
          for (const [k, v] of map as Map<unknown, unknown>) {
            writeElement(key, k, writer, 'a map');
            writeElement(value, v, writer, 'a map');
            count++;
          }
        } else {
          for (const name of Object.keys(map)) {
            writeElement(key, keyFromText(name, type.key), writer, 'a map');
            writeElement(value, (map as Fields)[name], writer, 'a map');
            count++;
          }
        }
      } catch (error) {
        throw refusalWithin(`entry ${String(count)}`, error);
      }
      writer.setInt32(writer.start + countAt, count);
    },
    decode(buffer: Buffer, offset: number, length: number): unknown {
      if (length === 0) return null;
      const count = readCount(type, buffer, offset, length, 8);
      const end = offset + length;
      const map = new Map<unknown, unknown>();
      let at = offset + 4;
      for (let i = 0; i < count; i++) {
        const keySize = innerLength(type, buffer, at, end);
        at += 4;
        const k = keySize < 0 ? null : key.decode(buffer, at, keySize);
        if (keySize > 0) at += keySize;
        const valueSize = innerLength(type, buffer, at, end);
        at += 4;
        map.set(k, valueSize < 0 ? null : value.decode(buffer, at, valueSize));
        if (valueSize > 0) at += valueSize;
      }
      return asObject ? objectOf(map) : map;
    },
  };
}

function isMapLike(value: unknown): value is object {
  return value instanceof Map || (typeof value === 'object' && value !== null && isPlain(value));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // An object of another realm (a vm context, a test runner's) is as plain.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function objectOf(map: ReadonlyMap<unknown, unknown>): Fields {
  const fields: Fields = {};
  for (const [key, value] of map) {
    const name = textOfKey(key);
    if (name === '__proto__') defineField(fields, name, value);
    else fields[name] = value;
  }
  return fields;
}

/** Composites share this with collections: the parts of an array-like value of the user. */
export function arrayOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value as readonly unknown[];
  return typeof value === 'object' && value !== null ? elementsOf(value) : undefined;
}
