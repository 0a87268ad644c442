import type { ColumnSpec, CqlType } from '../../../src/protocol/codec/cql-type.js';
import { CodecRegistry } from '../../../src/protocol/codec/registry.js';
import type { Prepared } from '../../../src/protocol/messages/index.js';
import { PreparedQuery } from '../../../src/statement/prepared-query.js';
import { ResultShapes } from '../../../src/statement/result-shapes.js';

export const INT: CqlType = { kind: 'scalar', name: 'int' };
export const TEXT: CqlType = { kind: 'scalar', name: 'text' };

export function column(name: string, type: CqlType): ColumnSpec {
  return { keyspace: 'ks', table: 't', name, type };
}

/** A prepared query with the markers `id int` and `name text`, whose partition key is `id`. */
export function preparedQuery(
  query = 'INSERT INTO t (id, name) VALUES (?, ?)',
  changes: Partial<Prepared> = {},
  registry = new CodecRegistry(),
): PreparedQuery {
  const prepared: Prepared = {
    id: Buffer.from('id'),
    resultMetadataId: Buffer.from('meta'),
    bindColumns: [column('id', INT), column('name', TEXT)],
    pkIndexes: [0],
    resultColumns: null,
    ...changes,
  };
  return new PreparedQuery(query, 'ks', prepared, registry, new ResultShapes(registry));
}
