// What stays in memory for each connection, statement, waiting request and session.
import { table } from './report.mjs';
import { QUERIES } from './schema.mjs';
import { slope } from './statistics.mjs';

/** Bytes for one more, from the line through what several numbers of them retain. */
async function perOne(counts, retainedAt) {
  const points = [];
  for (const count of counts) points.push([count, await retainedAt(count)]);
  return slope(points);
}

async function withSubject(opening, use) {
  const child = await opening;
  try {
    return await use(child);
  } finally {
    await child.end();
  }
}

/** What connections keep; `use(child, count)` is what the subject's process does with them before. */
function connections(stage, subject, { workload, heartbeatIntervalMs, use }) {
  return perOne([1, 9, 17, 33], (count) => {
    const options =
      subject.kind === 'async-cassandra'
        ? { pooling: { connectionsPerLocalHost: count }, idleHeartbeatIntervalMs: heartbeatIntervalMs }
        : { connectionsPerHost: count, heartbeatIntervalMs };
    return withSubject(stage.subject(subject, workload, { settings: { options } }), async (child) => {
      await use(child, count);
      return child.ask('retained');
    });
  });
}

function newConnections(stage, subject) {
  return connections(stage, subject, { workload: 'select1', heartbeatIntervalMs: 30_000, use: () => undefined });
}

/** After pages of 5000 rows each, and heartbeats since: 'retained' waits for a second. */
function quietConnections(stage, subject) {
  const use = (child, count) => child.ask('warm', { inFlight: 2 * count, ms: 100 * count });
  return connections(stage, subject, { workload: 'page5000', heartbeatIntervalMs: 300, use });
}

function statements(stage, subject) {
  const settings = { options: { maxPreparedStatements: 4000 } };
  return withSubject(stage.subject(subject, 'select1', { settings }), (child) =>
    perOne([500, 1000, 1500, 2000], (count) => child.ask('prepareMany', { query: QUERIES.select1, count })),
  );
}

/** Each step adds to what waits already. */
function waiting(stage, subject) {
  const total = { count: 0 };
  return withSubject(stage.subject(subject, 'held', { isHeld: true }), (child) =>
    perOne([0, 400, 800, 1200], async (count) => {
      const bytes = await child.ask('hold', { count: count - total.count });
      total.count = count;
      return bytes;
    }),
  );
}

/** A session with a cluster object of its own, one connection for requests and one for control. */
function sessions(stage, subject) {
  const total = { count: 0 };
  return withSubject(stage.subject(subject, 'select1'), (child) =>
    perOne([0, 10, 20, 30], async (count) => {
      const bytes = await child.ask('openMore', { count: count - total.count });
      total.count = count;
      return bytes;
    }),
  );
}

const MEASURES = {
  connection: newConnections,
  'connection, quiet again': quietConnections,
  'prepared statement': statements,
  'request in flight': waiting,
  'idle cluster and session': sessions,
};

export async function measureMemory(stage, subjects, options, log) {
  const results = [];
  for (const subject of subjects.filter(({ kind }) => kind !== 'floor')) {
    const bytes = {};
    for (const [name, measure] of Object.entries(MEASURES)) {
      log(`memory: ${subject.name}, ${name}`);
      bytes[name] = await measure(stage, subject);
    }
    results.push({ subject: subject.name, bytes });
  }
  const head = ['bytes retained', ...Object.keys(MEASURES)];
  const rows = results.map(({ subject, bytes }) => [subject, ...Object.values(bytes)]);
  return { results, text: table(head, rows) };
}
