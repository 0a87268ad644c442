import { readText } from './read-text.js';

/** So many names of a column are known by heart, each no longer than this. */
const MOST_NAMES = 32;
const LONGEST_NAME = 32;
/** After so many names more that were others than names that were the same, nothing is compared any more. */
const PATIENCE = 100;

/**
 * The keys of a column's maps, which mostly are the same few names, in the same order (servers sort them): a name that
 * stands where it stood before is the same string, whose hash the engine knows. Making each anew took a quarter of the
 * time of a Map of ten, and half of that of an object.
 */
export class KeyNames {
  readonly #names: string[] = [];
  #patience = PATIENCE;

  /** The UTF-8 text in `[offset, offset + length)`, which is the key at `position` in its map. */
  read(buffer: Buffer, offset: number, length: number, position: number): string {
    if (this.#patience === 0 || position >= MOST_NAMES) return readText(buffer, offset, length);
    const known = this.#names[position];
    if (known !== undefined && isThere(known, buffer, offset, length)) {
      if (this.#patience < PATIENCE) this.#patience++;
      return known;
    }
    this.#patience--;
    const name = readText(buffer, offset, length);
    // As many characters as bytes: all are ASCII, and can be compared with bytes. No place before it is left out.
    if (name.length === length && length <= LONGEST_NAME && position <= this.#names.length) {
      this.#names[position] = name;
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
