import type { SchemaChange } from '../protocol/messages/index.js';
import type { AggregateMetadata } from '../topology/schema/aggregate-metadata.js';
import type { FunctionMetadata } from '../topology/schema/function-metadata.js';
import type { KeyspaceMetadata } from '../topology/schema/keyspace-metadata.js';
import type { TableMetadata } from '../topology/schema/table-metadata.js';
import { findOverload } from '../topology/schema/type-text.js';
import type { UserTypeMetadata } from '../topology/schema/user-type-metadata.js';
import type { MaterializedViewMetadata } from '../topology/schema/view-metadata.js';
import { throwIfAborted } from '../util/abort.js';
import { SchemaReader, type Ask } from './schema-reader.js';
import { SchemaShelf } from './schema-shelf.js';

/** Tables, views, types and functions kept, of each; and the same of whole keyspaces, counted by what is in them. */
const MAX_KEPT = 1000;
const MAX_KEPT_IN_KEYSPACES = 4000;

/** Keyspaces read at a time when all are asked for: each is some ten queries on the one control connection. */
const KEYSPACES_AT_A_TIME = 4;

/**
 * The schema, read when it is asked for and kept until an event says that it changed. A table is read by itself; a
 * keyspace with all that is in it. Memory is bounded: what is used least goes, and a keyspace of more than some
 * thousand tables is read anew each time.
 */
export class SchemaCache {
  readonly #reader: SchemaReader;
  readonly #names = new SchemaShelf<readonly string[]>(1);
  readonly #keyspaces = new SchemaShelf<KeyspaceMetadata>(MAX_KEPT_IN_KEYSPACES, sizeOf);
  readonly #tables = new SchemaShelf<TableMetadata>(MAX_KEPT);
  readonly #views = new SchemaShelf<MaterializedViewMetadata>(MAX_KEPT);
  readonly #userTypes = new SchemaShelf<UserTypeMetadata>(MAX_KEPT);
  readonly #functions = new SchemaShelf<readonly FunctionMetadata[]>(MAX_KEPT);
  readonly #aggregates = new SchemaShelf<readonly AggregateMetadata[]>(MAX_KEPT);

  constructor(ask: Ask) {
    this.#reader = new SchemaReader(ask);
  }

  // ---- what is asked for -------------------------------------------------------------------------------------------

  keyspace(name: string): Promise<KeyspaceMetadata | null> {
    return this.#keyspaces.get(name, '', () => this.#reader.keyspace(name));
  }

  /** All keyspaces, by name. Once `signal` is aborted no further one is read. */
  async keyspaces(signal?: AbortSignal): Promise<Map<string, KeyspaceMetadata>> {
    const names = (await this.#names.get('', '', () => this.#reader.keyspaceNames())) ?? [];
    const found = new Map<string, KeyspaceMetadata | null>(names.map((name) => [name, null]));
    const left = [...names];
    const lane = async (): Promise<void> => {
      for (let name = left.shift(); name !== undefined; name = left.shift()) {
        throwIfAborted(signal);
        found.set(name, await this.keyspace(name));
      }
    };
    const stop = (error: unknown): never => {
      left.length = 0;
      throw error;
    };
    await Promise.all(Array.from({ length: KEYSPACES_AT_A_TIME }, () => lane().catch(stop)));
    return new Map([...found].filter((entry): entry is [string, KeyspaceMetadata] => entry[1] !== null));
  }

  async table(keyspace: string, name: string): Promise<TableMetadata | null> {
    const known = await this.#keyspaces.peek(keyspace, '');
    return known?.tables.get(name) ?? this.#tables.get(keyspace, name, () => this.#reader.table(keyspace, name));
  }

  async view(keyspace: string, name: string): Promise<MaterializedViewMetadata | null> {
    const known = await this.#keyspaces.peek(keyspace, '');
    return known?.views.get(name) ?? this.#views.get(keyspace, name, () => this.#reader.view(keyspace, name));
  }

  async userType(keyspace: string, name: string): Promise<UserTypeMetadata | null> {
    const known = await this.#keyspaces.peek(keyspace, '');
    return (
      known?.userTypes.get(name) ?? this.#userTypes.get(keyspace, name, () => this.#reader.userType(keyspace, name))
    );
  }

  async function(keyspace: string, name: string, argumentTypes: readonly string[]): Promise<FunctionMetadata | null> {
    const overloads = await this.#functions.get(keyspace, name, () => this.#reader.functions(keyspace, name));
    return findOverload(overloads ?? [], argumentTypes);
  }

  async aggregate(keyspace: string, name: string, argumentTypes: readonly string[]): Promise<AggregateMetadata | null> {
    const overloads = await this.#aggregates.get(keyspace, name, () => this.#reader.aggregates(keyspace, name));
    return findOverload(overloads ?? [], argumentTypes);
  }

  // ---- what is no longer true --------------------------------------------------------------------------------------

  /** Drops what the change makes stale, and no more. */
  onEvent({ change, target, keyspace, name }: SchemaChange): void {
    // A whole keyspace is a picture of all that is in it.
    this.#keyspaces.drop(keyspace, '');
    if (target === 'KEYSPACE') {
      if (change === 'UPDATED') return;
      this.#names.clear();
      this.#dropAllOf(keyspace);
    } else if (name === undefined) this.#dropAllOf(keyspace);
    else this.#dropOne(target, keyspace, name);
  }

  #dropOne(target: string, keyspace: string, name: string): void {
    switch (target) {
      case 'TABLE':
        // Views are announced as tables.
        this.#tables.drop(keyspace, name);
        this.#views.drop(keyspace, name);
        return;
      case 'TYPE':
        this.#userTypes.drop(keyspace, name);
        return;
      case 'FUNCTION':
        this.#functions.drop(keyspace, name);
        return;
      case 'AGGREGATE':
        this.#aggregates.drop(keyspace, name);
        return;
      default:
        // Something of a later server: what it touches is not known.
        this.#dropAllOf(keyspace);
    }
  }

  #dropAllOf(keyspace: string): void {
    for (const shelf of this.#contents()) shelf.dropKeyspace(keyspace);
  }

  /** Forgets everything: events may have been missed, and another node may answer from now on. */
  clear(): void {
    this.#reader.forgetServer();
    this.#names.clear();
    this.#keyspaces.clear();
    for (const shelf of this.#contents()) shelf.clear();
  }

  /** What is in keyspaces, shelf by shelf. */
  #contents(): readonly Pick<SchemaShelf<never>, 'dropKeyspace' | 'clear'>[] {
    return [this.#tables, this.#views, this.#userTypes, this.#functions, this.#aggregates];
  }
}

function sizeOf(keyspace: KeyspaceMetadata): number {
  const { tables, views, userTypes, functions, aggregates } = keyspace;
  return tables.size + views.size + userTypes.size + functions.length + aggregates.length;
}
