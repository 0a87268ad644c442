import { InvalidParameter } from '../../errors.js';
import type { ByteWriter } from '../byte-writer.js';
import { arrayOf } from './collections.js';
import { float32, floatBits, LITTLE_ENDIAN } from './bits.js';
import { leftover, overrun, wrongLength, type Codec } from './codec.js';
import { cqlTypeName, type VectorType } from './cql-type.js';
import { floatCodec } from './numbers.js';
import { refusal, refusalWithin } from './refusal.js';
import { readUnsignedVint, vintSize, writeUnsignedVint } from './vint.js';

/**
 * The codec of a vector. Elements follow each other without lengths where the server's class of the element declares a
 * fixed one; all others carry an unsigned vint (seen on 5.0 and 6.0; the specification does not say).
 */
export function vectorCodec(type: VectorType, element: Codec): Codec {
  // A user's own codec of float gets its elements one by one.
  if (element === floatCodec) return floatVectorCodec(type);
  const { dimension } = type;
  const fixed = element.fixedSize;
  const codec: Codec = {
    type,
    fixedSize: fixed < 0 ? -1 : fixed * dimension,
    encode(value: unknown, writer: ByteWriter): void {
      const values = vectorValues(value, dimension);
      for (let i = 0; i < dimension; i++) {
        try {
          const item = values[i];
          if (item === null || item === undefined) {
            throw new InvalidParameter(`a vector cannot hold ${item === null ? 'null' : 'undefined'}`);
          }
          if (fixed < 0) writePrefixed(element, item, writer);
          else element.encode(item, writer);
        } catch (error) {
          throw refusalWithin(`element ${String(i)} (${cqlTypeName(element.type)})`, error);
        }
      }
    },
    decode(buffer: Buffer, offset: number, length: number): unknown {
      if (length === 0) return null;
      const values: unknown[] = [];
      if (fixed >= 0) {
        if (length !== fixed * dimension) throw wrongLength(type, length, String(fixed * dimension));
        for (let i = 0; i < dimension; i++) values.push(element.decode(buffer, offset + i * fixed, fixed));
        return values;
      }
      const end = offset + length;
      let at = offset;
      for (let i = 0; i < dimension; i++) {
        const prefix = at < end ? vintSize(buffer[at] ?? 0) : 1;
        if (at + prefix > end) throw overrun(type);
        const size = Number(readUnsignedVint(buffer, at, prefix));
        at += prefix;
        if (size > end - at) throw overrun(type);
        values.push(element.decode(buffer, at, size));
        at += size;
      }
      if (at !== end) throw leftover(type);
      return values;
    },
  };
  return codec;
}

/** The length comes before the element and is known after it: most fit one byte, else the element moves. */
function writePrefixed(element: Codec, value: unknown, writer: ByteWriter): void {
  const at = writer.offset - writer.start;
  writer.writeUint8(0);
  element.encode(value, writer);
  const lengthAt = writer.start + at;
  const size = writer.offset - lengthAt - 1;
  if (size < 0x80) {
    writer.buffer[lengthAt] = size;
    return;
  }
  const content = Buffer.from(writer.buffer.subarray(lengthAt + 1, writer.offset));
  writer.offset = lengthAt;
  writeUnsignedVint(BigInt(size), writer);
  writer.writeRaw(content);
}

function vectorValues(value: unknown, dimension: number): readonly unknown[] | Float32Array | Float64Array {
  const values = value instanceof Float32Array || value instanceof Float64Array ? value : arrayOf(value);
  const expected = `an array of ${String(dimension)}`;
  if (values === undefined) throw refusal(expected, value);
  if (values.length !== dimension) throw refusal(expected, value, `one of ${String(values.length)}`);
  return values;
}

/** Floats travel big-endian: the bytes are copied whole and then turned around in place by one native call. */
function floatVectorCodec(type: VectorType): Codec {
  const { dimension } = type;
  const size = dimension * 4;
  return {
    type,
    fixedSize: size,
    encode(value: unknown, writer: ByteWriter): void {
      const values = vectorValues(value, dimension);
      writer.reserve(size);
      if (values instanceof Float32Array) {
        const target = writer.buffer.subarray(writer.offset, writer.offset + size);
        target.set(new Uint8Array(values.buffer, values.byteOffset, size));
        if (LITTLE_ENDIAN) target.swap32();
      } else {
        writeNumbers(values, dimension, writer);
      }
      writer.offset += size;
    },
    decode(buffer: Buffer, offset: number, length: number): unknown {
      if (length === 0) return null;
      if (length !== size) throw wrongLength(type, length, String(size));
      // Not zeroed first, and not of Node's shared pool: the array that the user keeps is all that it holds on to.
      const target = Buffer.allocUnsafeSlow(size);
      buffer.copy(target, 0, offset, offset + size);
      if (LITTLE_ENDIAN) target.swap32();
      return new Float32Array(target.buffer, target.byteOffset, dimension);
    },
  };
}

function writeNumbers(values: ArrayLike<unknown>, count: number, writer: ByteWriter): void {
  const at = writer.offset;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (typeof value !== 'number') throw refusalWithin(`element ${String(i)} (float)`, refusal('a number', value));
    float32[0] = value;
    if (float32[0] - float32[0] !== 0 && Number.isFinite(value)) {
      throw refusalWithin(
        `element ${String(i)} (float)`,
        refusal('a number within the range of a float', value, 'a number out of range'),
      );
    }
    writer.setInt32(at + i * 4, floatBits[0] ?? 0);
  }
}
