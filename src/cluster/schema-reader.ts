import type { AggregateMetadata } from '../topology/schema/aggregate-metadata.js';
import type { FunctionMetadata } from '../topology/schema/function-metadata.js';
import { KeyspaceMetadata } from '../topology/schema/keyspace-metadata.js';
import type { TableMetadata } from '../topology/schema/table-metadata.js';
import type { UserTypeMetadata } from '../topology/schema/user-type-metadata.js';
import type { MaterializedViewMetadata } from '../topology/schema/view-metadata.js';
import { aggregateOf, functionOf, tableOf, userTypeOf, viewOf, type TableParts } from './schema-rows.js';
import { text, textMap, type SystemRow } from './system-query.js';

/** Runs a query on the schema tables; parameters are text values for its `?` markers. */
export type Ask = (query: string, parameters: readonly string[]) => Promise<readonly SystemRow[]>;

const NO_ROWS: readonly SystemRow[] = [];
const NO_PARTS: TableParts = { columns: NO_ROWS, masks: NO_ROWS, indexes: NO_ROWS, triggers: NO_ROWS };

/**
 * Reads the schema tables, each time anew and no more of them than is asked for: all of them are partitioned by
 * keyspace and ordered by name. Columns are not listed, for every version has others.
 */
export class SchemaReader {
  readonly #ask: Ask;
  #hasMasks: Promise<boolean> | null = null;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Another node may answer from now on, one of another version. */
  forgetServer(): void {
    this.#hasMasks = null;
  }

  /** All keyspaces, virtual ones included. */
  async keyspaceNames(): Promise<readonly string[]> {
    const [real, virtual] = await Promise.all([
      this.#ask('SELECT keyspace_name FROM system_schema.keyspaces', []),
      this.#ask('SELECT keyspace_name FROM system_virtual_schema.keyspaces', []),
    ]);
    return [...real, ...virtual].map((row) => text(row, 'keyspace_name'));
  }

  async keyspace(name: string): Promise<KeyspaceMetadata | null> {
    const [row] = await this.#in('system_schema.keyspaces', name);
    if (row === undefined) return this.#virtualKeyspace(name);
    const [tables, views, columns, masks, indexes, triggers, types, functions, aggregates] = await Promise.all([
      this.#in('system_schema.tables', name),
      this.#in('system_schema.views', name),
      this.#in('system_schema.columns', name),
      this.#masks(name),
      this.#in('system_schema.indexes', name),
      this.#in('system_schema.triggers', name),
      this.#in('system_schema.types', name),
      this.#in('system_schema.functions', name),
      this.#in('system_schema.aggregates', name),
    ]);
    const partsOf = grouped({ columns, masks, indexes, triggers });
    return new KeyspaceMetadata({
      name,
      replication: textMap(row, 'replication'),
      durableWrites: row['durable_writes'] === true,
      fastPath: row['fast_path'] instanceof Map ? textMap(row, 'fast_path') : null,
      isVirtual: false,
      tables: whole(tables.map((table) => tableOf(table, partsOf(text(table, 'table_name')), false))),
      views: whole(views.map((view) => viewOf(view, partsOf(text(view, 'view_name'))))),
      userTypes: types.map(userTypeOf),
      functions: functions.map(functionOf),
      aggregates: aggregates.map(aggregateOf),
    });
  }

  async #virtualKeyspace(name: string): Promise<KeyspaceMetadata | null> {
    const [[row], tables, columns] = await Promise.all([
      this.#in('system_virtual_schema.keyspaces', name),
      this.#in('system_virtual_schema.tables', name),
      this.#in('system_virtual_schema.columns', name),
    ]);
    if (row === undefined) return null;
    const partsOf = grouped({ ...NO_PARTS, columns });
    return new KeyspaceMetadata({
      name,
      replication: {},
      durableWrites: false,
      fastPath: null,
      isVirtual: true,
      tables: whole(tables.map((table) => tableOf(table, partsOf(text(table, 'table_name')), true))),
      views: [],
      userTypes: [],
      functions: [],
      aggregates: [],
    });
  }

  async table(keyspace: string, name: string): Promise<TableMetadata | null> {
    const [[row], columns, masks, indexes, triggers] = await Promise.all([
      this.#of('system_schema.tables', 'table_name', keyspace, name),
      this.#of('system_schema.columns', 'table_name', keyspace, name),
      this.#masks(keyspace, name),
      this.#of('system_schema.indexes', 'table_name', keyspace, name),
      this.#of('system_schema.triggers', 'table_name', keyspace, name),
    ]);
    if (row === undefined) return this.#virtualTable(keyspace, name);
    return tableOf(row, { columns, masks, indexes, triggers }, false);
  }

  async #virtualTable(keyspace: string, name: string): Promise<TableMetadata | null> {
    const [[row], columns] = await Promise.all([
      this.#of('system_virtual_schema.tables', 'table_name', keyspace, name),
      this.#of('system_virtual_schema.columns', 'table_name', keyspace, name),
    ]);
    return row === undefined ? null : tableOf(row, { ...NO_PARTS, columns }, true);
  }

  async view(keyspace: string, name: string): Promise<MaterializedViewMetadata | null> {
    const [[row], columns, masks] = await Promise.all([
      this.#of('system_schema.views', 'view_name', keyspace, name),
      this.#of('system_schema.columns', 'table_name', keyspace, name),
      this.#masks(keyspace, name),
    ]);
    return row === undefined ? null : viewOf(row, { ...NO_PARTS, columns, masks });
  }

  async userType(keyspace: string, name: string): Promise<UserTypeMetadata | null> {
    const [row] = await this.#of('system_schema.types', 'type_name', keyspace, name);
    return row === undefined ? null : userTypeOf(row);
  }

  /** All functions of that name; null if there is none. */
  async functions(keyspace: string, name: string): Promise<readonly FunctionMetadata[] | null> {
    const rows = await this.#of('system_schema.functions', 'function_name', keyspace, name);
    return rows.length === 0 ? null : rows.map(functionOf);
  }

  /** All aggregates of that name; null if there is none. */
  async aggregates(keyspace: string, name: string): Promise<readonly AggregateMetadata[] | null> {
    const rows = await this.#of('system_schema.aggregates', 'aggregate_name', keyspace, name);
    return rows.length === 0 ? null : rows.map(aggregateOf);
  }

  async #in(table: string, keyspace: string): Promise<readonly SystemRow[]> {
    // Nothing has such a name, but asking for it is an error.
    if (keyspace === '') return NO_ROWS;
    return this.#ask(`SELECT * FROM ${table} WHERE keyspace_name = ?`, [keyspace]);
  }

  async #of(table: string, column: string, keyspace: string, name: string): Promise<readonly SystemRow[]> {
    if (keyspace === '') return NO_ROWS;
    return this.#ask(`SELECT * FROM ${table} WHERE keyspace_name = ? AND ${column} = ?`, [keyspace, name]);
  }

  /** The masks of one table, or of all in the keyspace. Only servers from 5.0 on have a table of them. */
  async #masks(keyspace: string, table?: string): Promise<readonly SystemRow[]> {
    this.#hasMasks ??= this.#looksForMasks();
    if (!(await this.#hasMasks)) return NO_ROWS;
    const masks = 'system_schema.column_masks';
    return table === undefined ? this.#in(masks, keyspace) : this.#of(masks, 'table_name', keyspace, table);
  }

  async #looksForMasks(): Promise<boolean> {
    try {
      const rows = await this.#ask(
        'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?',
        ['system_schema', 'column_masks'],
      );
      return rows.length > 0;
    } catch (error) {
      this.#hasMasks = null;
      throw error;
    }
  }
}

/** The parts of each table or view of a keyspace. */
function grouped(parts: TableParts): (name: string) => TableParts {
  const columns = byTable(parts.columns);
  const masks = byTable(parts.masks);
  const indexes = byTable(parts.indexes);
  const triggers = byTable(parts.triggers);
  return (name) => ({
    columns: columns.get(name) ?? NO_ROWS,
    masks: masks.get(name) ?? NO_ROWS,
    indexes: indexes.get(name) ?? NO_ROWS,
    triggers: triggers.get(name) ?? NO_ROWS,
  });
}

function byTable(rows: readonly SystemRow[]): ReadonlyMap<string, SystemRow[]> {
  const groups = new Map<string, SystemRow[]>();
  for (const row of rows) {
    const name = text(row, 'table_name');
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups;
}

function whole<T>(list: readonly (T | null)[]): T[] {
  return list.filter((one) => one !== null);
}
