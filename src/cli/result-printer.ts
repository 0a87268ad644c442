import type { ColumnDefinition } from '../index.js';
import type { Output } from './io.js';
import { cellText, isNumeric } from './text/cell-text.js';
import { parseType, UNKNOWN_TYPE, type TypeTree } from './text/cql-type.js';
import { visible } from './text/display-width.js';
import { harmlessJson } from './text/harmless-json.js';
import { toJson } from './text/json-value.js';
import { Table } from './text/table.js';
import { UsageError } from './usage-error.js';

export type Format = 'table' | 'json' | 'ndjson';

export interface FormatOptions {
  readonly format: Format;
  readonly maxWidth?: number | undefined;
}

export type RowValues = readonly unknown[];

/** Prints the rows of one result, page after page, and holds none of them. */
export interface ResultPrinter {
  page(rows: readonly RowValues[]): Promise<void>;
  /** `isCut`: there are more rows, which were not asked for. */
  end(isCut: boolean): Promise<void>;
}

export function resultPrinter(
  columns: readonly ColumnDefinition[],
  output: Output,
  options: FormatOptions,
): ResultPrinter {
  const types = columns.map(({ type }) => parseType(type));
  if (options.format === 'table') return new TablePrinter(columns, types, output, options.maxWidth);
  const twice = columns.find(({ name }, i) => columns.findIndex((other) => other.name === name) < i);
  if (twice !== undefined) {
    throw new UsageError(
      `Several columns are called ${visible(twice.name)}: a JSON object can hold one of them`,
      'Give each a name of its own with AS.',
    );
  }
  return new JsonPrinter(columns, types, output, options.format === 'json');
}

class TablePrinter implements ResultPrinter {
  readonly #types: readonly TypeTree[];
  readonly #table: Table;
  readonly #output: Output;
  #pages = 0;
  #rows = 0;

  constructor(columns: readonly ColumnDefinition[], types: readonly TypeTree[], output: Output, maxWidth?: number) {
    this.#types = types;
    this.#table = new Table(
      columns.map(({ name }, i) => ({ name, isNumeric: isNumeric(types[i] ?? UNKNOWN_TYPE) })),
      { maxWidth },
    );
    this.#output = output;
  }

  async page(rows: readonly RowValues[]): Promise<void> {
    this.#pages++;
    this.#rows += rows.length;
    const cells = rows.map((row) => this.#types.map((type, i) => cellText(row[i], type)));
    for (const line of this.#table.lines(cells)) await this.#output.line(line);
    await this.#output.flush();
  }

  async end(isCut: boolean): Promise<void> {
    if (this.#pages === 0) await this.page([]);
    const count = `${String(this.#rows)} ${this.#rows === 1 ? 'row' : 'rows'}`;
    await this.#output.line(`(${count}${isCut ? '; there are more' : ''})`);
    await this.#output.flush();
  }
}

/** An array with a row a line; or, as newline-delimited JSON, the lines alone. A row never waits for the next one. */
class JsonPrinter implements ResultPrinter {
  readonly #names: readonly string[];
  readonly #types: readonly TypeTree[];
  readonly #output: Output;
  readonly #isArray: boolean;
  #hasBegun = false;

  constructor(columns: readonly ColumnDefinition[], types: readonly TypeTree[], output: Output, isArray: boolean) {
    this.#names = columns.map(({ name }) => name);
    this.#types = types;
    this.#output = output;
    this.#isArray = isArray;
  }

  async page(rows: readonly RowValues[]): Promise<void> {
    for (const row of rows) {
      const text = this.#text(row);
      await this.#output.write(this.#isArray ? `${this.#hasBegun ? ',' : '['}\n${text}` : `${text}\n`);
      this.#hasBegun = true;
    }
    await this.#output.flush();
  }

  async end(): Promise<void> {
    if (this.#isArray) await this.#output.line(this.#hasBegun ? '\n]' : '[]');
    await this.#output.flush();
  }

  #text(row: RowValues): string {
    const entries = this.#names.map((name, i) => [name, toJson(row[i], this.#types[i] ?? UNKNOWN_TYPE)]);
    return harmlessJson(JSON.stringify(Object.fromEntries(entries)));
  }
}
