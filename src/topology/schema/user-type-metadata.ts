import { cqlName, cqlUserTypeName } from './ddl-text.js';
import { typeCql } from './type-text.js';

/** One field of a user type. */
export interface UserTypeField {
  /** Its name, as stored. */
  readonly name: string;
  /** The CQL type as text. */
  readonly type: string;
}

/** A user-defined type. */
export class UserTypeMetadata {
  /** The keyspace that it is in. */
  readonly keyspace: string;
  /** Its name, as stored. */
  readonly name: string;
  /** In the order of their values. */
  readonly fields: readonly UserTypeField[];

  /** Made by the client of rows of system_schema.types. */
  constructor(keyspace: string, name: string, fields: readonly UserTypeField[]) {
    this.keyspace = keyspace;
    this.name = name;
    this.fields = Object.freeze([...fields]);
    Object.freeze(this);
  }

  /** CREATE TYPE. */
  toCql(): string {
    const lines = this.fields.map(({ name, type }) => `  ${cqlName(name)} ${typeCql(type)}`);
    return `CREATE TYPE ${cqlName(this.keyspace)}.${cqlUserTypeName(this.name)} (\n${lines.join(',\n')}\n);`;
  }
}
