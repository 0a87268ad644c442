import { mentionsUserType } from '../protocol/codec/type-fit.js';
import type { SchemaChange } from '../protocol/messages/index.js';
import type { PreparedQuery } from './prepared-query.js';

/** Whether this change may have given the statement's bind markers other types. */
export function mayHaveOtherTypes(statement: PreparedQuery, { change, target, keyspace, name }: SchemaChange): boolean {
  const { bindColumns } = statement;
  switch (target) {
    case 'KEYSPACE':
      // Only how it is replicated can be altered.
      return change !== 'UPDATED' && bindColumns.some((column) => column.keyspace === keyspace);
    case 'TABLE':
      return bindColumns.some((column) => column.keyspace === keyspace && column.table === name);
    case 'TYPE':
      return bindColumns.some(({ type }) => mentionsUserType(type, keyspace, name ?? ''));
    default:
      return bindColumns.some((column) => column.keyspace === keyspace);
  }
}
