import type { ColumnSpec, CqlType } from '../../protocol/codec/cql-type.js';
import { toType, type TypeLike } from './type-text.js';

/** A column or bind marker of a script. */
export interface FakeColumn {
  /** The name that rows have it by. */
  readonly name: string;
  /** CQL text such as 'list<int>', or a parsed type. */
  readonly type: TypeLike;
  /** The keyspace that metadata names; the rows' or statement's own if left out. */
  readonly keyspace?: string | undefined;
  /** The table that metadata names; the rows' or statement's own if left out. */
  readonly table?: string | undefined;
}

export const DEFAULT_KEYSPACE = 'ks';
export const DEFAULT_TABLE = 't';

export function toColumnSpec(column: FakeColumn): ColumnSpec {
  const { name, type, keyspace = DEFAULT_KEYSPACE, table = DEFAULT_TABLE } = column;
  return { keyspace, table, name, type: toType(type) };
}

function scalar(name: 'text' | 'int' | 'bigint' | 'double' | 'boolean' | 'blob' | 'timestamp'): CqlType {
  return { kind: 'scalar', name };
}

/** The type that a script's value most likely stands for. */
function guessType(value: unknown): CqlType {
  switch (typeof value) {
    case 'number':
      return scalar(Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 'int' : 'double');
    case 'bigint':
      return scalar('bigint');
    case 'boolean':
      return scalar('boolean');
    default:
      break;
  }
  if (value instanceof Uint8Array) return scalar('blob');
  if (value instanceof Date) return scalar('timestamp');
  if (Array.isArray(value)) return { kind: 'list', element: guessType(value[0]), frozen: false };
  if (value instanceof Set) return { kind: 'set', element: guessType([...(value as Set<unknown>)][0]), frozen: false };
  if (value instanceof Map) {
    const [key, item] = [...(value as Map<unknown, unknown>)][0] ?? [];
    return { kind: 'map', key: guessType(key), value: guessType(item), frozen: false };
  }
  return scalar('text');
}

/** The columns of rows that came without: names from the first row, each type from the first value that is not null. */
export function guessColumns(rows: readonly (readonly unknown[] | Readonly<Record<string, unknown>>)[]): ColumnSpec[] {
  const names = Object.keys(rows[0] ?? {});
  const isArray = Array.isArray(rows[0]);
  return names.map((key) => {
    const sample = rows
      .map((row) => (row as Record<string, unknown>)[key])
      .find((value) => value !== null && value !== undefined);
    const name = isArray ? `column${key}` : key;
    return { keyspace: DEFAULT_KEYSPACE, table: DEFAULT_TABLE, name, type: guessType(sample) };
  });
}
