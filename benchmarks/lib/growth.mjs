// What grows with the cluster, with the number of statements, with the length of a stream.
import { table } from './report.mjs';
import { QUERIES } from './schema.mjs';
import { median } from './statistics.mjs';

const HOSTS = [1, 3, 10, 30, 100];
const STATEMENTS = [10, 100, 1000, 10_000];
const ROWS = [10_000, 100_000, 1_000_000];

function mostOf(subjects) {
  return subjects.filter(({ kind }) => kind !== 'floor');
}

/** One measurement each in turn, as often as there are rounds; resolves to µs CPU a request, by child. */
async function interleave(children, { rounds, firstWarmMs, warmMs, ms }) {
  const costs = children.map(() => []);
  for (const child of children) await child.ask('warm', { inFlight: 128, ms: firstWarmMs });
  for (let round = 0; round < rounds; round++) {
    for (const [i, child] of children.entries()) {
      const { cpuUs, requests } = await child.ask('measure', { inFlight: 128, warmMs, ms });
      costs[i].push(cpuUs / requests);
    }
  }
  return costs.map(median);
}

/** `open(size)` gives a subject's process; all sizes are measured in turn, so that they share the machine's moods. */
async function growing(sizes, open, options) {
  const children = [];
  try {
    for (const size of sizes) children.push(await open(size));
    return await interleave(children, options);
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

async function hosts(stage, subject, options, block) {
  const places = [];
  for (const [i, size] of HOSTS.entries()) places.push(await stage.cluster(size, block + i));
  return growing(HOSTS, (size) => stage.subject(subject, 'select1', { place: places[HOSTS.indexOf(size)] }), options);
}

async function statements(stage, subject, options) {
  const settings = { options: { maxPreparedStatements: 2 * STATEMENTS.at(-1) } };
  const open = async (count) => {
    const child = await stage.subject(subject, 'select1', { settings });
    await child.ask('prepareMany', { query: QUERIES.select1, count });
    return child;
  };
  return growing(STATEMENTS, open, options);
}

/** Peak RSS in MB of a fresh process that streams so many rows. */
async function streams(stage, subject, lengths) {
  const peaks = [];
  for (const rows of lengths) {
    await stage.setStream(QUERIES.stream, rows);
    const child = await stage.subject(subject, 'stream1M', { rows });
    try {
      peaks.push((await child.ask('peakRss')) / 1024);
    } finally {
      await child.end();
    }
  }
  return peaks;
}

function grown(title, sizes, results, unit) {
  const head = [title, ...sizes.map((size) => size.toLocaleString('en'))];
  return `${table(
    head,
    results.map(({ subject, values }) => [subject, ...values]),
  )}\n(${unit})`;
}

export async function measureGrowth(stage, subjects, options, log) {
  const lengths = options.tenMillion ? [...ROWS, 10_000_000] : ROWS;
  const of = async (measure) => {
    const results = [];
    for (const [i, subject] of mostOf(subjects).entries()) {
      results.push({ subject: subject.name, values: await measure(subject, i) });
    }
    return results;
  };
  log('growth: hosts');
  const byHosts = await of((subject, i) => hosts(stage, subject, options, 1 + i * HOSTS.length));
  log('growth: prepared statements');
  const byStatements = await of((subject) => statements(stage, subject, options));
  log('growth: streams');
  const byRows = await of((subject) => streams(stage, subject, lengths));
  const text = [
    grown('hosts', HOSTS, byHosts, 'µs CPU per select1 at 128 in flight, spread over all hosts'),
    grown('statements', STATEMENTS, byStatements, 'µs CPU per select1 at 128 in flight, by text, each in turn'),
    grown('rows streamed', lengths, byRows, 'MB peak RSS of the whole process'),
  ].join('\n\n');
  return { hosts: byHosts, statements: byStatements, rows: byRows, text };
}
