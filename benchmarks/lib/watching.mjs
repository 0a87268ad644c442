// What watching costs: metrics and tracing channels, beside the same client with nobody watching.
import { interleave } from './requests.mjs';
import { table } from './report.mjs';

const WORKLOAD = 'select1';

/** The ways of watching; the first is what the others are compared with. */
const WATCHES = {
  nobody: 'nobody watches',
  disabled: 'metrics given, and disabled',
  memory: 'metrics in memory',
  prometheus: 'metrics in memory and for Prometheus',
  channels: 'the channels of requests and attempts subscribed',
};

/** Every way in a process of its own, the rounds interleaved. A base is one subject more, with nobody watching. */
export async function measureWatching(stage, subjects, options, log) {
  const [ours, ...others] = subjects.filter(({ kind }) => kind === 'async-cassandra');
  const opened = [];
  try {
    for (const [watch, name] of Object.entries(WATCHES)) {
      opened.push({ subject: { name }, child: await stage.subject(ours, WORKLOAD, { settings: { watch } }) });
    }
    for (const base of others) opened.push({ subject: base, child: await stage.subject(base, WORKLOAD) });
    const results = [];
    for (const inFlight of options.inFlight ?? [1, 128]) {
      log(`watching, ${inFlight} in flight`);
      const { rounds, firstWarmMs, warmMs, ms } = options;
      const timing = { rounds, firstWarmMs, warmMs, ms, inFlight, isStream: false, unitsOf: 1 };
      results.push({ inFlight, subjects: await interleave(opened, timing) });
    }
    return { results, text: textOf(results) };
  } finally {
    await Promise.all(opened.map(({ child }) => child.end()));
  }
}

function textOf(results) {
  const rows = results.flatMap(({ inFlight, subjects }) =>
    subjects.map(({ subject, cpuUs, ratio }) => [subject, String(inFlight), cpuUs, ratio]),
  );
  return table([`watching ${WORKLOAD}`, 'in flight', 'µs CPU/request', '× of nobody'], rows);
}
