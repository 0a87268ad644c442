// A client of a large fake cluster, alone in its process, tells what it cost:
//   node --expose-gc large-cluster.child.ts <hosts>
import { AsyncCluster } from '../../../src/index.js';
import { RemoteFakeCluster } from '../../../src/testing/index.js';
import { parseReplication } from '../../../src/topology/replication.js';
import { TokenRing } from '../../../src/topology/token-ring.js';
import { tell } from '../../support/child.js';
import { Heartbeat } from '../../support/heartbeat.js';

const HOSTS = Number(process.argv[2]);
const REPLACED = 20;
const KEYS = Array.from({ length: 300 }, (_, i) => `key ${String(i)}`);
const REPLICATION = { class: 'NetworkTopologyStrategy', datacenter1: '3' };
const PATIENCE_MS = 90_000;

function memory(): { heap: number; buffers: number } {
  globalThis.gc?.();
  // Buffers that a collection found dead are let go by the next one at the latest.
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers };
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

const fake = await RemoteFakeCluster.start({
  nodes: HOSTS,
  script: new URL('large-cluster.script.ts', import.meta.url),
  keyspaces: [
    {
      name: 'ks',
      replication: REPLICATION,
      tables: [{ name: 't', columns: { k: 'text', v: 'text' }, partitionKey: ['k'] }],
    },
  ],
});
const cluster = new AsyncCluster({ contactPoints: fake.contactPoints, topologyEventRefreshWindowMs: 200 });

const before = memory();
const heart = new Heartbeat();
const begun = performance.now();
const session = await cluster.connect();
const connectMs = performance.now() - begun;
const allConnected = await until(async () => (await fake.run('openConnections')) === HOSTS + 1);
const openedMs = performance.now() - begun;

/** How many of the keys were asked of a host that has them, by a ring that is worked out here. */
async function routed(): Promise<number> {
  const map = heart.skip(() => TokenRing.build(cluster.metadata.hosts).replicas(parseReplication(REPLICATION)));
  let right = 0;
  for (const key of KEYS) {
    const { info } = await session.execute('SELECT v FROM ks.t WHERE k = ?', [key]);
    const { coordinator } = info;
    if (map.replicasFor(Buffer.from(key)).some(({ endpoint }) => endpoint === coordinator)) right++;
  }
  return right;
}

const isRouted = async (): Promise<boolean> => (await routed()) === KEYS.length;
const routedAtFirst = await until(isRouted);
const connectStall = heart.longest;
const after = heart.skip(memory);
heart.longest = 0;

const left = new Set((await fake.run('replaceNodes', REPLACED)) as string[]);
const knowsNewHosts = await until(
  () => cluster.metadata.hosts.length === left.size && cluster.metadata.hosts.every(({ id }) => left.has(id)),
);
const routedAgain = await until(isRouted);
heart.stop();
const later = memory();

await cluster.shutdown({ drainTimeoutMs: 0 });
const closed = await until(async () => (await fake.run('openConnections')) === 0);
await fake.close();
await tell({
  connectMs,
  openedMs,
  allConnected,
  routedAtFirst,
  connectStall,
  heapPerHost: (after.heap - before.heap) / HOSTS,
  buffersPerHost: (after.buffers - before.buffers) / HOSTS,
  knowsNewHosts,
  routedAgain,
  refreshStall: heart.longest,
  heapGrowth: later.heap - after.heap,
  closed,
});
process.disconnect();
