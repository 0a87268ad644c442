// The workloads themselves: every subject in its own process, the rounds interleaved.
import { QUERIES } from './schema.mjs';
import { median, medianRatio } from './statistics.mjs';
import { WORKLOADS } from './workloads.mjs';

const QUERY_OF = { stream1M: 'stream' };

/** What the floor is given: it sends what the driver was seen to send. */
export async function floorSettings(stage, name) {
  const query = QUERIES[QUERY_OF[name] ?? name];
  return { sample: await stage.sample(query, query === undefined) };
}

/** Opens every subject for one workload. The floor comes last, when the driver has sent something. */
async function openSubjects(stage, subjects, name, rows) {
  const opened = [];
  try {
    for (const subject of subjects) {
      const settings = subject.kind === 'floor' ? await floorSettings(stage, name) : {};
      opened.push({ subject, child: await stage.subject(subject, name, { rows, settings }) });
    }
    return opened;
  } catch (error) {
    await Promise.all(opened.map(({ child }) => child.end()));
    throw new Error(`${name}: ${error.message}`, { cause: error });
  }
}

/**
 * One workload at one number in flight: `rounds` times each subject in turn. Each figure is the median of the rounds,
 * each ratio the median of the rounds' ratios to the first subject.
 */
export async function interleave(opened, { rounds, inFlight, firstWarmMs, warmMs, ms, isStream, unitsOf }) {
  const measured = opened.map(() => []);
  // One after another: the compiler's threads of one must not take the others' time.
  for (const { child } of opened) {
    if (isStream) await child.ask('once');
    else await child.ask('warm', { inFlight, ms: firstWarmMs });
  }
  for (let round = 0; round < rounds; round++) {
    for (const [i, { child }] of opened.entries()) {
      measured[i].push(isStream ? await child.ask('once') : await child.ask('measure', { inFlight, warmMs, ms }));
    }
  }
  const costs = measured.map((list) => list.map(({ cpuUs, requests }) => cpuUs / (requests * unitsOf)));
  return opened.map(({ subject }, i) => ({
    subject: subject.name,
    cpuUs: median(costs[i]),
    perSecond: median(measured[i].map(({ requests, elapsedMs }) => (requests * unitsOf * 1000) / elapsedMs)),
    p50Ms: isStream ? null : median(measured[i].map(({ p50Ms }) => p50Ms)),
    p99Ms: isStream ? null : median(measured[i].map(({ p99Ms }) => p99Ms)),
    ratio: medianRatio(costs[i], costs[0]),
    rounds: costs[i],
  }));
}

/** Measures one workload; appends one entry for each number in flight to `results`. */
export async function measureWorkload(stage, subjects, name, options, log, results) {
  const workload = WORKLOADS[name];
  const { isStream = false, per } = workload;
  const units = options.quick ? (workload.quickUnits ?? workload.units) : workload.units;
  if (isStream) await stage.setStream(QUERIES.stream, units);
  const opened = await openSubjects(stage, subjects, name, per === 'row' || workload.isRead ? units : 0);
  let isFirst = true;
  try {
    for (const inFlight of isStream
      ? [1]
      : (options.inFlight ?? (options.quick ? workload.quick : undefined) ?? workload.inFlight)) {
      log(`${name}, ${inFlight} in flight`);
      const { rounds, firstWarmMs, warmMs, ms } = options;
      const timing = { rounds, firstWarmMs: isFirst ? firstWarmMs : warmMs, warmMs, ms };
      isFirst = false;
      const subjectsMeasured = await interleave(opened, { ...timing, inFlight, isStream, unitsOf: units });
      results.push({ workload: name, per, inFlight, subjects: subjectsMeasured });
    }
    if (isStream) {
      for (const [i, { child }] of opened.entries()) {
        results.at(-1).subjects[i].peakRssMb = (await child.ask('peakRss')) / 1024;
      }
    }
  } finally {
    await Promise.all(opened.map(({ child }) => child.end()));
  }
}
