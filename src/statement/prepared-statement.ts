import type { Parameters } from '../protocol/codec/bind-plan.js';
import { cqlTypeName, type ColumnSpec } from '../protocol/codec/cql-type.js';
import { BoundStatement } from './bound-statement.js';
import { encodeValues } from './encoded-values.js';
import type { PreparedQuery } from './prepared-query.js';
import { StatementBase } from './statement-base.js';
import type { StatementOptions } from './statement-options.js';

/** A bind marker. */
export interface PreparedParameter {
  /** The marker's own name, or that of the column it stands for. */
  readonly name: string;
  /** The CQL type as text, such as `map<text, int>`. */
  readonly type: string;
}

/** A column of the rows that a prepared statement gives. */
export interface PreparedColumn extends PreparedParameter {
  /** The keyspace of the table. */
  readonly keyspace: string;
  /** The table that the column is of. */
  readonly table: string;
}

let queryOf: (statement: PreparedStatement) => PreparedQuery;

/**
 * A statement that the server has parsed. Settings made here hold for later executions and later calls of `bind`; two
 * preparations of one text have settings of their own.
 */
export class PreparedStatement extends StatementBase {
  readonly #prepared: PreparedQuery;

  static {
    queryOf = (statement) => statement.#prepared;
  }

  /** Not for users: `session.prepare` makes them. */
  constructor(prepared: PreparedQuery, options?: StatementOptions) {
    super(options);
    this.#prepared = prepared;
  }

  /** The text, as it was prepared. */
  get query(): string {
    return this.#prepared.query;
  }

  /** The bind markers, in the order of the query. */
  get parameters(): readonly PreparedParameter[] {
    return this.#prepared.bindColumns.map(({ name, type }) => ({ name, type: cqlTypeName(type) }));
  }

  /** The columns of its rows, as last heard from the server; empty if it has none or they depend on the outcome. */
  get columns(): readonly PreparedColumn[] {
    const columns: readonly ColumnSpec[] = this.#prepared.shape?.columns ?? [];
    return columns.map(({ keyspace, table, name, type }) => ({ keyspace, table, name, type: cqlTypeName(type) }));
  }

  /**
   * Binds values by position or by name; undefined leaves a marker unset. They are checked and encoded at once.
   * Throws InvalidParameter.
   */
  bind(parameters: Parameters = []): BoundStatement {
    return new BoundStatement(this.#prepared, encodeValues(this.#prepared.bindPlan, parameters), this);
  }
}

/** For the execution layer alone. */
export function preparedQueryOf(statement: PreparedStatement): PreparedQuery {
  return queryOf(statement);
}
