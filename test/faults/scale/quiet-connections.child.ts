// What the buffers of busy connections come to, and those of the same connections when they are quiet again:
//   node --expose-gc quiet-connections.child.ts <cluster options as JSON> <connections> <query> <bytes allowed for each> <small query>
import { AsyncCluster, type AsyncClusterOptions } from '../../../src/index.js';
import { tell } from '../../support/child.js';

const [options = '{}', connections = '1', query = '', allowed = '0', small = ''] = process.argv.slice(2);
const count = Number(connections);
const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('Run this with --expose-gc');

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Nothing happens meanwhile: a heartbeat in between would quieten what is to be measured busy. */
function bufferBytes(): number {
  collect?.();
  // Buffers that a collection found dead are let go by the next one at the latest.
  collect?.();
  return process.memoryUsage().arrayBuffers;
}

const cluster = new AsyncCluster({
  ...(JSON.parse(options) as AsyncClusterOptions),
  idleHeartbeatIntervalMs: 2000,
  pooling: { connectionsPerLocalHost: count },
});
const session = await cluster.connect();
// One connection more is the control connection.
while (cluster.statistics.totals.connectionsOpened < count + 1) await pause(10);
const fresh = bufferBytes();
// All at once, so that each connection needs room for a thousand stream ids.
await Promise.all(Array.from({ length: 1000 * count }, () => session.execute(small)));
await Promise.all(Array.from({ length: 20 * count }, () => session.execute(query)));
const busy = bufferBytes();
let quiet = busy;
const giveUpAt = performance.now() + 30_000;
while ((quiet - fresh) / count > Number(allowed) && performance.now() < giveUpAt) {
  await pause(100);
  quiet = bufferBytes();
}
await session.execute(query);
await tell({ busy: (busy - fresh) / count, quiet: (quiet - fresh) / count });
await cluster.shutdown();
process.disconnect();
