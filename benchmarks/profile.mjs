// Where a request's time goes and what it allocates; see `--help`.
import { parseArgs } from 'node:util';
import { table } from './lib/report.mjs';
import { floorSettings } from './lib/requests.mjs';
import { Stage } from './lib/stage.mjs';
import { WORKLOADS } from './lib/workloads.mjs';

const HELP = `npm run profile -- [options]

  --only a,b        workloads (select1,insert1,page5000)
  --in-flight n     requests at a time (128)
  --ms n            milliseconds of each measurement (3000)
  --top n           lines of each table (25)
  --subject name    async-cassandra, cassandra-driver or floor (async-cassandra)`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    only: { type: 'string', default: 'select1,insert1,page5000' },
    'in-flight': { type: 'string', default: '128' },
    ms: { type: 'string', default: '3000' },
    top: { type: 'string', default: '25' },
    subject: { type: 'string', default: 'async-cassandra' },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
const load = { inFlight: Number(values['in-flight']), ms: Number(values.ms), top: Number(values.top) };
const entry = new URL('../dist/index.js', import.meta.url).href;
const stage = await Stage.open((line) => console.error(line));

async function open(workload) {
  const subject = { kind: values.subject, entry };
  if (subject.kind !== 'floor') return stage.subject(subject, workload);
  const driver = await stage.subject({ kind: 'async-cassandra', entry }, workload);
  await driver.end();
  return stage.subject(subject, workload, { settings: await floorSettings(stage, workload) });
}

async function profile(workload) {
  const child = await open(workload);
  try {
    await child.ask('measure', { ...load, warmMs: load.ms });
    const cpu = await child.ask('profile', { ...load, what: 'cpu' });
    const heap = await child.ask('profile', { ...load, what: 'allocations' });
    const requests = cpu.outcome.requests * WORKLOADS[workload].units;
    const cost = cpu.outcome.cpuUs / requests;
    const bytes = heap.top.map(({ value }) => value / (heap.outcome.requests * WORKLOADS[workload].units));
    const perUnit = WORKLOADS[workload].per;
    const percent = (share) => `${(share * 100).toFixed(1)} %`;
    console.log(`\n${workload}: ${cost.toFixed(2)} µs CPU per ${perUnit} under the profiler`);
    console.log(
      table(
        ['self time', 'share', 'µs'],
        cpu.top.map(({ place, share }) => [place, percent(share), share * cost]),
      ),
    );
    console.log(
      table(
        ['allocated', 'share', `bytes/${perUnit}`],
        heap.top.map(({ place, share }, i) => [place, percent(share), bytes[i]]),
      ),
    );
  } finally {
    await child.end();
  }
}

try {
  for (const workload of values.only.split(',')) await profile(workload);
} finally {
  await stage.close();
}
