/** A value that is being read, or was. */
interface Cell<T> {
  readonly keyspace: string;
  readonly value: Promise<T | null>;
  /** 0 while it is being read. */
  weight: number;
}

/** How often a read is begun again because its subject changed meanwhile; then its last outcome has to do. */
const MAX_READS = 3;

/**
 * Keeps what was read under a keyspace and a name until it is dropped, the least recently used going first when
 * `maxWeight` is passed. Calls for the same share one read. A read that is dropped while it is under way is not kept and
 * goes again, so that its callers too get what is true now. What does not exist is not kept.
 */
export class SchemaShelf<T> {
  readonly #maxWeight: number;
  readonly #weigh: (value: T) => number;
  readonly #cells = new Map<string, Cell<T>>();
  #weight = 0;

  constructor(maxWeight: number, weigh: (value: T) => number = () => 1) {
    this.#maxWeight = maxWeight;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#cells.size;
  }

  get(keyspace: string, name: string, read: () => Promise<T | null>): Promise<T | null> {
    return this.#get(keyspace, name, read, 1);
  }

  #get(keyspace: string, name: string, read: () => Promise<T | null>, attempt: number): Promise<T | null> {
    const key = keyOf(keyspace, name);
    const known = this.#cells.get(key);
    if (known !== undefined) {
      // The end of the map is what was used last.
      this.#cells.delete(key);
      this.#cells.set(key, known);
      return known.value;
    }
    const run = async (): Promise<T | null> => {
      try {
        const value = await read();
        if (this.#cells.get(key) === cell) this.#keep(key, cell, value);
        else if (attempt < MAX_READS) return await this.#get(keyspace, name, read, attempt + 1);
        return value;
      } catch (error) {
        if (this.#cells.get(key) === cell) this.#cells.delete(key);
        throw error;
      }
    };
    const cell: Cell<T> = { keyspace, value: Promise.resolve().then(run), weight: 0 };
    this.#cells.set(key, cell);
    return cell.value;
  }

  /** What is kept, if it has been read to its end; undefined if not. */
  peek(keyspace: string, name: string): Promise<T | null> | undefined {
    const cell = this.#cells.get(keyOf(keyspace, name));
    return cell === undefined || cell.weight === 0 ? undefined : cell.value;
  }

  #keep(key: string, cell: Cell<T>, value: T | null): void {
    const weight = value === null ? Infinity : Math.max(1, this.#weigh(value));
    if (weight > this.#maxWeight) {
      this.#cells.delete(key);
      return;
    }
    cell.weight = weight;
    this.#weight += weight;
    for (const [oldKey, old] of this.#cells) {
      if (this.#weight <= this.#maxWeight) return;
      // What is being read weighs nothing yet, and has its callers.
      if (old.weight > 0 && old !== cell) this.#remove(oldKey, old);
    }
  }

  #remove(key: string, cell: Cell<T>): void {
    this.#cells.delete(key);
    this.#weight -= cell.weight;
  }

  drop(keyspace: string, name: string): void {
    const key = keyOf(keyspace, name);
    const cell = this.#cells.get(key);
    if (cell !== undefined) this.#remove(key, cell);
  }

  dropKeyspace(keyspace: string): void {
    for (const [key, cell] of this.#cells) if (cell.keyspace === keyspace) this.#remove(key, cell);
  }

  clear(): void {
    this.#cells.clear();
    this.#weight = 0;
  }
}

function keyOf(keyspace: string, name: string): string {
  return JSON.stringify([keyspace, name]);
}
