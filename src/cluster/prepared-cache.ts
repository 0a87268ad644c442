/**
 * Statements that were prepared, least recently used out first, each prepared once however many ask at the same time.
 * A failed preparation is not kept.
 */
export class PreparedCache<T> {
  readonly #capacity: number;
  /** In order of use: a Map keeps the order of insertion. */
  readonly #entries = new Map<string, T>();
  readonly #pending = new Map<string, Promise<T>>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  values(): Iterable<T> {
    return this.#entries.values();
  }

  /** The entry if it is there; it counts as used then. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // Moving it to the end costs two map operations; not needed while nothing is ever thrown out.
    if (this.#entries.size * 2 > this.#capacity) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry;
  }

  /**
   * The entry, made by `prepare` if it is missing. Callers of the same key share one preparation; one that gives up
   * (see the abort signal of the session) leaves it to the others.
   */
  obtain(key: string, prepare: () => Promise<T>): Promise<T> {
    const entry = this.get(key);
    if (entry !== undefined) return Promise.resolve(entry);
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = prepare().then(
        (made) => {
          this.#pending.delete(key);
          this.#add(key, made);
          return made;
        },
        (error: unknown) => {
          this.#pending.delete(key);
          throw error;
        },
      );
      this.#pending.set(key, pending);
    }
    return pending;
  }

  #add(key: string, entry: T): void {
    this.#entries.set(key, entry);
    if (this.#entries.size <= this.#capacity) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }

  /** Forgets the entry, if it is still this one that is kept. */
  forget(key: string, entry: T): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
