// Streams a table to its end in a process of its own and tells what it cost:
//   node million-rows.child.ts <cluster options as JSON> <keyspace> <fetchSize> <rows|pages>
import { AsyncCluster, type AsyncClusterOptions } from '../../../src/index.js';
import { tell } from '../../support/child.js';
import { Heartbeat } from '../../support/heartbeat.js';

const [options = '{}', keyspace = '', fetchSize = '1000', mode = 'rows'] = process.argv.slice(2);

const cluster = new AsyncCluster(JSON.parse(options) as AsyncClusterOptions);
const session = await cluster.connect(keyspace);

let rows = 0;
let checksum = 0;
/** The heap after each fifth of the rows, garbage included. */
const heaps: number[] = [];
let peakRss = 0;

interface BigRow {
  readonly c: number;
  readonly name: string;
}

async function read(): Promise<void> {
  const stream = await session.executeStream<BigRow>('SELECT p, c, name, amount FROM big', undefined, {
    fetchSize: Number(fetchSize),
    timeoutMs: 0,
  });
  const count = (row: BigRow): void => {
    rows++;
    checksum += row.c + row.name.length;
    if (rows % 200_000 === 0) heaps.push(process.memoryUsage().heapUsed);
  };
  if (mode === 'pages') {
    for await (const page of stream.pages()) for (const row of page) count(row);
  } else {
    for await (const row of stream) count(row);
  }
}

const watching = setInterval(() => {
  peakRss = Math.max(peakRss, process.memoryUsage.rss());
}, 100);
const heartbeat = new Heartbeat();
const cpu = process.cpuUsage();
const begun = performance.now();
await read();
const ms = performance.now() - begun;
const { user, system } = process.cpuUsage(cpu);
heartbeat.stop();
clearInterval(watching);
await cluster.shutdown();
await tell({
  rows,
  checksum,
  ms,
  cpuMs: (user + system) / 1000,
  heaps,
  peakRss,
  beats: heartbeat.beats,
  averageStall: heartbeat.average,
  longestStall: heartbeat.longest,
});
process.disconnect();
