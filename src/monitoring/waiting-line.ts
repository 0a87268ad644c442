/** A place in a line. */
export interface PlaceInLine<T> {
  readonly item: T;
  previous: PlaceInLine<T> | null;
  next: PlaceInLine<T> | null;
  inLine: boolean;
}

/** First in, first out; whoever waits can leave from anywhere in the line at once. */
export class WaitingLine<T> {
  #first: PlaceInLine<T> | null = null;
  #last: PlaceInLine<T> | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  join(item: T): PlaceInLine<T> {
    const place: PlaceInLine<T> = { item, previous: this.#last, next: null, inLine: true };
    if (this.#last === null) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    this.#length++;
    return place;
  }

  /** Who has waited longest, taken out; undefined if nobody waits. */
  shift(): T | undefined {
    const place = this.#first;
    if (place === null) return undefined;
    this.leave(place);
    return place.item;
  }

  /** False if it had left before. */
  leave(place: PlaceInLine<T>): boolean {
    if (!place.inLine) return false;
    place.inLine = false;
    if (place.previous === null) this.#first = place.next;
    else place.previous.next = place.next;
    if (place.next === null) this.#last = place.previous;
    else place.next.previous = place.previous;
    this.#length--;
    return true;
  }
}
