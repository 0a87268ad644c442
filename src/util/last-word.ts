/** Of pieces of work that run at the same time and may overtake one another, the one that was begun last counts. */
export class LastWord {
  #begun = 0;
  #taken = 0;

  /** The number of a piece of work that begins now. */
  begin(): number {
    return ++this.#begun;
  }

  /** True if what this piece of work found is to be taken over: none that was begun later was before it. */
  take(work: number): boolean {
    if (work < this.#taken) return false;
    this.#taken = work;
    return true;
  }
}
