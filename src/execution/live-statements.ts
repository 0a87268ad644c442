import type { PreparedQuery } from '../statement/prepared-query.js';

/**
 * Every prepared statement that somebody may still execute: those that the cache keeps, and those that only a user's
 * program holds. None is kept alive by being listed here.
 */
export class LiveStatements implements Iterable<PreparedQuery> {
  readonly #references = new Set<WeakRef<PreparedQuery>>();
  readonly #collected = new FinalizationRegistry<WeakRef<PreparedQuery>>((reference) => {
    this.#references.delete(reference);
  });

  add(statement: PreparedQuery): void {
    const reference = new WeakRef(statement);
    this.#references.add(reference);
    this.#collected.register(statement, reference);
  }

  *[Symbol.iterator](): Generator<PreparedQuery, void, undefined> {
    for (const reference of this.#references) {
      const statement = reference.deref();
      if (statement !== undefined) yield statement;
    }
  }
}
