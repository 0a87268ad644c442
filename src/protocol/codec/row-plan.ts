import { ProtocolError, QueryError } from '../../errors.js';
import { uuidText } from '../../values/uuid.js';
import { isConditionalAnswer } from './applied.js';
import { int64AsNumberIn, int64In, letViewGo, viewOf } from './bits.js';
import { CellAbove } from './cell-above.js';
import type { Codec } from './codec.js';
import { cqlTypeName, type ColumnSpec } from './cql-type.js';
import { timeuuidCodec, uuidCodec } from './uuid-inet.js';
import { bigintCodec, booleanCodec, counterCodec, doubleCodec, floatCodec, intCodec } from './numbers.js';
import { readText } from './read-text.js';
import type { CodecRegistry } from './registry.js';
import { builderPool, buildByLoop, type HotShape } from './row-builders.js';
import { Shape } from './shape.js';
import { timestampCodec } from './temporals.js';
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
  [floatCodec, 8],
]);

/** Text and uuid while they are compared with the row above. */
const REPEATED: ReadonlyMap<number, number> = new Map([
  [6, 9],
  [7, 10],
]);
/** Fewer rows are not worth the preparations of comparing. */
const ROWS_TO_COMPARE = 16;

/** How the columns' cells are read during one call. */
interface Reading {
  /** One per column; what `REPEATED` says, until a column's cells turn out to differ. */
  readonly kinds: number[];
  /** For columns that `REPEATED` is about, once they had a cell. */
  readonly above: CellAbove[];
}

/** A result that gave so many rows is worth one of the few functions that build rows fastest. */
const HOT_ROWS = 500;

/** Turns the cells of one result into rows: made once per result's metadata, used for every page. */
export class RowPlan {
  readonly columns: readonly ColumnSpec[];
  /** The rows tell whether a condition held: see `readApplied`. */
  readonly isConditional: boolean;
  readonly #codecs: readonly Codec[];
  /** For few rows: nothing is compared, and nothing changes. */
  readonly #plain: Reading;
  /** What `kinds` begins with where rows are compared. */
  readonly #comparingKinds: readonly number[];
  /** Undefined for rows that are arrays. */
  #builder: HotShape | undefined;
  /** Counts down to the claim of a builder. */
  #rowsToHot = 0;

  constructor(columns: readonly ColumnSpec[], registry: CodecRegistry, rowMode: RowMode) {
    this.columns = columns;
    this.isConditional = isConditionalAnswer(columns);
    this.#codecs = columns.map((column) => registry.codecFor(column.type));
    this.#plain = { kinds: this.#codecs.map((codec) => INLINE.get(codec) ?? 0), above: [] };
    this.#comparingKinds = this.#plain.kinds.map((kind) => REPEATED.get(kind) ?? kind);
    if (rowMode === 'array') return;
    const names = columns.map((column) => column.name);
    this.#builder = builderPool.find(names);
    if (this.#builder !== undefined) return;
    this.#builder = { shape: new Shape(names), build: buildByLoop };
    this.#rowsToHot = HOT_ROWS;
  }

  /**
   * Appends `rowCount` rows to `into`, or fewer: none is begun at `stopAt` or behind it. Returns the offset after them,
   * where a later call goes on with the rows that are left. Nothing that it returns refers to `buffer`. Throws
   * ProtocolError if cells do not fit before `end` or into their types; QueryError if a codec cannot give a value
   * (`values.int64: 'number'`, a user's codec).
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
    const reading = rowCount < ROWS_TO_COMPARE ? this.#plain : { kinds: this.#comparingKinds.slice(), above: [] };
    const view = viewOf(buffer);
    let at = offset;
    try {
      if (builder === undefined) {
        for (let row = 0; row < rowCount && at < stopAt; row++) {
          const values = new Array<unknown>(count);
          at = this.#decodeCells(buffer, view, at, end, reading, values);
          into.push(values);
        }
      } else {
        const { build, shape } = builder;
        // One array for the cells of all rows; not the plan's own, for a user's codec may lead here again.
        const values = new Array<unknown>(count);
        for (let row = 0; row < rowCount && at < stopAt; row++) {
          at = this.#decodeCells(buffer, view, at, end, reading, values);
          into.push(build(shape, values));
        }
      }
    } finally {
      letViewGo();
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
  #decodeCells(
    buffer: Buffer,
    view: DataView,
    offset: number,
    end: number,
    reading: Reading,
    values: unknown[],
  ): number {
    const { kinds } = reading;
    let at = offset;
    for (let i = 0; i < kinds.length; i++) {
      if (at + 4 > end) throw this.#named(new ProtocolError('A row ends too early'), i);
      const length = view.getInt32(at);
      at += 4;
      if (length < 0) {
        values[i] = null;
        continue;
      }
      if (length > end - at) {
        throw this.#named(new ProtocolError('A cell is longer than what is left of its message'), i);
      }
      let value: unknown;
      switch (kinds[i] ?? 0) {
        case 1:
          if (length === 4) value = view.getInt32(at);
          break;
        case 2:
          if (length === 8) value = int64In(view, at);
          break;
        case 3:
          if (length === 8) value = view.getFloat64(at);
          break;
        case 4:
          if (length === 1) value = view.getUint8(at) !== 0;
          break;
        case 5:
          if (length === 8) value = new Date(int64AsNumberIn(view, at));
          break;
        case 6:
          value = readText(buffer, at, length);
          break;
        case 7:
          if (length === 16) value = uuidText(buffer, at);
          break;
        case 8:
          if (length === 4) value = view.getFloat32(at);
          break;
        case 9:
          value = readRepeated(reading, i, buffer, view, at, length);
          break;
        case 10:
          if (length === 16) value = readRepeated(reading, i, buffer, view, at, length);
          break;
      }
      // What has the wrong length, an empty cell above all, is the codec's to judge.
      values[i] = value === undefined ? this.#decodeByCodec(buffer, at, length, i) : value;
      at += length;
    }
    return at;
  }

  #decodeByCodec(buffer: Buffer, at: number, length: number, column: number): unknown {
    try {
      return this.#codecs[column]?.decode(buffer, at, length);
    } catch (error) {
      throw this.#named(error, column);
    }
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

function readRepeated(
  { kinds, above }: Reading,
  column: number,
  buffer: Buffer,
  view: DataView,
  at: number,
  length: number,
): string {
  const plainKind = kinds[column] === 9 ? 6 : 7;
  const cell = (above[column] ??= new CellAbove(plainKind === 6 ? readText : uuidText));
  const text = cell.textOf(buffer, view, at, length);
  if (cell.isHopeless) kinds[column] = plainKind;
  return text;
}
