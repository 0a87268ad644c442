import { ProtocolError, QueryError } from '../../errors.js';
import { uuidText } from '../../values/uuid.js';
import { doubleAt, int32At, int64AsNumber, int64At } from './bits.js';
import type { Codec } from './codec.js';
import { cqlTypeName, type ColumnSpec } from './cql-type.js';
import { timeuuidCodec, uuidCodec } from './identifiers.js';
import { bigintCodec, booleanCodec, counterCodec, doubleCodec, intCodec } from './numbers.js';
import type { CodecRegistry } from './registry.js';
import { builderPool, buildByLoop, type HotShape } from './row-builders.js';
import { Shape } from './shape.js';
import { timestampCodec } from './temporals.js';
import { closeTextWindow, openTextWindow, readText } from './text-window.js';
import { asciiCodec, textCodec } from './texts.js';

/** What a row is: an object by column name, or an array in the columns' order. */
export type RowMode = 'object' | 'array';

/**
 * The types that are decoded in the loop itself; all others by their codec. Bare numbers in the loop's `case`s, because
 * V8 makes a jump table of those, and a chain of property reads and comparisons of names.
 */
const INLINE: ReadonlyMap<Codec, number> = new Map<Codec, number>([
  [intCodec, 1],
  [bigintCodec, 2],
  [counterCodec, 2],
  [doubleCodec, 3],
  [booleanCodec, 4],
  [timestampCodec, 5],
  [textCodec, 6],
  [asciiCodec, 6],
  [uuidCodec, 7],
  [timeuuidCodec, 7],
]);

/** A result that gave so many rows is worth one of the few functions that build rows fastest. */
const HOT_ROWS = 500;

/** Turns the cells of one result into rows: made once per result's metadata, used for every page. */
export class RowPlan {
  readonly columns: readonly ColumnSpec[];
  readonly #codecs: readonly Codec[];
  readonly #kinds: readonly number[];
  /** Undefined for rows that are arrays. */
  #builder: HotShape | undefined;
  /** Counts down to the claim of a builder. */
  #rowsToHot = 0;
  /** The column that is being decoded, for errors. */
  #column = 0;

  constructor(columns: readonly ColumnSpec[], registry: CodecRegistry, rowMode: RowMode) {
    this.columns = columns;
    this.#codecs = columns.map((column) => registry.codecFor(column.type));
    this.#kinds = this.#codecs.map((codec) => INLINE.get(codec) ?? 0);
    if (rowMode === 'array') return;
    const names = columns.map((column) => column.name);
    this.#builder = builderPool.find(names);
    if (this.#builder !== undefined) return;
    this.#builder = { shape: new Shape(names), build: buildByLoop };
    this.#rowsToHot = HOT_ROWS;
  }

  /**
   * Appends `rowCount` rows to `into`, or fewer: none is begun at `stopAt` or behind it. Returns the offset after them,
   * where a later call goes on with the rows that are left. Nothing that it returns refers to `buffer`. Throws ProtocolError if cells do not fit before `end` or into their
   * types; QueryError if a codec cannot give a value (`values.int64: 'number'`, a user's codec).
   */
  decodeRows(
    buffer: Buffer,
    offset: number,
    end: number,
    rowCount: number,
    into: unknown[],
    stopAt = Infinity,
  ): number {
    this.#checkRoom(end - offset, rowCount);
    const builder = this.#builderFor(rowCount);
    const count = this.columns.length;
    openTextWindow(buffer, end);
    let at = offset;
    try {
      if (builder === undefined) {
        for (let row = 0; row < rowCount && at < stopAt; row++) {
          const values = new Array<unknown>(count);
          at = this.#decodeCells(buffer, at, end, values);
          into.push(values);
        }
      } else {
        const { build, shape } = builder;
        // One array for the cells of all rows; not the plan's own, for a user's codec may lead here again.
        const values = new Array<unknown>(count);
        for (let row = 0; row < rowCount && at < stopAt; row++) {
          at = this.#decodeCells(buffer, at, end, values);
          into.push(build(shape, values));
        }
      }
    } catch (error) {
      throw this.#named(error, this.#column);
    } finally {
      closeTextWindow();
    }
    return at;
  }

  /** Every cell has a length, so a count from the wire that cannot be true is refused before a row is made. */
  #checkRoom(bytes: number, rowCount: number): void {
    const width = this.columns.length * 4;
    if (rowCount < 0 || bytes < 0 || rowCount * width > bytes || (width === 0 && rowCount > 0)) {
      throw new ProtocolError(`A result announces ${String(rowCount)} rows, for which its bytes do not suffice`);
    }
  }

  #builderFor(rowCount: number): HotShape | undefined {
    if (this.#rowsToHot > 0 && this.#builder !== undefined) {
      this.#rowsToHot -= rowCount;
      if (this.#rowsToHot <= 0) this.#builder = builderPool.claim(this.#builder.shape);
    }
    return this.#builder;
  }

  /** Fills `values` with the cells of one row and returns the offset after it. */
  #decodeCells(buffer: Buffer, offset: number, end: number, values: unknown[]): number {
    const kinds = this.#kinds;
    let at = offset;
    for (let i = 0; i < kinds.length; i++) {
      this.#column = i;
      if (at + 4 > end) throw new ProtocolError('A row ends too early');
      const length = int32At(buffer, at);
      at += 4;
      if (length < 0) {
        values[i] = null;
        continue;
      }
      if (length > end - at) throw new ProtocolError('A cell is longer than what is left of its message');
      values[i] = this.#decodeCell(buffer, at, length, kinds[i] ?? 0, i);
      at += length;
    }
    return at;
  }

  #decodeCell(buffer: Buffer, at: number, length: number, kind: number, column: number): unknown {
    switch (kind) {
      case 1:
        if (length === 4) return int32At(buffer, at);
        break;
      case 2:
        if (length === 8) return int64At(buffer, at);
        break;
      case 3:
        if (length === 8) return doubleAt(buffer, at);
        break;
      case 4:
        if (length === 1) return buffer[at] !== 0;
        break;
      case 5:
        if (length === 8) return new Date(int64AsNumber(buffer, at));
        break;
      case 6:
        return readText(buffer, at, length);
      case 7:
        if (length === 16) return uuidText(buffer, at);
        break;
    }
    // What has the wrong length, an empty cell above all, is the codec's to judge.
    return this.#codecs[column]?.decode(buffer, at, length);
  }

  #named(error: unknown, index: number): unknown {
    const column = this.columns[index];
    const where = column === undefined ? '' : `Column '${column.name}' (${cqlTypeName(column.type)}): `;
    if (error instanceof ProtocolError) return new ProtocolError(where + error.message, { cause: error.cause });
    if (error instanceof QueryError) {
      return new QueryError(where + error.message, { code: error.code, cause: error.cause });
    }
    return new QueryError(`${where}decoding a value failed (see cause)`, { cause: error });
  }
}
