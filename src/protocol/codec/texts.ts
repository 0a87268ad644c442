import type { ByteWriter } from '../byte-writer.js';
import { isWellFormed } from '../native-buffer.js';
import { scalar, type Codec } from './codec.js';
import type { CqlType } from './cql-type.js';
import { refusal } from './refusal.js';
import { readText } from './read-text.js';

/** Writes UTF-8 and returns how many bytes that took. */
function writeText(text: string, writer: ByteWriter): number {
  const before = writer.offset - writer.start;
  writer.writeUtf8(text);
  return writer.offset - writer.start - before;
}

export const textCodec: Codec = {
  type: scalar('text'),
  fixedSize: -1,
  encode(value: unknown, writer: ByteWriter): void {
    if (typeof value !== 'string') throw refusal('a string', value, describeNonText(value));
    const size = writeText(value, writer);
    // As many bytes as characters: all were ASCII. Else a lone surrogate would silently be stored as U+FFFD.
    if (size !== value.length && !isWellFormed(value)) {
      throw refusal('a string of Unicode text', value, 'a string with a lone surrogate');
    }
  },
  decode(buffer: Buffer, offset: number, length: number): unknown {
    return readText(buffer, offset, length);
  },
};

export const asciiCodec: Codec = {
  type: scalar('ascii'),
  fixedSize: -1,
  encode(value: unknown, writer: ByteWriter): void {
    if (typeof value !== 'string') throw refusal('a string', value, describeNonText(value));
    if (writeText(value, writer) !== value.length) {
      throw refusal('a string of ASCII characters', value, 'a string with others');
    }
  },
  decode(buffer: Buffer, offset: number, length: number): unknown {
    return readText(buffer, offset, length);
  },
};

/** A number or bigint is no string, whatever its range. */
function describeNonText(value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? `a ${typeof value}` : undefined;
}

function bytesCodec(type: CqlType): Codec {
  return {
    type,
    fixedSize: -1,
    encode(value: unknown, writer: ByteWriter): void {
      if (value instanceof Uint8Array) writer.writeRaw(value);
      else if (value instanceof ArrayBuffer) writer.writeRaw(new Uint8Array(value));
      else throw refusal('a Buffer, Uint8Array or ArrayBuffer', value, describeNonText(value));
    },
    decode(buffer: Buffer, offset: number, length: number): unknown {
      // A copy outside of Node's shared pool: a kept blob holds on to nothing but itself.
      const copy = Buffer.allocUnsafeSlow(length);
      buffer.copy(copy, 0, offset, offset + length);
      return copy;
    },
  };
}

export const blobCodec: Codec = bytesCodec(scalar('blob'));

export function customCodec(className: string): Codec {
  return bytesCodec({ kind: 'custom', className });
}
