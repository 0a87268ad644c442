// Streams that are opened, read a little or not at all, and forgotten: what is left of them after a collection?
//   node --expose-gc forgotten.child.ts <cluster options as JSON> <keyspace>
import { setTimeout as delay } from 'node:timers/promises';
import { AsyncCluster, type AsyncClusterOptions } from '../../../src/index.js';
import { tell } from '../../support/child.js';

const [options = '{}', keyspace = ''] = process.argv.slice(2);
const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('Run this with --expose-gc');
const gc: () => void = collect;

const cluster = new AsyncCluster(JSON.parse(options) as AsyncClusterOptions);
const session = await cluster.connect(keyspace);
/** Lives longer than every stream, as a server's own signal does. */
const lasting = new AbortController();

const STREAMS = 50;
const refs: WeakRef<object>[] = [];

async function forget(reads: number, withSignal: boolean): Promise<void> {
  const stream = await session.executeStream('SELECT c, name FROM wide WHERE p = 1', undefined, {
    fetchSize: 200,
    timeoutMs: 3_600_000,
    ...(withSignal ? { signal: lasting.signal } : {}),
  });
  refs.push(new WeakRef(stream));
  if (reads === 0) return;
  const iterator = stream[Symbol.asyncIterator]();
  for (let at = 0; at < reads; at++) {
    const { value } = await iterator.next();
    if (at === 0 && value !== undefined) refs.push(new WeakRef(value));
  }
}

gc();
const heapBefore = process.memoryUsage().heapUsed;
for (let at = 0; at < STREAMS; at++) {
  for (const reads of [0, 1, 250]) {
    await forget(reads, at % 2 === 0);
  }
}
// Pages that were asked for ahead come in; then nothing may be left.
let alive = refs.length;
for (let round = 0; round < 50 && alive > 0; round++) {
  await delay(20);
  gc();
  alive = refs.filter((ref) => ref.deref() !== undefined).length;
}
const heapAfter = process.memoryUsage().heapUsed;
const begun = performance.now();
await cluster.shutdown({ drainTimeoutMs: 20_000 });
await tell({ made: refs.length, alive, heapGrowth: heapAfter - heapBefore, shutdownMs: performance.now() - begun });
process.disconnect();
