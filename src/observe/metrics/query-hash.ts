import { cryptoModule } from '../../util/crypto.js';

const KEPT = 2000;

/** The hashes of texts, each worked out once as long as it is one of the latest. */
export class QueryHashes {
  readonly #known = new Map<string, string>();

  /**
   * 16 hexadecimal digits, the same for the same text in every process. `shown` gives what is hashed: a text without
   * its secrets, say.
   */
  of(text: string, shown: () => string = () => text): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const hash = cryptoModule().createHash('sha256').update(shown()).digest('hex').slice(0, 16);
    // Texts with values in them never come again: forgetting all now and then costs less than an order of use.
    if (this.#known.size >= KEPT) this.#known.clear();
    this.#known.set(text, hash);
    return hash;
  }
}
