// Measures what a request costs; see `--help`, and docs/performance.md for what it found.
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { buildBase } from './lib/base.mjs';
import { chart } from './lib/chart.mjs';
import { measureConnect } from './lib/connect.mjs';
import { measureGrowth } from './lib/growth.mjs';
import { measureHeartbeat } from './lib/heartbeat.mjs';
import { describeMachine } from './lib/machine.mjs';
import { measureMemory } from './lib/memory.mjs';
import { HELP, readOptions } from './lib/options.mjs';
import { requestTables } from './lib/report.mjs';
import { measureWorkload } from './lib/requests.mjs';
import { Stage } from './lib/stage.mjs';
import { measureWatching } from './lib/watching.mjs';
import { WORKLOADS } from './lib/workloads.mjs';

const ENTRY = new URL('../dist/index.js', import.meta.url).href;
const PART_MEASURES = {
  connect: measureConnect,
  growth: measureGrowth,
  heartbeat: measureHeartbeat,
  memory: measureMemory,
  watching: measureWatching,
};

function subjectsOf(base, ref) {
  const subjects = [{ name: 'async-cassandra', kind: 'async-cassandra', entry: ENTRY }];
  if (base !== null) subjects.push({ name: `base ${ref}`, kind: 'async-cassandra', entry: base.entry });
  subjects.push({ name: 'cassandra-driver', kind: 'cassandra-driver' }, { name: 'floor', kind: 'floor' });
  return subjects;
}

async function run(options) {
  const started = performance.now();
  const log = (line) => console.error(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  const base = options.base === undefined ? null : buildBase(options.base, log);
  let stage;
  const report = { machine: describeMachine(), requests: [], failures: [] };
  try {
    stage = await Stage.open(log);
    const subjects = subjectsOf(base, options.base);
    for (const name of options.names) {
      // What one workload cannot do must not cost the others' figures.
      try {
        if (Object.hasOwn(WORKLOADS, name)) await measureWorkload(stage, subjects, name, options, log, report.requests);
        else report[name] = await PART_MEASURES[name](stage, subjects, options, log);
      } catch (error) {
        report.failures.push(`${name}: ${error.message}`);
        log(`${name} failed: ${error.message}`);
      }
    }
  } finally {
    await stage?.close();
    base?.remove();
  }
  log('done');
  return report;
}

function print(report, { quick }) {
  const { machine } = report;
  console.log(`${machine.cpu}, ${machine.platform}, load ${machine.loadAverage.toFixed(1)} at the start`);
  console.log(
    `Node ${machine.node}, async-cassandra ${machine.asyncCassandra} (${machine.commit}), ` +
      `cassandra-driver ${machine.cassandraDriver}\n`,
  );
  if (quick)
    console.log('A quick run: the compiler is still at work in some clients, which a full run gives the time.\n');
  if (report.requests.length > 0) console.log(`${requestTables(report.requests)}\n`);
  for (const name of Object.keys(PART_MEASURES)) {
    if (report[name] !== undefined) console.log(`${report[name].text}\n`);
  }
  for (const failure of report.failures) console.log(`Failed: ${failure}`);
}

const options = readOptions(process.argv.slice(2));
if (options.help) {
  console.log(HELP);
} else {
  const report = await run(options);
  print(report, options);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (options.svg !== undefined) writeFileSync(options.svg, chart(report));
  if (report.failures.length > 0) process.exitCode = 1;
}
