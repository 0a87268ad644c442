/** Rows of the schema tables made into the schema model. */

import { AggregateMetadata } from '../topology/schema/aggregate-metadata.js';
import type { ColumnKind, ColumnMask, ColumnMetadata } from '../topology/schema/column-metadata.js';
import { FunctionMetadata } from '../topology/schema/function-metadata.js';
import { IndexMetadata } from '../topology/schema/index-metadata.js';
import type { PrimaryKey } from '../topology/schema/primary-key.js';
import { TableMetadata } from '../topology/schema/table-metadata.js';
import { TABLE_OPTION_NAMES, type TableOptions } from '../topology/schema/table-options.js';
import { TriggerMetadata } from '../topology/schema/trigger-metadata.js';
import { UserTypeMetadata } from '../topology/schema/user-type-metadata.js';
import { MaterializedViewMetadata } from '../topology/schema/view-metadata.js';
import { text, textMap, type SystemRow } from './system-query.js';

/** What describes one table or view beside its own row. */
export interface TableParts {
  readonly columns: readonly SystemRow[];
  /** Of system_schema.column_masks. */
  readonly masks: readonly SystemRow[];
  readonly indexes: readonly SystemRow[];
  readonly triggers: readonly SystemRow[];
}

function textOrNull(row: SystemRow, name: string): string | null {
  const value = row[name];
  return typeof value === 'string' ? value : null;
}

function texts(row: SystemRow, name: string): string[] {
  const value = row[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** Null if the rows are not whole: they were read one after another, while the table came or went. */
export function tableOf(row: SystemRow, parts: TableParts, isVirtual: boolean): TableMetadata | null {
  const flags = row['flags'] instanceof Set ? (row['flags'] as ReadonlySet<unknown>) : new Set();
  const isDense = flags.has('dense') || flags.has('super');
  const isCompactStorage = !isVirtual && (isDense || !flags.has('compound'));
  const sorted = columnsOf(parts);
  const columns = isCompactStorage ? withoutHidden(sorted, isDense) : sorted;
  const key = primaryKeyOf(columns, parts.columns);
  if (key.partitionKey.length === 0) return null;
  return new TableMetadata({
    keyspace: text(row, 'keyspace_name'),
    name: text(row, 'table_name'),
    id: textOrNull(row, 'id'),
    columns,
    ...key,
    indexes: parts.indexes.map(indexOf),
    triggers: parts.triggers.map(triggerOf),
    options: optionsOf(row),
    isVirtual,
    isCompactStorage,
  });
}

/** Null if the rows are not whole. */
export function viewOf(row: SystemRow, parts: TableParts): MaterializedViewMetadata | null {
  const columns = columnsOf(parts);
  const key = primaryKeyOf(columns, parts.columns);
  if (key.partitionKey.length === 0) return null;
  return new MaterializedViewMetadata({
    keyspace: text(row, 'keyspace_name'),
    name: text(row, 'view_name'),
    id: textOrNull(row, 'id'),
    baseTable: text(row, 'base_table_name'),
    includesAllColumns: row['include_all_columns'] === true,
    whereClause: text(row, 'where_clause'),
    columns,
    ...key,
    options: optionsOf(row),
  });
}

// ---- columns ---------------------------------------------------------------------------------------------------------

const KINDS: readonly ColumnKind[] = ['partition_key', 'clustering', 'static', 'regular'];

function kindOf(row: SystemRow): ColumnKind {
  return KINDS.find((kind) => kind === row['kind']) ?? 'regular';
}

function position(row: SystemRow): number {
  return typeof row['position'] === 'number' ? row['position'] : -1;
}

/** In the order of the model: by kind, then by place in the key or by name. */
function columnsOf({ columns, masks }: TableParts): ColumnMetadata[] {
  const maskOfColumn = new Map(masks.map((row) => [text(row, 'column_name'), row]));
  return columns
    .map((row) => ({ row, rank: KINDS.indexOf(kindOf(row)), name: text(row, 'column_name') }))
    .sort((a, b) => a.rank - b.rank || position(a.row) - position(b.row) || (a.name < b.name ? -1 : 1))
    .map(({ row, name }) => {
      const mask = maskOfColumn.get(name);
      return Object.freeze({
        name,
        type: text(row, 'type'),
        kind: kindOf(row),
        mask: mask === undefined ? null : maskOf(mask),
      });
    });
}

function maskOf(row: SystemRow): ColumnMask {
  const types = texts(row, 'function_argument_types');
  const values = texts(row, 'function_argument_values');
  const nulls = Array.isArray(row['function_argument_nulls']) ? (row['function_argument_nulls'] as unknown[]) : [];
  return Object.freeze({
    keyspace: text(row, 'function_keyspace'),
    name: text(row, 'function_name'),
    arguments: Object.freeze(
      types.map((type, i) => Object.freeze({ type, value: nulls[i] === true ? null : (values[i] ?? '') })),
    ),
  });
}

/**
 * Tables of the time before CQL 3 have columns that CQL does not show: without clustering key the server keeps one, and
 * a value, of its own beside static columns that are the real ones; with one, a value of no type if there is none.
 */
function withoutHidden(columns: readonly ColumnMetadata[], isDense: boolean): ColumnMetadata[] {
  if (isDense) return columns.filter((column) => column.type !== 'empty');
  return columns
    .filter(({ kind }) => kind === 'partition_key' || kind === 'static')
    .map((column) => (column.kind === 'static' ? Object.freeze({ ...column, kind: 'regular' as const }) : column));
}

function primaryKeyOf(columns: readonly ColumnMetadata[], rows: readonly SystemRow[]): PrimaryKey {
  const named = (kind: ColumnKind): string[] =>
    columns.filter((column) => column.kind === kind).map((column) => column.name);
  const descending = new Set(
    rows.filter((row) => row['clustering_order'] === 'desc').map((row) => text(row, 'column_name')),
  );
  const clusteringKey = named('clustering');
  return {
    partitionKey: named('partition_key'),
    clusteringKey,
    clusteringOrder: clusteringKey.map((name) => (descending.has(name) ? 'DESC' : 'ASC')),
  };
}

// ---- options, indexes, triggers -------------------------------------------------------------------------------------

/** Null means that the option was never set, or that the server leaves it out where the feature is off. */
function optionsOf(row: SystemRow): TableOptions {
  const entries = TABLE_OPTION_NAMES.flatMap((name): [string, unknown][] => {
    const value = row[name];
    if (value === null || value === undefined) return [];
    return [[name, value instanceof Map ? Object.freeze(textMap(row, name)) : value]];
  });
  return Object.fromEntries(entries);
}

function indexOf(row: SystemRow): IndexMetadata {
  const { target = '', class_name: className = null, ...options } = textMap(row, 'options');
  return new IndexMetadata({
    keyspace: text(row, 'keyspace_name'),
    table: text(row, 'table_name'),
    name: text(row, 'index_name'),
    kind: text(row, 'kind'),
    target,
    className,
    options,
  });
}

function triggerOf(row: SystemRow): TriggerMetadata {
  return new TriggerMetadata({
    keyspace: text(row, 'keyspace_name'),
    table: text(row, 'table_name'),
    name: text(row, 'trigger_name'),
    className: textMap(row, 'options')['class'] ?? '',
  });
}

// ---- types, functions, aggregates ------------------------------------------------------------------------------------

export function userTypeOf(row: SystemRow): UserTypeMetadata {
  const types = texts(row, 'field_types');
  const fields = texts(row, 'field_names').map((name, i) => Object.freeze({ name, type: types[i] ?? '' }));
  return new UserTypeMetadata(text(row, 'keyspace_name'), text(row, 'type_name'), fields);
}

export function functionOf(row: SystemRow): FunctionMetadata {
  return new FunctionMetadata({
    keyspace: text(row, 'keyspace_name'),
    name: text(row, 'function_name'),
    argumentNames: texts(row, 'argument_names'),
    argumentTypes: texts(row, 'argument_types'),
    returnType: text(row, 'return_type'),
    language: text(row, 'language'),
    body: text(row, 'body'),
    calledOnNullInput: row['called_on_null_input'] === true,
  });
}

export function aggregateOf(row: SystemRow): AggregateMetadata {
  return new AggregateMetadata({
    keyspace: text(row, 'keyspace_name'),
    name: text(row, 'aggregate_name'),
    argumentTypes: texts(row, 'argument_types'),
    stateFunction: text(row, 'state_func'),
    stateType: text(row, 'state_type'),
    finalFunction: textOrNull(row, 'final_func'),
    initialCondition: textOrNull(row, 'initcond'),
    returnType: text(row, 'return_type'),
  });
}
