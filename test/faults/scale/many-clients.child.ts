// Clients of one fake cluster, in a process of their own. Told what to do by its parent, it answers when it has done it:
//   node many-clients.child.ts <cluster options as JSON> <clients>
import { AsyncCluster, type AsyncClusterOptions } from '../../../src/index.js';

const [options = '{}', count = '0'] = process.argv.slice(2);
const clusters = Array.from(
  { length: Number(count) },
  () => new AsyncCluster(JSON.parse(options) as AsyncClusterOptions),
);
await Promise.all(clusters.map((cluster) => cluster.connect()));
process.send?.('connected');
process.on('disconnect', () => {
  void Promise.all(clusters.map((cluster) => cluster.shutdown({ drainTimeoutMs: 0 }))).then(() => process.exit(0));
});
