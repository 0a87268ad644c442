// Where time goes and what is allocated, by V8's own samplers, inside this process.
import { Session } from 'node:inspector/promises';

function placeOf({ functionName, url, lineNumber }) {
  const file = url.replace(/^.*\/(dist|node_modules|benchmarks)\//, '$1/');
  return `${functionName || '(anonymous)'} ${file}${url === '' ? '' : `:${lineNumber + 1}`}`;
}

function add(totals, key, value) {
  totals.set(key, (totals.get(key) ?? 0) + value);
}

function shares(totals, top) {
  const sum = [...totals.values()].reduce((all, value) => all + value, 0);
  return [...totals]
    .sort(([, a], [, b]) => b - a)
    .slice(0, top)
    .map(([place, value]) => ({ place, share: value / sum, value }));
}

/** The functions with the most time of their own while `work` runs. Idle time does not count. */
export async function cpuProfile(work, top) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  const outcome = await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const totals = new Map();
  for (const [i, id] of profile.samples.entries()) {
    const { callFrame } = byId.get(id);
    if (callFrame.functionName === '(idle)') continue;
    add(totals, placeOf(callFrame), profile.timeDeltas[i]);
  }
  return { outcome, top: shares(totals, top) };
}

/** The functions that allocate most while `work` runs, what was collected since included. */
export async function allocationProfile(work, top) {
  const session = new Session();
  session.connect();
  const everything = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true };
  await session.post('HeapProfiler.startSampling', { samplingInterval: 4096, ...everything });
  const outcome = await work();
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  const totals = new Map();
  const visit = ({ callFrame, selfSize, children }) => {
    add(totals, placeOf(callFrame), selfSize);
    children.forEach(visit);
  };
  visit(profile.head);
  return { outcome, top: shares(totals, top) };
}
