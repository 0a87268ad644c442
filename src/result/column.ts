import { cqlTypeName, type ColumnSpec } from '../protocol/codec/cql-type.js';

/** A column of a result. */
export interface ColumnDefinition {
  /** The keyspace of the table. */
  readonly keyspace: string;
  /** The table that the column is of. */
  readonly table: string;
  /** The name, or its alias, as rows have it. */
  readonly name: string;
  /** The CQL type as text, such as `map<text, int>`. */
  readonly type: string;
}

/** Results of one statement share their specs, so that this is worked out once for all of them. */
const known = new WeakMap<readonly ColumnSpec[], readonly ColumnDefinition[]>();

export function columnDefinitions(specs: readonly ColumnSpec[]): readonly ColumnDefinition[] {
  let columns = known.get(specs);
  if (columns === undefined) {
    columns = Object.freeze(
      specs.map(({ keyspace, table, name, type }) => Object.freeze({ keyspace, table, name, type: cqlTypeName(type) })),
    );
    known.set(specs, columns);
  }
  return columns;
}
