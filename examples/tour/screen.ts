/** What the tour prints. */
export function heading(text: string): void {
  console.log(`\n== ${text}`);
}

export function line(text: string): void {
  console.log(`   ${text}`);
}

/** A bar that is drawn over itself on a terminal, and printed now and then elsewhere. */
export class Progress {
  readonly #label: string;
  readonly #total: number;
  #shown = -1;

  constructor(label: string, total: number) {
    this.#label = label;
    this.#total = total;
  }

  update(done: number): void {
    const tenth = Math.floor((done / this.#total) * 10);
    if (tenth === this.#shown) return;
    this.#shown = tenth;
    const bar = '#'.repeat(tenth * 2).padEnd(20, '.');
    const text = `   ${this.#label} [${bar}] ${done.toLocaleString('en')} of ${this.#total.toLocaleString('en')}`;
    if (process.stdout.isTTY) process.stdout.write(`\r${text}${done >= this.#total ? '\n' : ''}`);
    else if (tenth % 5 === 0) console.log(text);
  }
}
