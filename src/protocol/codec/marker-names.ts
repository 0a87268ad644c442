import { AsyncCassandraError, InvalidParameter } from '../../errors.js';
import type { ColumnSpec } from './cql-type.js';
import { hasField, readField } from './shape.js';

/** Markers that stand for no column are named by the server as `[limit]`, `[ttl]`, and those of IN as `in(column)`. */
const DERIVED_NAME = /^(?:\[(.+)\]|in\((.+)\))$/i;
const MAX_NAMES_SHOWN = 20;

/** Puts parameters that are given by name into the order of the markers. */
export class MarkerNames {
  /** The name of each marker; one that is used twice stands here twice. */
  readonly #names: readonly string[];
  readonly #known: ReadonlySet<string>;
  /** Other ways to name a marker, lower case; only those that mean one marker. */
  readonly #aliases: ReadonlyMap<string, string>;

  constructor(columns: readonly ColumnSpec[]) {
    this.#names = columns.map((column) => column.name);
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
      if (found.has(name)) throw new InvalidParameter(`Parameter '${name}' is given twice, also as '${key}'`);
      found.set(name, readField(given, key));
    }
    return this.#names.map((name) => {
      if (!found.has(name)) {
        throw new InvalidParameter(`Parameter '${name}' is missing (undefined leaves it unset)`, { parameter: name });
      }
      return found.get(name);
    });
  }

  #unknown(key: string): InvalidParameter {
    const names = [...this.#known];
    const more = names.length > MAX_NAMES_SHOWN ? ' …' : '';
    const known = names
      .slice(0, MAX_NAMES_SHOWN)
      .map((name) => `'${name}'`)
      .join(', ');
    return new InvalidParameter(
      names.length === 0
        ? `Parameter '${key}' is not known: the statement has no bind markers`
        : `Parameter '${key}' is not known: the statement has ${known}${more}`,
      { parameter: key },
    );
  }
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
