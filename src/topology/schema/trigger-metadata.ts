import { cqlName, cqlString, qualifiedName } from './ddl-text.js';

export interface TriggerFacts {
  readonly keyspace: string;
  readonly table: string;
  readonly name: string;
  readonly className: string;
}

/** A trigger: code on the nodes that adds mutations to a table's own. */
export class TriggerMetadata implements TriggerFacts {
  /** The keyspace of the table. */
  readonly keyspace: string;
  /** The table whose writes it sees. */
  readonly table: string;
  /** Its name, as stored. */
  readonly name: string;
  /** The Java class, which every node must have. */
  readonly className: string;

  /** Made by the client of rows of system_schema.triggers. */
  constructor(facts: TriggerFacts) {
    this.keyspace = facts.keyspace;
    this.table = facts.table;
    this.name = facts.name;
    this.className = facts.className;
    Object.freeze(this);
  }

  /** CREATE TRIGGER. */
  toCql(): string {
    const { keyspace, table, name, className } = this;
    return `CREATE TRIGGER ${cqlName(name)} ON ${qualifiedName(keyspace, table)} USING ${cqlString(className)};`;
  }
}
