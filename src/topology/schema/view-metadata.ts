import type { ColumnMetadata } from './column-metadata.js';
import { cqlNames, qualifiedName } from './ddl-text.js';
import { clusteringOrderCql, primaryKeyCql, withClause, type ClusteringOrder, type PrimaryKey } from './primary-key.js';
import { tableOptionsCql, type TableOptions } from './table-options.js';

export interface MaterializedViewFacts extends PrimaryKey {
  readonly keyspace: string;
  readonly name: string;
  readonly id: string | null;
  readonly baseTable: string;
  readonly includesAllColumns: boolean;
  readonly whereClause: string;
  readonly columns: readonly ColumnMetadata[];
  readonly options: TableOptions;
}

/** A materialized view. */
export class MaterializedViewMetadata implements MaterializedViewFacts {
  /** The keyspace that it is in. */
  readonly keyspace: string;
  /** Its name, as stored. */
  readonly name: string;
  /** A uuid; null where the server tells none. */
  readonly id: string | null;
  /** The table that it is a view of, in the same keyspace. */
  readonly baseTable: string;
  /** Made with SELECT *: columns that the base table gets later are in it too. */
  readonly includesAllColumns: boolean;
  /** As CQL, without WHERE. */
  readonly whereClause: string;
  /** In the order of the DDL. */
  readonly columns: readonly ColumnMetadata[];
  /** Column names. */
  readonly partitionKey: readonly string[];
  /** Column names. */
  readonly clusteringKey: readonly string[];
  /** One for each column of the clustering key. */
  readonly clusteringOrder: readonly ClusteringOrder[];
  /** What follows WITH in its DDL. */
  readonly options: TableOptions;

  /** Made by the client of rows of system_schema.views and columns. */
  constructor(facts: MaterializedViewFacts) {
    this.keyspace = facts.keyspace;
    this.name = facts.name;
    this.id = facts.id;
    this.baseTable = facts.baseTable;
    this.includesAllColumns = facts.includesAllColumns;
    this.whereClause = facts.whereClause;
    this.columns = Object.freeze([...facts.columns]);
    this.partitionKey = Object.freeze([...facts.partitionKey]);
    this.clusteringKey = Object.freeze([...facts.clusteringKey]);
    this.clusteringOrder = Object.freeze([...facts.clusteringOrder]);
    this.options = Object.freeze({ ...facts.options });
    Object.freeze(this);
  }

  /** CREATE MATERIALIZED VIEW. */
  toCql(): string {
    const selected = this.includesAllColumns ? '*' : cqlNames(this.columns.map((column) => column.name));
    // A view has its base table's time to live: naming one is refused.
    const clauses = [...clusteringOrderCql(this), ...tableOptionsCql(this.options, ['default_time_to_live'])];
    return (
      `CREATE MATERIALIZED VIEW ${qualifiedName(this.keyspace, this.name)} AS\n` +
      `SELECT ${selected}\nFROM ${qualifiedName(this.keyspace, this.baseTable)}\nWHERE ${this.whereClause}\n` +
      `${primaryKeyCql(this)}${withClause(clauses)};`
    );
  }
}
