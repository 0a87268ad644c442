import { inetBytes, inetText } from '../../values/inet.js';
import { uuidText, writeUuid } from '../../values/uuid.js';
import type { ByteWriter } from '../byte-writer.js';
import { scalar, wrongLength, type Codec } from './codec.js';
import { bufferOf } from './driver-shapes.js';
import { refusal } from './refusal.js';

function uuidCodecOf(name: 'uuid' | 'timeuuid'): Codec {
  const type = scalar(name);
  const expected = name === 'uuid' ? 'a UUID as a string or 16 bytes' : 'a version 1 UUID as a string or 16 bytes';
  return {
    type,
    fixedSize: 16,
    encode(value: unknown, writer: ByteWriter): void {
      writer.reserve(16);
      const { buffer, offset } = writer;
      if (typeof value === 'string') {
        if (!writeUuid(value, buffer, offset)) throw refusal(expected, value, 'another string');
      } else {
        const bytes = uuidBytesOf(value);
        if (bytes?.length !== 16) throw refusal(expected, value);
        buffer.set(bytes, offset);
      }
      if (name === 'timeuuid' && (buffer[offset + 6] ?? 0) >>> 4 !== 1) {
        throw refusal(expected, value, 'a UUID of another version');
      }
      writer.offset = offset + 16;
    },
    decode(buffer: Buffer, offset: number, length: number): unknown {
      if (length === 16) return uuidText(buffer, offset);
      if (length === 0) return null;
      throw wrongLength(type, length, '16');
    },
  };
}

/** Bytes themselves, or those of an Uuid or TimeUuid of cassandra-driver. */
function uuidBytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return typeof value === 'object' && value !== null ? bufferOf(value) : undefined;
}

export const uuidCodec: Codec = uuidCodecOf('uuid');
export const timeuuidCodec: Codec = uuidCodecOf('timeuuid');

export const inetCodec: Codec = {
  type: scalar('inet'),
  fixedSize: -1,
  encode(value: unknown, writer: ByteWriter): void {
    writer.writeRaw(inetOf(value));
  },
  decode(buffer: Buffer, offset: number, length: number): unknown {
    if (length === 0) return null;
    if (length !== 4 && length !== 16) throw wrongLength(inetCodec.type, length, '4 or 16');
    return inetText(buffer.subarray(offset, offset + length));
  },
};

function inetOf(value: unknown): Uint8Array {
  const expected = 'an IP address as a string';
  if (typeof value === 'string') {
    try {
      return inetBytes(value);
    } catch {
      throw refusal(expected, value, 'another string');
    }
  }
  const bytes = typeof value === 'object' && value !== null ? bufferOf(value) : undefined;
  if (bytes?.length !== 4 && bytes?.length !== 16) throw refusal(expected, value);
  return bytes;
}
