import { readText } from './read-text.js';

/** So many names of a column are known by heart, each no longer than this. */
const MOST_NAMES = 32;
const LONGEST_NAME = 32;
/** After so many names more that were others than names that were the same, nothing is compared any more. */
const PATIENCE = 100;

/**
 * The keys of a column's maps, which mostly are the same few names, in the same order (servers sort them): a name that
 * stands where it stood before is the same string, and one that the engine already knows as a property's name. Making
 * each anew took half of the time of a map of ten.
 */
export class KeyNames {
  readonly #names: string[] = [];
  #patience = PATIENCE;

  /** The UTF-8 text in `[offset, offset + length)`, which is the key at `position` in its map. */
  read(buffer: Buffer, offset: number, length: number, position: number): string {
    if (this.#patience === 0) return readText(buffer, offset, length);
    const known = this.#names[position];
    if (known !== undefined && isThere(known, buffer, offset, length)) {
      if (this.#patience < PATIENCE) this.#patience++;
      return known;
    }
    this.#patience--;
    const name = readText(buffer, offset, length);
    // As many characters as bytes: all are ASCII, so that characters can be compared with bytes.
    const isKept = name.length === length && length <= LONGEST_NAME;
    if (isKept && position <= this.#names.length && position < MOST_NAMES) {
      this.#names[position] = asPropertyName(name);
    }
    return name;
  }
}

/** True if the bytes are those of an ASCII text. */
function isThere(text: string, buffer: Buffer, offset: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) {
    if (text.charCodeAt(i) !== buffer[offset + i]) return false;
  }
  return true;
}

/** The string by which the engine itself knows a property of this name: it finds properties by it without a search. */
function asPropertyName(name: string): string {
  return Object.keys({ [name]: null })[0] ?? name;
}
