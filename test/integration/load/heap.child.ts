// 5 rounds of 10,000 queries, the heap after each round's collection:
//   node --expose-gc heap.child.ts <cluster options as JSON> <keyspace>
import { AsyncCluster, type AsyncClusterOptions } from '../../../src/index.js';
import { tell } from '../../support/child.js';

const [options = '{}', keyspace = ''] = process.argv.slice(2);
const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('Run this with --expose-gc');

const cluster = new AsyncCluster(JSON.parse(options) as AsyncClusterOptions);
const session = await cluster.connect(keyspace);
const select = 'SELECT id, a, b FROM w WHERE id = ?';
const lasting = new AbortController();
await session.execute(select, [1]);

const heaps: number[] = [];
for (let round = 0; round <= 5; round++) {
  for (let from = 0; from < 10_000; from += 1000) {
    await Promise.all(
      Array.from({ length: 1000 }, async (_, at) => {
        const id = from + at;
        // Errors, signals and plain queries leave nothing behind either.
        if (id % 100 === 0) await session.execute('SELECT * FROM nowhere').catch(() => undefined);
        else if (id % 10 === 0) await session.execute(`SELECT a FROM w WHERE id = ${String(id)}`);
        else if (id % 2 === 0) await session.execute(select, [id], { signal: lasting.signal });
        else await session.execute(select, [id]);
      }),
    );
  }
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  collect();
  heaps.push(process.memoryUsage().heapUsed);
}
await cluster.shutdown();
await tell({ heaps });
process.disconnect();
