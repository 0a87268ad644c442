import { cqlName, cqlString, cqlTextMap, qualifiedName } from './ddl-text.js';

export interface IndexFacts {
  readonly keyspace: string;
  readonly table: string;
  readonly name: string;
  readonly kind: string;
  readonly target: string;
  readonly className: string | null;
  readonly options: Readonly<Record<string, string>>;
}

/** A secondary index. */
export class IndexMetadata implements IndexFacts {
  /** The keyspace of the table. */
  readonly keyspace: string;
  /** The table that it is an index of. */
  readonly table: string;
  /** Its name, as stored. */
  readonly name: string;
  /** COMPOSITES, KEYS (on tables with compact storage) or CUSTOM. */
  readonly kind: string;
  /** What is indexed, as CQL: `column`, `keys(column)`, `values(column)`, `entries(column)` or `full(column)`. */
  readonly target: string;
  /** What a custom index is made by, as its creator wrote it: `sai`, `org.apache.cassandra.index.sasi.SASIIndex`. */
  readonly className: string | null;
  /** Without target and class name. */
  readonly options: Readonly<Record<string, string>>;

  /** Made by the client of rows of system_schema.indexes. */
  constructor(facts: IndexFacts) {
    this.keyspace = facts.keyspace;
    this.table = facts.table;
    this.name = facts.name;
    this.kind = facts.kind;
    this.target = facts.target;
    this.className = facts.className;
    this.options = Object.freeze({ ...facts.options });
    Object.freeze(this);
  }

  /** CREATE INDEX, or CREATE CUSTOM INDEX. */
  toCql(): string {
    const { keyspace, table, name, target, className, options } = this;
    const on = `INDEX ${cqlName(name)} ON ${qualifiedName(keyspace, table)} (${targetCql(target)})`;
    if (className === null) return `CREATE ${on};`;
    const settings = Object.keys(options).length === 0 ? '' : ` WITH OPTIONS = ${cqlTextMap(options)}`;
    return `CREATE CUSTOM ${on} USING ${cqlString(className)}${settings};`;
  }
}

/** As the server has it, but for columns named as a boolean: it writes them without the quotes that it wants. */
function targetCql(target: string): string {
  return target.replace(/^((?:keys|values|entries|full)\()?(true|false)(\)?)$/, '$1"$2"$3');
}
