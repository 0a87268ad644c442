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

const BYTES = 'a Buffer, Uint8Array or ArrayBuffer';
const GONE = 'one whose memory was transferred or cut off';

/**
 * Whether an empty view had bytes once: its memory was transferred to another thread, or a resizable buffer was cut off
 * below it. Only its methods tell.
 */
export function isGone(view: ArrayBufferView): boolean {
  try {
    if ('keys' in view) (view as Uint8Array).keys();
    return false;
  } catch {
    return true;
  }
}

function bytesOf(value: ArrayBuffer): Uint8Array {
  try {
    return new Uint8Array(value);
  } catch {
    throw refusal(BYTES, value, GONE);
  }
}

function bytesCodec(type: CqlType): Codec {
  return {
    type,
    fixedSize: -1,
    encode(value: unknown, writer: ByteWriter): void {
      if (value instanceof Uint8Array) {
        if (value.length === 0 && isGone(value)) throw refusal(BYTES, value, GONE);
        writer.writeRaw(value);
      } else if (value instanceof ArrayBuffer) writer.writeRaw(bytesOf(value));
      else throw refusal(BYTES, value, describeNonText(value));
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
