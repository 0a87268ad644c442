import { ProtocolError, QueryError } from '../../errors.js';
import { Decimal } from '../../values/decimal.js';
import type { ByteWriter } from '../byte-writer.js';
import { doubleAt, float32, float64, floatAt, floatBits, int32At, int64, int64At } from './bits.js';
import { scalar, wrongLength, type Codec } from './codec.js';
import { bigDecimalParts, integerValue, longValue, objectText } from './driver-shapes.js';
import { describeNumber, refusal } from './refusal.js';
import { readVarint, writeVarint } from './varint.js';

/** How bigint and counter are read. */
export type Int64Form = 'bigint' | 'number' | 'string';

/** Digits enough for every varint that anybody means; a text of megabytes would take minutes to convert. */
const INTEGER_FORM = /^[+-]?\d{1,10000}$/;
/** JavaScript's own bound on a bigint lies at 2^30 bits. */
const MAX_VARINT_BYTES = 1 << 26;

function smallInteger(name: 'tinyint' | 'smallint' | 'int', size: 1 | 2 | 4, fixedSize: number): Codec {
  const type = scalar(name);
  const max = 2 ** (size * 8 - 1) - 1;
  const min = -max - 1;
  const expected = `an integral number or bigint from ${String(min)} to ${String(max)}`;
  return {
    type,
    fixedSize,
    encode(value: unknown, writer: ByteWriter): void {
      const number = typeof value === 'bigint' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max) {
        throw refusal(expected, value, describeNumber(value));
      }
      writer.reserve(4);
      const { buffer } = writer;
      let { offset } = writer;
      if (size === 4) {
        buffer[offset++] = number >>> 24;
        buffer[offset++] = number >>> 16;
      }
      if (size >= 2) buffer[offset++] = number >>> 8;
      buffer[offset++] = number;
      writer.offset = offset;
    },
    decode(buffer: Buffer, offset: number, length: number): unknown {
      if (length !== size) {
        if (length === 0) return null;
        throw wrongLength(type, length, String(size));
      }
      if (size === 4) return int32At(buffer, offset);
      const first = ((buffer[offset] ?? 0) << 24) >> 24;
      return size === 1 ? first : (first << 8) | (buffer[offset + 1] ?? 0);
    },
  };
}

// Only int has a fixed length in vectors: the server's classes for the smaller ones do not declare theirs.
export const tinyintCodec: Codec = smallInteger('tinyint', 1, -1);
export const smallintCodec: Codec = smallInteger('smallint', 2, -1);
export const intCodec: Codec = smallInteger('int', 4, 4);

/** The integer that a value stands for, or undefined: bigint, safe integral number, decimal text, Long, Integer. */
function integerOf(value: unknown): bigint | undefined {
  switch (typeof value) {
    case 'bigint':
      return value;
    case 'number':
      return Number.isSafeInteger(value) ? BigInt(value) : undefined;
    case 'string':
      return INTEGER_FORM.test(value) ? BigInt(value.startsWith('+') ? value.slice(1) : value) : undefined;
    case 'object':
      return value === null ? undefined : (longValue(value) ?? integerValue(value));
    default:
      return undefined;
  }
}

function describeInteger(value: unknown): string {
  if (typeof value === 'string') return INTEGER_FORM.test(value) ? 'a decimal string out of range' : 'another string';
  if (typeof value === 'number' && Number.isInteger(value)) return 'a number past the safe integers';
  return describeNumber(value);
}

function bigInteger(name: 'bigint' | 'counter', fixedSize: number, form: Int64Form): Codec {
  const type = scalar(name);
  return {
    type,
    fixedSize,
    encode(value: unknown, writer: ByteWriter): void {
      const integer = typeof value === 'bigint' ? value : integerOf(value);
      if (integer === undefined) {
        throw refusal('a bigint, a safe integral number or a decimal string', value, describeInteger(value));
      }
      // The typed array wraps what does not fit; what comes back tells.
      int64[0] = integer;
      if (int64[0] !== integer) throw refusal('an integer of 64 bits', value, describeInteger(value));
      writer.writeWords();
    },
    decode(buffer: Buffer, offset: number, length: number): unknown {
      if (length !== 8) {
        if (length === 0) return null;
        throw wrongLength(type, length, '8');
      }
      const value = int64At(buffer, offset);
      if (form === 'bigint') return value;
      if (form === 'string') return value.toString();
      const number = Number(value);
      if (!Number.isSafeInteger(number)) {
        throw new QueryError(
          `A value of type ${name} lies past the safe integers, so that reading it as a number would change it: ` +
            `use the option values.int64 'bigint' or 'string'`,
          { code: 'ERR_VALUE_OUT_OF_RANGE' },
        );
      }
      return number;
    },
  };
}

function bigIntegers(name: 'bigint' | 'counter', fixedSize: number): Readonly<Record<Int64Form, Codec>> {
  return {
    bigint: bigInteger(name, fixedSize, 'bigint'),
    number: bigInteger(name, fixedSize, 'number'),
    string: bigInteger(name, fixedSize, 'string'),
  };
}

const INT64 = { bigint: bigIntegers('bigint', 8), counter: bigIntegers('counter', -1) };

/** The codec of bigint or counter; with 'number', decoding a value past the safe integers throws QueryError. */
export function int64Codec(name: 'bigint' | 'counter', form: Int64Form): Codec {
  return INT64[name][form];
}

export const bigintCodec: Codec = int64Codec('bigint', 'bigint');
export const counterCodec: Codec = int64Codec('counter', 'bigint');

export const varintCodec: Codec = {
  type: scalar('varint'),
  fixedSize: -1,
  encode(value: unknown, writer: ByteWriter): void {
    const integer = integerOf(value);
    if (integer === undefined) {
      throw refusal('a bigint, a safe integral number or a decimal string', value, describeInteger(value));
    }
    writeVarint(integer, writer);
  },
  decode(buffer: Buffer, offset: number, length: number): unknown {
    if (length === 0) return null;
    if (length > MAX_VARINT_BYTES) throw tooLarge('varint', length);
    return readVarint(buffer, offset, length);
  },
};

function tooLarge(name: string, length: number): ProtocolError {
  return new ProtocolError(`A ${name} of ${String(length)} bytes is larger than a bigint can be`);
}

export const decimalCodec: Codec = {
  type: scalar('decimal'),
  fixedSize: -1,
  encode(value: unknown, writer: ByteWriter): void {
    const decimal = decimalOf(value);
    writer.writeInt32(decimal.scale);
    writeVarint(decimal.unscaled, writer);
  },
  decode(buffer: Buffer, offset: number, length: number): unknown {
    if (length === 0) return null;
    if (length < 5) throw wrongLength(decimalCodec.type, length, '5 or more');
    if (length > MAX_VARINT_BYTES) throw tooLarge('decimal', length);
    return new Decimal(readVarint(buffer, offset + 4, length - 4), int32At(buffer, offset));
  },
};

function decimalOf(value: unknown): Decimal {
  const expected = 'a Decimal, a finite number, a bigint, or a string or object that reads as a decimal number';
  try {
    if (value instanceof Decimal) return value;
    if (typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint') return Decimal.from(value);
    if (typeof value === 'object' && value !== null) {
      const parts = bigDecimalParts(value) ?? decimalParts(value);
      if (parts !== undefined) return new Decimal(parts.unscaled, parts.scale);
      const unscaled = longValue(value) ?? integerValue(value);
      if (unscaled !== undefined) return new Decimal(unscaled);
      // decimal.js, big.js, bignumber.js; a plain object, an array or a Date reads as no number and is refused.
      if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return Decimal.parse(objectText(value));
    }
  } catch {
    throw refusal(expected, value, typeof value === 'string' ? 'another string' : describeNumber(value));
  }
  throw refusal(expected, value);
}

/** A Decimal of another copy of this package. */
function decimalParts(value: object): { unscaled: bigint; scale: number } | undefined {
  if (!('unscaled' in value && 'scale' in value)) return undefined;
  const { unscaled, scale } = value;
  return typeof unscaled === 'bigint' && typeof scale === 'number' ? { unscaled, scale } : undefined;
}

export const floatCodec: Codec = {
  type: scalar('float'),
  fixedSize: 4,
  encode(value: unknown, writer: ByteWriter): void {
    if (typeof value !== 'number') throw refusal('a number', value);
    float32[0] = value;
    // A finite number past the floats would turn into an infinity.
    if (float32[0] - float32[0] !== 0 && Number.isFinite(value)) {
      throw refusal('a number within the range of a float', value, 'a number out of range');
    }
    writer.writeInt32(floatBits[0] ?? 0);
  },
  decode(buffer: Buffer, offset: number, length: number): unknown {
    if (length === 4) return floatAt(buffer, offset);
    if (length === 0) return null;
    throw wrongLength(floatCodec.type, length, '4');
  },
};

export const doubleCodec: Codec = {
  type: scalar('double'),
  fixedSize: 8,
  encode(value: unknown, writer: ByteWriter): void {
    if (typeof value !== 'number') throw refusal('a number', value);
    float64[0] = value;
    writer.writeWords();
  },
  decode(buffer: Buffer, offset: number, length: number): unknown {
    if (length === 8) return doubleAt(buffer, offset);
    if (length === 0) return null;
    throw wrongLength(doubleCodec.type, length, '8');
  },
};

export const booleanCodec: Codec = {
  type: scalar('boolean'),
  fixedSize: 1,
  encode(value: unknown, writer: ByteWriter): void {
    if (typeof value !== 'boolean') throw refusal('a boolean', value);
    writer.writeUint8(value ? 1 : 0);
  },
  decode(buffer: Buffer, offset: number, length: number): unknown {
    if (length === 1) return buffer[offset] !== 0;
    if (length === 0) return null;
    throw wrongLength(booleanCodec.type, length, '1');
  },
};
