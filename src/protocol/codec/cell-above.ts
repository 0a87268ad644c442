/** Longer cells are not compared: a native call makes a string of them about as fast. */
const LONGEST_COMPARED = 128;
/**
 * A column whose cells differed so many times in a row is not compared any more: it costs most where it gains nothing,
 * and a column that repeats now and then gains little.
 */
const PATIENCE = 4;

/** Makes a string of bytes. */
export type ReadString = (buffer: Buffer, start: number, length: number) => string;

/**
 * The last text of one column: the next row's is often the same (a partition's key, a static column, a city), and a
 * string is immutable, so that rows can share one. That saves most of its time, and all of its memory.
 *
 * It lives as long as one call that decodes rows: the buffer gets other bytes afterwards.
 */
export class CellAbove {
  readonly #read: ReadString;
  #start = 0;
  #length = -1;
  #misses = 0;
  #text = '';

  constructor(read: ReadString) {
    this.#read = read;
  }

  /** The cells of this column differ: comparing the next one is hardly worth it. */
  get isHopeless(): boolean {
    return this.#misses >= PATIENCE;
  }

  /** The text of a cell of the next row; `view` shows the bytes of `buffer`. */
  textOf(buffer: Buffer, view: DataView, start: number, length: number): string {
    if (length === this.#length && areSame(view, start, this.#start, length)) {
      this.#misses = 0;
      return this.#text;
    }
    this.#misses++;
    this.#text = this.#read(buffer, start, length);
    this.#start = start;
    this.#length = length > LONGEST_COMPARED ? -1 : length;
    return this.#text;
  }
}

/**
 * From the end: texts that differ often begin with the same characters (numbers, names with a prefix, times).
 * Four bytes at a time; the first four may be compared twice.
 */
function areSame(view: DataView, start: number, other: number, length: number): boolean {
  if (length < 4) {
    for (let at = length - 1; at >= 0; at--) {
      if (view.getInt8(start + at) !== view.getInt8(other + at)) return false;
    }
    return true;
  }
  for (let at = length - 4; at > 0; at -= 4) {
    if (view.getInt32(start + at) !== view.getInt32(other + at)) return false;
  }
  return view.getInt32(start) === view.getInt32(other);
}
