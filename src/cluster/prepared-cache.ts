import { SharedWork } from '../util/shared-work.js';
import type { Limits } from '../util/within.js';

/** A kept statement, between the one that was used just after it and the one that was used just before it. */
interface Entry<T> {
  readonly query: string;
  readonly keyspace: string | null;
  readonly value: T;
  newer: Entry<T> | null;
  older: Entry<T> | null;
}

/**
 * Statements that were prepared, by their text and the keyspace that its names are meant in; least recently used out
 * first, each prepared once however many ask at the same time. A failed preparation is not kept, nor is one that was out
 * of date at once.
 *
 * Every request of a text comes by here: it costs two look-ups of strings whose hash is known, and two links.
 */
export class PreparedCache<T> {
  readonly #capacity: number;
  readonly #isUsable: (value: T) => boolean;
  readonly #keyspaces = new Map<string | null, Map<string, Entry<T>>>();
  readonly #pending = new Map<string, SharedWork<T>>();
  #newest: Entry<T> | null = null;
  #oldest: Entry<T> | null = null;
  #size = 0;

  constructor(capacity: number, isUsable: (value: T) => boolean = () => true) {
    this.#capacity = capacity;
    this.#isUsable = isUsable;
  }

  get size(): number {
    return this.#size;
  }

  /** In order of use: the one that was used last comes last. */
  *values(): Iterable<T> {
    for (let entry = this.#oldest; entry !== null; entry = entry.newer) yield entry.value;
  }

  /** The statement if it is there; it counts as used then. */
  get(query: string, keyspace: string | null): T | undefined {
    const entry = this.#keyspaces.get(keyspace)?.get(query);
    if (entry === undefined) return undefined;
    if (entry !== this.#newest) {
      this.#unlink(entry);
      this.#link(entry);
    }
    return entry.value;
  }

  /** True while somebody waits for the statement's preparation. */
  isPending(query: string, keyspace: string | null): boolean {
    return this.#pendingOf(keyOf(query, keyspace)) !== null;
  }

  /**
   * The statement, made by `prepare` if it is missing. Callers of the same text share one preparation; one whose limits
   * are reached leaves it to the others. When the last one has left, `prepare`'s signal is aborted: what it still makes is
   * kept, but who asks meanwhile begins another, for its answer may be lost.
   */
  obtain(
    query: string,
    keyspace: string | null,
    prepare: (signal: AbortSignal) => Promise<T>,
    limits: Limits<T> = {},
  ): Promise<T> {
    const known = this.get(query, keyspace);
    if (known !== undefined) return Promise.resolve(known);
    const pending = this.#pendingOf(keyOf(query, keyspace)) ?? this.#begin(query, keyspace, prepare);
    return pending.wait(limits);
  }

  #pendingOf(key: string): SharedWork<T> | null {
    const pending = this.#pending.get(key);
    return pending === undefined || pending.isAbandoned ? null : pending;
  }

  #begin(query: string, keyspace: string | null, prepare: (signal: AbortSignal) => Promise<T>): SharedWork<T> {
    const key = keyOf(query, keyspace);
    const work = new SharedWork<T>();
    // Known before it begins: whoever is told of the preparation may ask for the same statement.
    this.#pending.set(key, work);
    work.begin(async (signal) => {
      try {
        const made = await prepare(signal);
        if (this.#isUsable(made) && this.get(query, keyspace) === undefined) this.#add(query, keyspace, made);
        return made;
      } finally {
        if (this.#pending.get(key) === work) this.#pending.delete(key);
      }
    });
    return work;
  }

  /** Forgets the statement, if it is still this one that is kept. */
  forget(query: string, keyspace: string | null, value: T): void {
    const entry = this.#keyspaces.get(keyspace)?.get(query);
    if (entry?.value === value) this.#remove(entry);
  }

  #add(query: string, keyspace: string | null, value: T): void {
    const entry: Entry<T> = { query, keyspace, value, newer: null, older: null };
    let queries = this.#keyspaces.get(keyspace);
    if (queries === undefined) {
      queries = new Map();
      this.#keyspaces.set(keyspace, queries);
    }
    queries.set(query, entry);
    this.#size++;
    this.#link(entry);
    if (this.#size > this.#capacity && this.#oldest !== null) this.#remove(this.#oldest);
  }

  #remove(entry: Entry<T>): void {
    const queries = this.#keyspaces.get(entry.keyspace);
    queries?.delete(entry.query);
    if (queries?.size === 0) this.#keyspaces.delete(entry.keyspace);
    this.#size--;
    this.#unlink(entry);
  }

  #link(entry: Entry<T>): void {
    entry.newer = null;
    entry.older = this.#newest;
    if (this.#newest === null) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink({ newer, older }: Entry<T>): void {
    if (newer === null) this.#newest = older;
    else newer.older = older;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
  }
}

function keyOf(query: string, keyspace: string | null): string {
  return keyspace === null ? query : `${keyspace}\0${query}`;
}
