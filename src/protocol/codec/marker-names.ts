import { AsyncCassandraError, InvalidParameter } from '../../errors.js';
import { cqlTypeName, type ColumnSpec } from './cql-type.js';
import { hasField, readField } from './shape.js';

/** Markers that stand for no column are named by the server as `[limit]`, `[ttl]`, and those of IN as `in(column)`. */
const DERIVED_NAME = /^(?:\[(.+)\]|in\((.+)\))$/i;
const MAX_NAMES_SHOWN = 20;

/** Puts parameters that are given by name into the order of the markers. */
export class MarkerNames {
  /** The name of each marker; one that is used twice stands here twice. */
  readonly #names: readonly string[];
  readonly #columns: readonly ColumnSpec[];
  readonly #known: ReadonlySet<string>;
  /** Other ways to name a marker, lower case; only those that mean one marker. */
  readonly #aliases: ReadonlyMap<string, string>;

  constructor(columns: readonly ColumnSpec[]) {
    this.#names = columns.map((column) => column.name);
    this.#columns = columns;
    this.#known = new Set(this.#names);
    this.#aliases = aliasesOf(this.#known);
  }

  /** Throws InvalidParameter for a name that is missing, unknown or given twice, and for what a getter throws. */
  order(given: object): readonly unknown[] {
    try {
      return this.#order(given);
    } catch (error) {
      throw unreadable(error);
    }
  }

  #order(given: object): readonly unknown[] {
    const values: unknown[] = [];
    let exact = true;
    for (const name of this.#names) {
      const value = readField(given, name);
      if (value === undefined && !hasField(given, name)) exact = false;
      values.push(value);
    }
    if (exact && Object.keys(given).every((key) => this.#known.has(key))) return values;
    return this.#orderByAlias(given);
  }

  #orderByAlias(given: object): readonly unknown[] {
    const found = new Map<string, unknown>();
    for (const name of this.#known) if (hasField(given, name)) found.set(name, readField(given, name));
    for (const key of Object.keys(given)) {
      if (this.#known.has(key)) continue;
      const name = this.#aliases.get(key.toLowerCase());
      if (name === undefined) throw this.#unknown(key);
      if (found.has(name)) throw this.#givenTwice(name, key);
      found.set(name, readField(given, key));
    }
    return this.#columns.map(({ name, type }) => {
      if (!found.has(name)) {
        const cqlType = cqlTypeName(type);
        throw new InvalidParameter(`Parameter '${name}' (${cqlType}) is missing (undefined leaves it unset)`, {
          parameter: name,
          cqlType,
        });
      }
      return found.get(name);
    });
  }

  #givenTwice(name: string, key: string): InvalidParameter {
    const column = this.#columns.find((candidate) => candidate.name === name);
    const cqlType = column === undefined ? undefined : cqlTypeName(column.type);
    return new InvalidParameter(`Parameter '${name}' is given twice, also as '${key}'`, { parameter: name, cqlType });
  }

  #unknown(key: string): InvalidParameter {
    const names = [...this.#known].map((name) => `'${name}'`);
    return new InvalidParameter(
      names.length === 0
        ? `Parameter '${key}' is not known: the statement has no bind markers`
        : `Parameter '${key}' is not known: the statement has ${firstOf(names)}`,
      { parameter: key },
    );
  }
}

/** Of parameters by position: names the first marker that has none, or all markers if there are too many. */
export function wrongCount(columns: readonly ColumnSpec[], given: number): InvalidParameter {
  const text = `The statement has ${String(columns.length)} bind markers, but ${String(given)} parameters are given`;
  const missing = columns[given];
  if (missing !== undefined) {
    const { name, type } = missing;
    const cqlType = cqlTypeName(type);
    const shown = name === '' ? `marker ${String(given + 1)}` : `'${name}'`;
    const facts = { parameter: name === '' ? given : name, cqlType };
    return new InvalidParameter(`${text}: ${shown} (${cqlType}) has none (undefined leaves it unset)`, facts);
  }
  const known = columns.map(({ name, type }) => `'${name}' (${cqlTypeName(type)})`);
  return new InvalidParameter(known.length === 0 ? text : `${text}: the markers are ${firstOf(known)}`, {
    parameter: columns.length,
  });
}

function firstOf(names: readonly string[]): string {
  const more = names.length > MAX_NAMES_SHOWN ? ' …' : '';
  return `${names.slice(0, MAX_NAMES_SHOWN).join(', ')}${more}`;
}

/** What a getter or a proxy among a user's parameters threw, as an error of ours; one that is ours already stays. */
export function unreadable(error: unknown): AsyncCassandraError {
  if (error instanceof AsyncCassandraError) return error;
  return new InvalidParameter('Reading the parameters failed (see cause)', { cause: error });
}

function aliasesOf(names: ReadonlySet<string>): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  const ambiguous = new Set<string>();
  const add = (alias: string, name: string): void => {
    const folded = alias.toLowerCase();
    if (aliases.has(folded)) ambiguous.add(folded);
    else aliases.set(folded, name);
  };
  for (const name of names) add(name, name);
  for (const name of names) {
    const match = DERIVED_NAME.exec(name);
    const column = match?.[1] ?? match?.[2];
    // The marker of the column itself goes first.
    if (column !== undefined && !names.has(column)) add(column, name);
  }
  for (const alias of ambiguous) aliases.delete(alias);
  return aliases;
}
