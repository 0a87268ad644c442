import type { AsyncCassandraSession } from '../../src/index.js';

/** Resolves when a request is answered again; rejects with its error if none is within that time. */
export async function served(session: AsyncCassandraSession, withinMs: number): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    try {
      await session.execute('SELECT key FROM system.local');
      return;
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
