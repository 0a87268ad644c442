/** A real node that a run's test files share. */

import { after } from 'node:test';
import { startCassandra, type EmbeddedCassandra } from '../../src/embedded/index.js';

/** Where a shared node listens. */
export interface SharedCassandra {
  readonly contactPoints: string[];
  readonly port: number;
  readonly localDatacenter: string;
}

const started = new Map<string, Promise<EmbeddedCassandra>>();

/**
 * The node of that version that the test runner has started (ASYNC_CASSANDRA_TEST_NODES: JSON of SharedCassandra by
 * version), or one that this process starts once and stops when its tests have ended.
 */
export async function sharedCassandra(version = '5.0'): Promise<SharedCassandra> {
  const given = process.env['ASYNC_CASSANDRA_TEST_NODES'];
  if (given !== undefined && given !== '') {
    const nodes = JSON.parse(given) as Record<string, SharedCassandra | undefined>;
    const node = nodes[version];
    if (node !== undefined) return node;
  }
  let starting = started.get(version);
  if (starting === undefined) {
    starting = startCassandra({ version });
    started.set(version, starting);
  }
  const { contactPoints, port, localDatacenter } = await starting;
  return { contactPoints, port, localDatacenter };
}

// At the root of the file that imports this: after all of its tests.
after(async () => {
  for (const starting of started.values()) await (await starting.catch(() => undefined))?.stop();
});
