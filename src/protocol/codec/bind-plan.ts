import { InvalidParameter } from '../../errors.js';
import type { ByteWriter } from '../byte-writer.js';
import { UNSET_LENGTH } from '../constants.js';
import { int32At } from './bits.js';
import type { Codec } from './codec.js';
import { cqlTypeName, type ColumnSpec } from './cql-type.js';
import { MarkerNames, wrongCount } from './marker-names.js';
import type { CodecRegistry } from './registry.js';
import { valueWriterOf, type ValueWriter } from './value-writers.js';

/**
 * Values for bind markers: an array by position, or an object by name. `null` writes null, `undefined` leaves unset.
 */
export type Parameters = readonly unknown[] | Readonly<Record<string, unknown>>;

/** Longer components have no place in a composite routing key, nor in the server's own keys. */
const MAX_KEY_COMPONENT = 0xffff;

/** Writes the bound values of one statement: made once per prepared statement, used for every execution. */
export class BindPlan {
  /** How many markers the statement has. */
  readonly count: number;
  readonly #columns: readonly ColumnSpec[];
  readonly #codecs: readonly Codec[];
  readonly #writers: readonly ValueWriter[];
  #names: MarkerNames | undefined;

  constructor(columns: readonly ColumnSpec[], registry: CodecRegistry) {
    this.count = columns.length;
    this.#columns = columns;
    this.#codecs = columns.map((column) => registry.codecFor(column.type));
    this.#writers = this.#codecs.map(valueWriterOf);
  }

  /**
   * Writes a uint16 count and a [value] for each marker: null as null, undefined as unset. Throws InvalidParameter
   * (a count or names that are wrong, a value that does not fit); what was written until then is the caller's to undo.
   */
  write(writer: ByteWriter, parameters: Parameters): void {
    const values = this.inOrder(parameters);
    writer.writeUint16(this.count);
    const writers = this.#writers;
    let i = 0;
    try {
      for (; i < writers.length; i++) {
        const value = values[i];
        const write = writers[i];
        if (value === undefined || write === undefined) writer.writeInt32(UNSET_LENGTH);
        else write(value, writer);
      }
    } catch (error) {
      throw this.#refusal(i, error);
    }
  }

  /**
   * Writes the routing key: the bytes of a single component as they are; of several, each with a uint16 length before
   * and a zero byte behind. Returns false if there is none, because a component is null or unset.
   */
  writeRoutingKey(writer: ByteWriter, parameters: Parameters, pkIndexes: readonly number[]): boolean {
    if (pkIndexes.length === 0) return false;
    const values = this.inOrder(parameters);
    const single = pkIndexes.length === 1;
    for (const index of pkIndexes) {
      const value = values[index];
      const codec = this.#codecs[index];
      if (value === undefined || value === null || codec === undefined) return false;
      const at = writer.offset - writer.start;
      if (!single) writer.writeUint16(0);
      try {
        codec.encode(value, writer);
      } catch (error) {
        throw this.#refusal(index, error);
      }
      if (!single && !finishComponent(writer, at)) return false;
    }
    return true;
  }

  /** Values in the markers' order: themselves if they are given so. Throws InvalidParameter. */
  inOrder(parameters: Parameters): readonly unknown[] {
    if (Array.isArray(parameters)) {
      const values = parameters as readonly unknown[];
      if (values.length !== this.count) throw wrongCount(this.#columns, values.length);
      return values;
    }
    const given: unknown = parameters;
    if (typeof given !== 'object' || given === null) {
      throw new InvalidParameter('Parameters are an array by position or an object by name');
    }
    this.#names ??= new MarkerNames(this.#columns);
    return this.#names.order(given);
  }

  #refusal(index: number, error: unknown): InvalidParameter {
    const column = this.#columns[index];
    const name = column?.name ?? '';
    const type = column === undefined ? '' : cqlTypeName(column.type);
    const own = error instanceof InvalidParameter;
    return new InvalidParameter(
      `Parameter '${name}' (${type}): ${own ? error.message : 'reading the value failed (see cause)'}`,
      { parameter: name === '' ? index : name, cqlType: type, cause: own ? error.cause : error },
    );
  }
}

function finishComponent(writer: ByteWriter, at: number): boolean {
  const lengthAt = writer.start + at;
  const length = writer.offset - lengthAt - 2;
  if (length > MAX_KEY_COMPONENT) return false;
  writer.buffer[lengthAt] = length >>> 8;
  writer.buffer[lengthAt + 1] = length;
  writer.writeUint8(0);
  return true;
}

/**
 * Where the [value] of marker `index` begins among values that BindPlan.write wrote at `offset` (of their uint16 count):
 * the int32 length, then the content. So a routing key of one component is hashed without being encoded again.
 */
export function boundValueAt(buffer: Uint8Array, offset: number, index: number): number {
  let at = offset + 2;
  for (let i = 0; i < index; i++) at += 4 + Math.max(0, int32At(buffer, at));
  return at;
}
