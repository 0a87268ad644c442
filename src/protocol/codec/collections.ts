import { InvalidParameter, ProtocolError, QueryError } from '../../errors.js';
import type { ByteWriter } from '../byte-writer.js';
import { int32At } from './bits.js';
import { innerLength, leftover, wrongLength, type Codec } from './codec.js';
import { cqlTypeName, type CqlType, type ListType, type MapType, type SetType } from './cql-type.js';
import { elementsOf } from './driver-shapes.js';
import { keyFromText, keyTexts } from './map-keys.js';
import { refusal, refusalWithin } from './refusal.js';
import { defineField, isPlain, type Fields } from './shape.js';
import { valueWriterOf, type ValueWriter } from './value-writers.js';

/** Reads the count at the head of a collection whose parts take `least` bytes each: one that cannot fit is refused. */
function readCount(type: CqlType, buffer: Buffer, offset: number, length: number, least: number): number {
  if (length < 4) throw wrongLength(type, length, '4 or more');
  const count = int32At(buffer, offset);
  if (count < 0 || count * least > length - 4) {
    throw new ProtocolError(`A value of type ${cqlTypeName(type)} announces more elements than it has bytes for`);
  }
  return count;
}

function writeElement(write: ValueWriter, value: unknown, writer: ByteWriter, collection: string): void {
  if (value === null || value === undefined) {
    throw new InvalidParameter(`${collection} cannot hold ${value === null ? 'null' : 'undefined'}`);
  }
  write(value, writer);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** Writes lists and sets, which differ in name only: elements behind a count that is known last. */
function elementsEncoder(codec: Codec, collection: string, expected: string): Codec['encode'] {
  const write = valueWriterOf(codec);
  return (elements, writer) => {
    // What most elements come in is asked for first, and an index costs less than an iterator.
    const isArray = Array.isArray(elements);
    if (!isArray && !isIterable(elements)) throw refusal(expected, elements);
    const countAt = writer.offset - writer.start;
    writer.skipInt32();
    let count = 0;
    try {
      if (isArray) {
        const array: readonly unknown[] = elements;
        for (; count < array.length; count++) writeElement(write, array[count], writer, collection);
      } else {
        for (const element of elements) {
          writeElement(write, element, writer, collection);
          count++;
        }
      }
    } catch (error) {
      throw refusalWithin(`element ${String(count)} (${cqlTypeName(codec.type)})`, error);
    }
    writer.setInt32(writer.start + countAt, count);
  };
}

function readElements(type: CqlType, codec: Codec, buffer: Buffer, offset: number, length: number): unknown[] {
  const count = readCount(type, buffer, offset, length, 4);
  const end = offset + length;
  // No more than the bytes that came: each element has a length.
  const elements = new Array<unknown>(count);
  let at = offset + 4;
  for (let i = 0; i < count; i++) {
    const size = innerLength(type, buffer, at, end);
    at += 4;
    if (size < 0) {
      elements[i] = null;
    } else {
      elements[i] = codec.decode(buffer, at, size);
      at += size;
    }
  }
  if (at !== end) throw leftover(type);
  return elements;
}

export function listCodec(type: ListType, element: Codec): Codec {
  return {
    type,
    fixedSize: -1,
    encode: elementsEncoder(element, 'a list', 'an array or another iterable'),
    decode: (buffer, offset, length) => (length === 0 ? null : readElements(type, element, buffer, offset, length)),
  };
}

/** What a CQL set is read as. */
export type SetForm = 'Set' | 'array';

/** How a set or a map is read; `mayMerge` if elements or keys that differ may be the same once they are read. */
export interface Reading<F> {
  readonly form: F;
  readonly mayMerge: boolean;
}

export function setCodec(type: SetType, element: Codec, { form, mayMerge }: Reading<SetForm>): Codec {
  return {
    type,
    fixedSize: -1,
    encode: elementsEncoder(element, 'a set', 'a Set, an array or another iterable'),
    decode(buffer: Buffer, offset: number, length: number): unknown {
      if (length === 0) return null;
      const elements = readElements(type, element, buffer, offset, length);
      if (form === 'array') return elements;
      const set = new Set(elements);
      if (set.size !== elements.length) {
        throw mayMerge ? merged(type, 'elements', `the option values.set 'array'`) : repeated(type, 'an element');
      }
      return set;
    },
  };
}

/** What no server sends. */
function repeated(type: CqlType, part: string): ProtocolError {
  return new ProtocolError(`A value of type ${cqlTypeName(type)} has ${part} twice`);
}

/** Written back, what JavaScript cannot tell apart would be deleted. */
function merged(type: CqlType, parts: string, way: string): QueryError {
  return new QueryError(
    `A value of type ${cqlTypeName(type)} has ${parts} that are the same once they are read (0.0 and -0.0 are in JavaScript, ` +
      `others may be by a codec of your own), so that reading it would lose some: use ${way}, or a codec of your own`,
    { code: 'ERR_VALUE_OUT_OF_RANGE' },
  );
}

/** What a CQL map is read as: 'object' if its keys are scalars, which become texts. */
export type MapForm = 'Map' | 'object';

/** With 'object', maps whose keys are no scalars still are Maps: such keys have no text. */
export function mapCodec(type: MapType, key: Codec, value: Codec, { form, mayMerge }: Reading<MapForm>): Codec {
  const writeKey = valueWriterOf(key);
  const writeItem = valueWriterOf(value);
  // Names are such keys as they are.
  const hasTextKeys = type.key.kind === 'scalar' && type.key.name === 'text';
  const textOf = form === 'object' && type.key.kind === 'scalar' ? keyTexts(type.key) : null;
  return {
    type,
    fixedSize: -1,
    encode(map: unknown, writer: ByteWriter): void {
      const isMap = map instanceof Map;
      if (!isMap && !isPlain(map)) throw refusal('a Map or a plain object', map);
      const countAt = writer.offset - writer.start;
      writer.skipInt32();
      let count = 0;
      try {
        if (isMap) {
          for (const [k, v] of map as Map<unknown, unknown>) {
            writeElement(writeKey, k, writer, 'a map');
            writeElement(writeItem, v, writer, 'a map');
            count++;
          }
        } else {
          for (const name in map) {
            // Here the engine knows the answer, though not of Object.hasOwn: two entries take 20 ns less than with
            // Object.keys.
            if (!Object.prototype.hasOwnProperty.call(map, name)) continue;
            writeElement(writeKey, hasTextKeys ? name : keyFromText(name, type.key), writer, 'a map');
            writeElement(writeItem, (map as Fields)[name], writer, 'a map');
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
      // What is read as an object is put into it at once: by way of a Map it took half as long again.
      const fields: Fields | null = textOf === null ? null : {};
      const map = fields === null ? new Map<unknown, unknown>() : null;
      let at = offset + 4;
      for (let i = 0; i < count; i++) {
        const keySize = innerLength(type, buffer, at, end);
        at += 4;
        const keyAt = at;
        const k = keySize < 0 ? null : key.decode(buffer, at, keySize);
        if (keySize > 0) at += keySize;
        const valueSize = innerLength(type, buffer, at, end);
        at += 4;
        const v = valueSize < 0 ? null : value.decode(buffer, at, valueSize);
        if (valueSize > 0) at += valueSize;
        if (fields === null || textOf === null) map?.set(k, v);
        else setField(fields, textOf(k, buffer, keyAt), v);
      }
      if (at !== end) throw leftover(type);
      if ((map?.size ?? Object.keys(fields ?? {}).length) !== count) {
        const way = map === null ? `the option values.map 'Map'` : `the option values.map 'object'`;
        throw mayMerge ? merged(type, 'keys', way) : repeated(type, 'a key');
      }
      return fields ?? map;
    },
  };
}

function setField(fields: Fields, name: string, value: unknown): void {
  if (name === '__proto__') defineField(fields, name, value);
  else fields[name] = value;
}

/** Composites share this with collections: the parts of an array-like value of the user. */
export function arrayOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value as readonly unknown[];
  return typeof value === 'object' && value !== null ? elementsOf(value) : undefined;
}
