import { cqlName, qualifiedName } from './cql-text.js';

export interface UserTypeField {
  readonly name: string;
  /** The CQL type as text. */
  readonly type: string;
}

/** A user-defined type. */
export class UserTypeMetadata {
  readonly keyspace: string;
  readonly name: string;
  /** In the order of their values. */
  readonly fields: readonly UserTypeField[];

  constructor(keyspace: string, name: string, fields: readonly UserTypeField[]) {
    this.keyspace = keyspace;
    this.name = name;
    this.fields = Object.freeze([...fields]);
    Object.freeze(this);
  }

  /** CREATE TYPE. */
  toCql(): string {
    const lines = this.fields.map(({ name, type }) => `  ${cqlName(name)} ${type}`);
    return `CREATE TYPE ${qualifiedName(this.keyspace, this.name)} (\n${lines.join(',\n')}\n);`;
  }
}
