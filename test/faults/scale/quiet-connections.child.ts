// What the buffers of busy connections come to, and those of the same connections when they are quiet again:
//   node --expose-gc quiet-connections.child.ts <cluster options as JSON> <connections> <query> <bytes allowed for each>
import { AsyncCluster, type AsyncClusterOptions } from '../../../src/index.js';
import { tell } from '../../support/child.js';

const [options = '{}', connections = '1', query = '', allowed = '0'] = process.argv.slice(2);
const count = Number(connections);
const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('Run this with --expose-gc');

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Buffers that a collection found dead are let go behind its back: what is kept is the least that is seen. */
async function buffersBytes(): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 5; i++) {
    collect?.();
    await pause(10);
    least = Math.min(least, process.memoryUsage().arrayBuffers);
  }
  return least;
}

const cluster = new AsyncCluster({
  ...(JSON.parse(options) as AsyncClusterOptions),
  idleHeartbeatIntervalMs: 500,
  pooling: { connectionsPerLocalHost: count },
});
const session = await cluster.connect();
// One connection more is the control connection.
while (cluster.statistics.totals.connectionsOpened < count + 1) await pause(10);
const fresh = await buffersBytes();
await Promise.all(Array.from({ length: 20 * count }, () => session.execute(query)));
const busy = await buffersBytes();
let quiet = busy;
const giveUpAt = performance.now() + 30_000;
while ((quiet - fresh) / count > Number(allowed) && performance.now() < giveUpAt) {
  await pause(100);
  quiet = await buffersBytes();
}
await session.execute(query);
await tell({ busy: (busy - fresh) / count, quiet: (quiet - fresh) / count });
await cluster.shutdown();
process.disconnect();
