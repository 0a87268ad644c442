const SMALLEST_CAPACITY = 16;

/** First in, first out, on a ring whose size is a power of two: no element is moved when the head leaves. */
export class RingQueue<T> {
  #slots: (T | undefined)[] = new Array<T | undefined>(SMALLEST_CAPACITY).fill(undefined);
  #mask = SMALLEST_CAPACITY - 1;
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length > this.#mask) this.#resize((this.#mask + 1) * 2);
    this.#slots[(this.#head + this.#length) & this.#mask] = item;
    this.#length++;
  }

  /** The oldest item, taken out; undefined if there is none. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const head = this.#head;
    const item = this.#slots[head];
    this.#slots[head] = undefined;
    this.#head = (head + 1) & this.#mask;
    this.#length--;
    return item;
  }

  /** Forgets every item, and the room that a burst made the ring grow to. */
  clear(): void {
    this.#slots = new Array<T | undefined>(SMALLEST_CAPACITY).fill(undefined);
    this.#mask = SMALLEST_CAPACITY - 1;
    this.#head = 0;
    this.#length = 0;
  }

  #resize(capacity: number): void {
    const slots = new Array<T | undefined>(capacity).fill(undefined);
    for (let i = 0; i < this.#length; i++) slots[i] = this.#slots[(this.#head + i) & this.#mask];
    this.#slots = slots;
    this.#mask = capacity - 1;
    this.#head = 0;
  }
}
