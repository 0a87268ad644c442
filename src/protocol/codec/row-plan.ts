import { AsyncCassandraError, ProtocolError, QueryError } from '../../errors.js';
import { uuidText } from '../../values/uuid.js';
import { doubleAt, int32At, int64AsNumber, int64At } from './bits.js';
import type { Codec } from './codec.js';
import { cqlTypeName, type ColumnSpec } from './cql-type.js';
import { timeuuidCodec, uuidCodec } from './identifiers.js';
import { bigintCodec, booleanCodec, counterCodec, doubleCodec, intCodec } from './numbers.js';
import type { CodecRegistry } from './registry.js';
import { Shape, type Fields } from './shape.js';
import { timestampCodec } from './temporals.js';
import { closeTextWindow, openTextWindow, readText } from './text-window.js';
import { asciiCodec, textCodec } from './texts.js';

export type RowMode = 'object' | 'array';

/** The types that are decoded in the loop itself; all others by their codec. */
const Inline = { NONE: 0, INT: 1, INT64: 2, DOUBLE: 3, BOOLEAN: 4, TIMESTAMP: 5, TEXT: 6, UUID: 7 } as const;

const INLINE: ReadonlyMap<Codec, number> = new Map<Codec, number>([
  [intCodec, Inline.INT],
  [bigintCodec, Inline.INT64],
  [counterCodec, Inline.INT64],
  [doubleCodec, Inline.DOUBLE],
  [booleanCodec, Inline.BOOLEAN],
  [timestampCodec, Inline.TIMESTAMP],
  [textCodec, Inline.TEXT],
  [asciiCodec, Inline.TEXT],
  [uuidCodec, Inline.UUID],
  [timeuuidCodec, Inline.UUID],
]);

/** Bytes of each inline type; −1 where any length will do. */
const INLINE_SIZE: readonly number[] = [-1, 4, 8, 8, 1, 8, -1, 16];

/** Turns the cells of one result into rows: made once per result's metadata, used for every page. */
export class RowPlan {
  readonly columns: readonly ColumnSpec[];
  readonly #codecs: readonly Codec[];
  readonly #kinds: readonly number[];
  readonly #names: readonly string[];
  /** Undefined for rows that are arrays. */
  readonly #shape: Shape | undefined;
  readonly #assignable: boolean;

  constructor(columns: readonly ColumnSpec[], registry: CodecRegistry, rowMode: RowMode) {
    this.columns = columns;
    this.#codecs = columns.map((column) => registry.codecFor(column.type));
    this.#kinds = this.#codecs.map((codec) => INLINE.get(codec) ?? Inline.NONE);
    this.#names = columns.map((column) => column.name);
    this.#shape = rowMode === 'object' ? new Shape(this.#names) : undefined;
    this.#assignable = this.#shape?.assignable ?? false;
  }

  /**
   * Appends `rowCount` rows to `into` and returns the offset after them, so that a large page can be decoded in slices.
   * Nothing that it returns refers to `buffer`. Throws ProtocolError if cells do not fit before `end` or into their
   * types; QueryError if a codec cannot give a value (`values.int64: 'number'`, a user's codec).
   */
  decodeRows(buffer: Buffer, offset: number, end: number, rowCount: number, into: unknown[]): number {
    this.#checkRoom(end - offset, rowCount);
    openTextWindow(buffer, end);
    const cursor: Cursor = { at: offset, column: 0 };
    try {
      for (let row = 0; row < rowCount; row++) into.push(this.#decodeRow(buffer, end, cursor));
    } catch (error) {
      throw this.#named(error, cursor.column);
    } finally {
      closeTextWindow();
    }
    return cursor.at;
  }

  /** Every cell has a length, so a count from the wire that cannot be true is refused before a row is made. */
  #checkRoom(bytes: number, rowCount: number): void {
    const width = this.columns.length * 4;
    if (rowCount < 0 || bytes < 0 || rowCount * width > bytes || (width === 0 && rowCount > 0)) {
      throw new ProtocolError(`A result announces ${String(rowCount)} rows, for which its bytes do not suffice`);
    }
  }

  #decodeRow(buffer: Buffer, end: number, cursor: Cursor): unknown {
    return this.#shape === undefined
      ? this.#decodeArray(buffer, end, cursor)
      : this.#decodeObject(buffer, end, cursor, this.#shape);
  }

  #decodeObject(buffer: Buffer, end: number, cursor: Cursor, shape: Shape): Fields {
    const names = this.#names;
    const row = shape.make();
    const assignable = this.#assignable;
    for (let i = 0; i < names.length; i++) {
      const value = this.#decodeCell(buffer, end, cursor, i);
      const name = names[i] ?? '';
      if (assignable) row[name] = value;
      else shape.set(row, name, value);
    }
    return row;
  }

  #decodeArray(buffer: Buffer, end: number, cursor: Cursor): unknown[] {
    const row: unknown[] = [];
    for (let i = 0; i < this.#names.length; i++) row.push(this.#decodeCell(buffer, end, cursor, i));
    return row;
  }

  #decodeCell(buffer: Buffer, end: number, cursor: Cursor, column: number): unknown {
    cursor.column = column;
    let { at } = cursor;
    if (at + 4 > end) throw new ProtocolError('A row ends too early');
    const length = int32At(buffer, at);
    at += 4;
    if (length < 0) {
      cursor.at = at;
      return null;
    }
    if (length > end - at) throw new ProtocolError('A cell is longer than what is left of its message');
    cursor.at = at + length;
    const kind = this.#kinds[column] ?? 0;
    const size = INLINE_SIZE[kind] ?? -1;
    // What has the wrong length, an empty cell above all, is the codec's to judge.
    if (size < 0 || size === length) {
      switch (kind) {
        case Inline.INT:
          return int32At(buffer, at);
        case Inline.INT64:
          return int64At(buffer, at);
        case Inline.DOUBLE:
          return doubleAt(buffer, at);
        case Inline.BOOLEAN:
          return buffer[at] !== 0;
        case Inline.TIMESTAMP:
          return new Date(int64AsNumber(buffer, at));
        case Inline.TEXT:
          return readText(buffer, at, length);
        case Inline.UUID:
          return uuidText(buffer, at);
      }
    }
    return this.#codecs[column]?.decode(buffer, at, length);
  }

  #named(error: unknown, index: number): unknown {
    const column = this.columns[index];
    const where = column === undefined ? '' : `Column '${column.name}' (${cqlTypeName(column.type)}): `;
    if (error instanceof ProtocolError) return new ProtocolError(where + error.message, { cause: error.cause });
    if (error instanceof QueryError)
      return new QueryError(where + error.message, { code: error.code, cause: error.cause });
    if (error instanceof AsyncCassandraError) return error;
    return new QueryError(`${where}decoding a value failed (see cause)`, { cause: error });
  }
}

/** Where the decoder stands. */
interface Cursor {
  at: number;
  column: number;
}
