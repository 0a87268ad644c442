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
  readonly #pending = new Map<string, Promise<T>>();
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

  /**
   * The statement, made by `prepare` if it is missing. Callers of the same text share one preparation; one that gives up
   * (see the abort signal of the session) leaves it to the others.
   */
  obtain(query: string, keyspace: string | null, prepare: () => Promise<T>): Promise<T> {
    const known = this.get(query, keyspace);
    if (known !== undefined) return Promise.resolve(known);
    const key = keyspace === null ? query : `${keyspace}\0${query}`;
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      // Known before it begins: whoever is told of the preparation may ask for the same statement.
      let begin: (work: Promise<T>) => void = () => undefined;
      const work = new Promise<T>((resolve) => {
        begin = resolve;
      });
      pending = work.then(
        (made) => {
          this.#pending.delete(key);
          if (this.#isUsable(made)) this.#add(query, keyspace, made);
          return made;
        },
        (error: unknown) => {
          this.#pending.delete(key);
          throw error;
        },
      );
      this.#pending.set(key, pending);
      begin(prepare());
    }
    return pending;
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
