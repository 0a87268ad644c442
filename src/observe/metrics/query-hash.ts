import { createHash } from 'node:crypto';

const KEPT = 2000;

/** The hashes of texts, each worked out once as long as it is one of the latest. */
export class QueryHashes {
  readonly #known = new Map<string, string>();

  /** 16 hexadecimal digits, the same for the same text in every process. */
  of(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
    // Texts with values in them never come again: forgetting all now and then costs less than an order of use.
    if (this.#known.size >= KEPT) this.#known.clear();
    this.#known.set(text, hash);
    return hash;
  }
}
