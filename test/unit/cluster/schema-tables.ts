import type { Ask } from '../../../src/cluster/schema-reader.js';
import type { SystemRow } from '../../../src/cluster/system-query.js';

/** The schema tables in memory: what a reader asks of them, and when they answer. */
export class SchemaTables {
  readonly rows = new Map<string, SystemRow[]>();
  /** `table` or `table(parameters)`, in the order of asking. */
  readonly asked: string[] = [];
  #gate: Promise<void> | null = null;
  #open: () => void = () => undefined;

  readonly ask: Ask = async (query, parameters) => {
    const table = /FROM (\S+)/.exec(query)?.[1] ?? '';
    this.asked.push(`${table}(${parameters.join(',')})`);
    const columns = [...query.matchAll(/(\w+) = \?/g)].map((match) => match[1] ?? '');
    // What the server answers with is what it knew when it was asked.
    const found = (this.rows.get(table) ?? []).filter((row) => columns.every((name, i) => row[name] === parameters[i]));
    const answer = found.map((row) => ({ ...row }));
    await (this.#gate ?? Promise.resolve());
    return answer;
  };

  add(table: string, ...rows: SystemRow[]): void {
    this.rows.set(table, [...(this.rows.get(table) ?? []), ...rows]);
  }

  /** A table of one key column, and one more for each of `more`. */
  addTable(keyspace: string, name: string, ...more: string[]): void {
    this.add('system_schema.tables', { keyspace_name: keyspace, table_name: name, flags: new Set(['compound']) });
    this.addColumn(keyspace, name, 'id', 'partition_key');
    for (const column of more) this.addColumn(keyspace, name, column);
  }

  addColumn(keyspace: string, table: string, name: string, kind = 'regular'): void {
    this.add('system_schema.columns', {
      keyspace_name: keyspace,
      table_name: table,
      column_name: name,
      kind,
      position: kind === 'regular' ? -1 : 0,
      type: 'int',
      clustering_order: 'none',
    });
  }

  addKeyspace(name: string): void {
    this.add('system_schema.keyspaces', {
      keyspace_name: name,
      durable_writes: true,
      replication: new Map([['class', 'SimpleStrategy']]),
    });
  }

  removeKeyspace(name: string): void {
    for (const [table, rows] of this.rows) {
      this.rows.set(
        table,
        rows.filter((row) => row['keyspace_name'] !== name),
      );
    }
  }

  /** Answers wait from now on. */
  shut(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#gate = null;
    this.#open();
  }

  /** What was asked since the last call. */
  news(): string[] {
    return this.asked.splice(0);
  }
}
