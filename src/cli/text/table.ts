import { cutToWidth, displayWidth, visible } from './display-width.js';

export interface TableColumn {
  readonly name: string;
  readonly isNumeric: boolean;
}

export interface TableOptions {
  /** Longer cells are cut to so many columns of the terminal. Default: none is. */
  readonly maxWidth?: number | undefined;
}

/**
 * Lays rows out in columns, block after block. The widths are those of the first block: rows go out while they come, so
 * a longer cell of a later block moves what stands behind it in its own row.
 */
export class Table {
  readonly #columns: readonly TableColumn[];
  readonly #maxWidth: number;
  #widths: readonly number[] | null = null;

  constructor(columns: readonly TableColumn[], options: TableOptions = {}) {
    this.#columns = columns;
    this.#maxWidth = options.maxWidth ?? Infinity;
  }

  /** The lines of these rows; the first call's begin with the names. */
  lines(rows: readonly (readonly string[])[]): string[] {
    const cells = rows.map((row) => row.map((cell) => cutToWidth(cell, this.#maxWidth)));
    if (this.#widths !== null) return this.#laidOut(cells, this.#widths);
    const names = this.#columns.map(({ name }) => cutToWidth(visible(name), this.#maxWidth));
    const widths = names.map((name, i) =>
      cells.reduce((most, row) => Math.max(most, widthAt(row, i)), displayWidth(name)),
    );
    this.#widths = widths;
    const rule = widths.map((width) => '-'.repeat(width)).join('-+-');
    return [...this.#laidOut([names], widths), rule, ...this.#laidOut(cells, widths)];
  }

  #laidOut(rows: readonly (readonly string[])[], widths: readonly number[]): string[] {
    return rows.map((row) =>
      row
        .map((cell, i) => this.#padded(cell, i, widths[i] ?? 0))
        .join(' | ')
        .trimEnd(),
    );
  }

  #padded(cell: string, index: number, width: number): string {
    const blanks = ' '.repeat(Math.max(0, width - displayWidth(cell)));
    return this.#columns[index]?.isNumeric === true ? blanks + cell : cell + blanks;
  }
}

function widthAt(row: readonly string[], index: number): number {
  return displayWidth(row[index] ?? '');
}
