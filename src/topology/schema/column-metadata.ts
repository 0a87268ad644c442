import { cqlName, cqlString, qualifiedFunction } from './ddl-text.js';
import { typeCql } from './type-text.js';

/** What part a column has in its table. */
export type ColumnKind = 'partition_key' | 'clustering' | 'static' | 'regular';

/** The function that masks a column from those who may not see it (Cassandra 5.0, CEP-20). */
export interface ColumnMask {
  /** The keyspace of the function. */
  readonly keyspace: string;
  /** The function's name, as stored. */
  readonly name: string;
  /** The arguments after the column itself, as the server writes them; null for null. */
  readonly arguments: readonly { readonly type: string; readonly value: string | null }[];
}

/** A column of a table or of a materialized view. */
export interface ColumnMetadata {
  /** As stored: case and all. */
  readonly name: string;
  /** The CQL type as text, such as `map<text, frozen<list<int>>>`. */
  readonly type: string;
  /** Whether it is of the primary key, and of which part. */
  readonly kind: ColumnKind;
  /** Null if the column is not masked. */
  readonly mask: ColumnMask | null;
}

/** The column as a line of CREATE TABLE. */
export function columnCql({ name, type, kind, mask }: ColumnMetadata): string {
  const isStatic = kind === 'static' ? ' static' : '';
  return `${cqlName(name)} ${typeCql(type)}${isStatic}${mask === null ? '' : ` MASKED WITH ${maskCql(mask)}`}`;
}

function maskCql(mask: ColumnMask): string {
  const values = mask.arguments.map(({ type, value }) => (value === null ? 'null' : literal(type, value)));
  return `${qualifiedFunction(mask.keyspace, mask.name)}(${values.join(', ')})`;
}

const BARE: ReadonlySet<string> = new Set([
  'bigint',
  'boolean',
  'decimal',
  'double',
  'duration',
  'float',
  'int',
  'smallint',
  'timeuuid',
  'tinyint',
  'uuid',
  'varint',
]);

/**
 * The server keeps the text of a value without what makes it a literal. Of collections it keeps bytes, of tuples a
 * text of its own: written as blob and string they are refused where the DDL runs, and no other mask is made of them.
 */
function literal(type: string, value: string): string {
  if (BARE.has(type)) return value;
  if (type === 'blob' || /^(frozen<)?(list|set|map)</.test(type)) return `0x${value}`;
  return cqlString(value);
}
