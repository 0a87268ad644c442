import { cqlName, cqlNames } from './ddl-text.js';

/** The order of rows by one clustering column. */
export type ClusteringOrder = 'ASC' | 'DESC';

/** What tables and views are keyed by, as column names. */
export interface PrimaryKey {
  readonly partitionKey: readonly string[];
  readonly clusteringKey: readonly string[];
  /** One for each column of `clusteringKey`. */
  readonly clusteringOrder: readonly ClusteringOrder[];
}

export function primaryKeyCql({ partitionKey, clusteringKey }: PrimaryKey): string {
  const [first = ''] = partitionKey;
  const partition = partitionKey.length === 1 ? cqlName(first) : `(${cqlNames(partitionKey)})`;
  return `PRIMARY KEY (${[partition, ...clusteringKey.map(cqlName)].join(', ')})`;
}

/** Nothing where there is no clustering key. */
export function clusteringOrderCql({ clusteringKey, clusteringOrder }: PrimaryKey): string[] {
  if (clusteringKey.length === 0) return [];
  const columns = clusteringKey.map((name, i) => `${cqlName(name)} ${clusteringOrder[i] ?? 'ASC'}`);
  return [`CLUSTERING ORDER BY (${columns.join(', ')})`];
}

/** ` WITH … AND …`, or nothing. */
export function withClause(clauses: readonly string[]): string {
  return clauses.length === 0 ? '' : `\nWITH ${clauses.join('\n  AND ')}`;
}
