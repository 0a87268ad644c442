import { types } from 'node:util';
import { ProtocolError } from '../../errors.js';
import type { ByteWriter } from '../byte-writer.js';
import { arrayOf } from './collections.js';
import { innerLength, overrun, writeValue, type Codec } from './codec.js';
import { cqlTypeName, type TupleType, type UdtType } from './cql-type.js';
import { refusal, refusalWithin } from './refusal.js';
import { buildByLoop } from './row-builders.js';
import { hasField, isPlain, readField, Shape } from './shape.js';
import { instantiate, type UserTypeClass } from './user-type.js';

/**
 * A value that was written before its type got more fields lacks them, and reads as if they were null. So many a value
 * may lack at most, by the least that the parts it has can take: a type may have 65,535, and each value of 4 bytes
 * would become half a megabyte of nulls. Types that people make have tens of fields.
 */
const MOST_MISSING = 256;

/** The bytes that a value with so many parts takes at least: each part has a length. */
function leastBytes(parts: number): number {
  return Math.max(0, parts - MOST_MISSING) * 4;
}

function sparse(type: TupleType | UdtType, length: number): ProtocolError {
  return new ProtocolError(
    `A value of type ${cqlTypeName(type).slice(0, LONGEST_NAME)} has ${String(length)} bytes: they cannot ` +
      `hold all but ${String(MOST_MISSING)} of its parts`,
  );
}

/** Of a field that is shown in an error. */
const LONGEST_NAME = 60;

/** Reads the parts of a tuple or user type, one after the other; fewer than the type has is legal, more is not. */
class Parts {
  readonly #type: TupleType | UdtType;
  readonly #buffer: Buffer;
  #at: number;
  readonly #end: number;

  constructor(type: TupleType | UdtType, buffer: Buffer, offset: number, length: number) {
    this.#type = type;
    this.#buffer = buffer;
    this.#at = offset;
    this.#end = offset + length;
  }

  next(codec: Codec): unknown {
    // A value that was written before the type got this field.
    if (this.#at === this.#end) return null;
    const size = innerLength(this.#type, this.#buffer, this.#at, this.#end);
    const at = this.#at + 4;
    this.#at = at + Math.max(size, 0);
    return size < 0 ? null : codec.decode(this.#buffer, at, size);
  }

  finish(): void {
    if (this.#at !== this.#end) throw overrun(this.#type);
  }
}

export function tupleCodec(type: TupleType, elements: readonly Codec[]): Codec {
  const expected = `an array of ${String(elements.length)}`;
  const least = leastBytes(elements.length);
  return {
    type,
    fixedSize: -1,
    encode(value: unknown, writer: ByteWriter): void {
      const values = arrayOf(value);
      if (values === undefined || values.length > elements.length) throw refusal(expected, value);
      elements.forEach((codec, i) => {
        try {
          // Elements that are missing at the end are null.
          writeValue(codec, values[i], writer);
        } catch (error) {
          throw refusalWithin(`element ${String(i)} (${cqlTypeName(codec.type)})`, error);
        }
      });
    },
    decode(buffer: Buffer, offset: number, length: number): unknown {
      if (length === 0) return null;
      if (length < least) throw sparse(type, length);
      const parts = new Parts(type, buffer, offset, length);
      const values = elements.map((codec) => parts.next(codec));
      parts.finish();
      return values;
    },
  };
}

export interface FieldCodec {
  readonly name: string;
  readonly codec: Codec;
}

export function udtCodec(type: UdtType, fields: readonly FieldCodec[], cls: UserTypeClass | undefined): Codec {
  const shape = new Shape(fields.map((field) => field.name));
  const least = leastBytes(fields.length);
  return {
    type,
    fixedSize: -1,
    encode(value: unknown, writer: ByteWriter): void {
      const object = udtObject(value, fields, type);
      for (const { name, codec } of fields) {
        try {
          writeValue(codec, readField(object, name), writer);
        } catch (error) {
          throw refusalWithin(`field '${name}' (${cqlTypeName(codec.type)})`, error);
        }
      }
    },
    decode(buffer: Buffer, offset: number, length: number): unknown {
      if (length === 0) return null;
      if (length < least) throw sparse(type, length);
      const parts = new Parts(type, buffer, offset, length);
      const values = fields.map((field) => parts.next(field.codec));
      const object = buildByLoop(shape, values);
      parts.finish();
      return cls === undefined ? object : instantiate(cls, object);
    },
  };
}

/** What is built in has a `size`, `length` or `source` that is not the field of that name. In any realm. */
function isBuiltIn(value: object): boolean {
  if (value instanceof Blob || value instanceof URL || value instanceof URLSearchParams) return true;
  return ArrayBuffer.isView(value) || BUILT_IN.some((isOfKind) => isOfKind(value));
}

const BUILT_IN: readonly ((value: unknown) => boolean)[] = [
  types.isMap,
  types.isSet,
  types.isWeakMap,
  types.isWeakSet,
  types.isDate,
  types.isRegExp,
  types.isPromise,
  types.isAnyArrayBuffer,
  types.isBoxedPrimitive,
];

/**
 * A plain object with no other fields: what is misspelt, or of a newer type than the statement knows, would be lost
 * without a word. Of other objects, which may well have more to them, any that has one of the fields: one that has none
 * (another type's value), or only happens to have one as a Map has a `size`, was not meant and would be stored as nulls.
 */
function udtObject(value: unknown, fields: readonly FieldCodec[], type: UdtType): object {
  const expected = `an object with fields of ${type.name}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal(expected, value);
  if (!isPlain(value)) {
    if (fields.some((field) => hasField(value, field.name)) && !isBuiltIn(value)) return value;
    throw refusal(expected, value);
  }
  for (const key of Object.keys(value)) {
    if (fields.some((field) => field.name === key) || readField(value, key) === undefined) continue;
    const known = fields.map((field) => `'${field.name}'`).join(', ');
    throw refusal(`${expected} (${known})`, value, `one with '${key.slice(0, LONGEST_NAME)}', which is none of them`);
  }
  return value;
}
