import { ProtocolError } from '../../errors.js';
import { NULL_LENGTH } from '../constants.js';
import type { ByteWriter } from '../byte-writer.js';
import { cqlTypeName, type CqlType, type ScalarName } from './cql-type.js';
import { viewOf } from './bits.js';

/** Turns the values of one CQL type into bytes and back. Bytes are the content alone: lengths are the caller's. */
export interface Codec {
  readonly type: CqlType;
  /** The bytes of every value inside a vector, where such values carry no length; −1 if they do carry one (section 6.2). */
  readonly fixedSize: number;
  /**
   * Writes one value that is neither null nor undefined. Throws InvalidParameter that says what was expected and what
   * came, without the value; what a getter or codec of the user's throws passes through. What was written until then is
   * the caller's to undo.
   */
  encode(value: unknown, writer: ByteWriter): void;
  /** Reads `length` bytes (0 or more). An empty value that the type has no word for is null. Throws ProtocolError. */
  decode(buffer: Buffer, offset: number, length: number): unknown;
}

/** Writes a [value]: int32 length and content, or a null. */
export function writeValue(codec: Codec, value: unknown, writer: ByteWriter): void {
  if (value === null || value === undefined) {
    writer.writeInt32(NULL_LENGTH);
    return;
  }
  // Growing moves the buffer: only places relative to `start` stay true.
  const at = writer.offset - writer.start;
  writer.skipInt32();
  codec.encode(value, writer);
  const lengthAt = writer.start + at;
  writer.setInt32(lengthAt, writer.offset - lengthAt - 4);
}

export function wrongLength(type: CqlType, length: number, expected: string): ProtocolError {
  return new ProtocolError(
    `The server sent ${String(length)} bytes as a value of type ${cqlTypeName(type)}, which takes ${expected}`,
  );
}

export function scalar(name: ScalarName): CqlType {
  return { kind: 'scalar', name };
}

/**
 * Reads the int32 length of a value inside `[offset, end)`, and checks that the length and the value fit.
 * Every negative length is a null and reads as −1.
 */
export function innerLength(type: CqlType, buffer: Buffer, offset: number, end: number): number {
  if (offset + 4 > end) throw overrun(type);
  const length = viewOf(buffer).getInt32(offset);
  if (length < 0) return -1;
  if (length > end - offset - 4) throw overrun(type);
  return length;
}

/** Servers refuse such values as well: nothing may follow the last part. */
export function leftover(type: CqlType): ProtocolError {
  return new ProtocolError(`A value of type ${cqlTypeName(type)} has bytes past its last element`);
}

export function overrun(type: CqlType): ProtocolError {
  return new ProtocolError(`A value of type ${cqlTypeName(type)} ends before its parts do`);
}
