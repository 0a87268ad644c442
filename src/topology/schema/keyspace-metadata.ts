import type { AggregateMetadata } from './aggregate-metadata.js';
import { cqlName, cqlTextMap } from './ddl-text.js';
import { FrozenMap } from './frozen-map.js';
import type { FunctionMetadata } from './function-metadata.js';
import type { TableMetadata } from './table-metadata.js';
import { namesInType } from './type-text.js';
import type { UserTypeMetadata } from './user-type-metadata.js';
import type { MaterializedViewMetadata } from './view-metadata.js';

export interface KeyspaceFacts {
  readonly name: string;
  readonly replication: Readonly<Record<string, string>>;
  readonly durableWrites: boolean;
  readonly fastPath: Readonly<Record<string, string>> | null;
  readonly isVirtual: boolean;
  readonly tables: readonly TableMetadata[];
  readonly views: readonly MaterializedViewMetadata[];
  readonly userTypes: readonly UserTypeMetadata[];
  readonly functions: readonly FunctionMetadata[];
  readonly aggregates: readonly AggregateMetadata[];
}

/** A keyspace and everything in it, as it was at one moment. */
export class KeyspaceMetadata {
  /** Its name, as stored. */
  readonly name: string;
  /** As in `WITH replication = …`: the strategy under `class`, and its settings. Empty for a virtual keyspace. */
  readonly replication: Readonly<Record<string, string>>;
  /** Whether writes go to the commit log. */
  readonly durableWrites: boolean;
  /** As in `WITH fast_path = …`: `kind`, and its settings. Null before Cassandra 6.0. */
  readonly fastPath: Readonly<Record<string, string>> | null;
  /** Whether its tables are made of the node's own numbers and not stored. */
  readonly isVirtual: boolean;
  /** By name; without materialized views. */
  readonly tables: ReadonlyMap<string, TableMetadata>;
  /** By name. */
  readonly views: ReadonlyMap<string, MaterializedViewMetadata>;
  /** By name. */
  readonly userTypes: ReadonlyMap<string, UserTypeMetadata>;
  /** Those of the same name one after another. */
  readonly functions: readonly FunctionMetadata[];
  /** All of them, those of one name beside each other. */
  readonly aggregates: readonly AggregateMetadata[];

  /** Made by the client of rows of system_schema. */
  constructor(facts: KeyspaceFacts) {
    this.name = facts.name;
    this.replication = Object.freeze({ ...facts.replication });
    this.durableWrites = facts.durableWrites;
    this.fastPath = facts.fastPath === null ? null : Object.freeze({ ...facts.fastPath });
    this.isVirtual = facts.isVirtual;
    this.tables = byName(facts.tables);
    this.views = byName(facts.views);
    this.userTypes = byName(facts.userTypes);
    this.functions = Object.freeze([...facts.functions]);
    this.aggregates = Object.freeze([...facts.aggregates]);
    Object.freeze(this);
  }

  /**
   * CREATE KEYSPACE; with `all`, followed by all that is in it, in an order that can be run.
   *
   * Of Cassandra 6.0 it lacks what is in no table of system_schema: a table's `transactional_mode`, CHECK constraints,
   * SECURITY LABEL and COMMENT ON (but for the comments of tables). Column masks with arguments that are collections,
   * tuples, vectors or user types are refused where the statement is run: the server keeps no literals of them.
   */
  toCql(options: { readonly all?: boolean } = {}): string {
    return options.all === true ? this.toCqlStatements().join('\n\n') : this.#ownCql();
  }

  /** The same as `toCql({ all: true })`, statement by statement: a function's body may hold semicolons. It lacks the same. */
  toCqlStatements(): string[] {
    const tables = [...this.tables.values()];
    const all = [
      ...typesInOrder(this.userTypes),
      ...this.functions,
      ...this.aggregates,
      ...tables.flatMap((table) => [table, ...table.indexes, ...table.triggers]),
      ...this.views.values(),
    ];
    return [this.#ownCql(), ...all.map((one) => one.toCql())];
  }

  #ownCql(): string {
    const name = cqlName(this.name);
    if (this.isVirtual) return `/* Keyspace ${name} is virtual and cannot be made with CQL. */`;
    const fastPath = this.fastPath === null ? '' : ` AND fast_path = ${cqlTextMap(this.fastPath)}`;
    return (
      `CREATE KEYSPACE ${name} WITH replication = ${cqlTextMap(this.replication)} ` +
      `AND durable_writes = ${String(this.durableWrites)}${fastPath};`
    );
  }
}

function byName<T extends { readonly name: string }>(list: readonly T[]): ReadonlyMap<string, T> {
  return new FrozenMap(list.map((one) => [one.name, one]));
}

/** Each type after those that its fields are of. */
function typesInOrder(types: ReadonlyMap<string, UserTypeMetadata>): UserTypeMetadata[] {
  const ordered = new Set<UserTypeMetadata>();
  const visited = new Set<UserTypeMetadata>();
  const visit = (type: UserTypeMetadata): void => {
    if (visited.has(type)) return;
    visited.add(type);
    for (const name of type.fields.flatMap((field) => namesInType(field.type))) {
      const needed = types.get(name);
      if (needed !== undefined) visit(needed);
    }
    ordered.add(type);
  };
  for (const type of types.values()) visit(type);
  return [...ordered];
}
