import { columnCql, type ColumnMetadata } from './column-metadata.js';
import { qualifiedName } from './ddl-text.js';
import type { IndexMetadata } from './index-metadata.js';
import { clusteringOrderCql, primaryKeyCql, withClause, type ClusteringOrder, type PrimaryKey } from './primary-key.js';
import { tableOptionsCql, type TableOptions } from './table-options.js';
import type { TriggerMetadata } from './trigger-metadata.js';

export interface TableFacts extends PrimaryKey {
  readonly keyspace: string;
  readonly name: string;
  readonly id: string | null;
  readonly columns: readonly ColumnMetadata[];
  readonly indexes: readonly IndexMetadata[];
  readonly triggers: readonly TriggerMetadata[];
  readonly options: TableOptions;
  readonly isVirtual: boolean;
  readonly isCompactStorage: boolean;
}

/** A table, virtual ones included. */
export class TableMetadata implements TableFacts {
  /** The keyspace that it is in. */
  readonly keyspace: string;
  /** Its name, as stored. */
  readonly name: string;
  /** The table's UUID; null for a virtual table. */
  readonly id: string | null;
  /** Partition key and clustering key in their order, then static and regular columns by name. */
  readonly columns: readonly ColumnMetadata[];
  /** Column names. */
  readonly partitionKey: readonly string[];
  /** Column names. */
  readonly clusteringKey: readonly string[];
  /** One for each column of the clustering key. */
  readonly clusteringOrder: readonly ClusteringOrder[];
  /** Its secondary indexes. */
  readonly indexes: readonly IndexMetadata[];
  /** What the nodes run at its writes. */
  readonly triggers: readonly TriggerMetadata[];
  /** What follows WITH in its DDL. */
  readonly options: TableOptions;
  /** Whether it is made of the node's own numbers and not stored. */
  readonly isVirtual: boolean;
  /** Made WITH COMPACT STORAGE, a form of the time before CQL 3. */
  readonly isCompactStorage: boolean;

  /** Made by the client of rows of system_schema. */
  constructor(facts: TableFacts) {
    this.keyspace = facts.keyspace;
    this.name = facts.name;
    this.id = facts.id;
    this.columns = Object.freeze([...facts.columns]);
    this.partitionKey = Object.freeze([...facts.partitionKey]);
    this.clusteringKey = Object.freeze([...facts.clusteringKey]);
    this.clusteringOrder = Object.freeze([...facts.clusteringOrder]);
    this.indexes = Object.freeze([...facts.indexes]);
    this.triggers = Object.freeze([...facts.triggers]);
    this.options = Object.freeze({ ...facts.options });
    this.isVirtual = facts.isVirtual;
    this.isCompactStorage = facts.isCompactStorage;
    Object.freeze(this);
  }

  /**
   * CREATE TABLE, without its indexes and triggers, which are statements of their own. A virtual table cannot be made:
   * its structure is told in a comment. What it lacks is told at KeyspaceMetadata's `toCql`.
   */
  toCql(): string {
    const lines = [...this.columns.map(columnCql), primaryKeyCql(this)].map((line) => `  ${line}`);
    const clauses = [
      ...(this.isCompactStorage ? ['COMPACT STORAGE'] : []),
      ...clusteringOrderCql(this),
      ...tableOptionsCql(this.options),
    ];
    const name = qualifiedName(this.keyspace, this.name);
    const rest = `TABLE ${name} (\n${lines.join(',\n')}\n)${withClause(clauses)};`;
    if (!this.isVirtual) return `CREATE ${rest}`;
    return `/*\nTable ${name} is virtual and cannot be made with CQL. Its structure:\n\nVIRTUAL ${rest}\n*/`;
  }
}
