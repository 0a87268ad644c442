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

function connections(stage, subject) {
  const isOurs = subject.kind === 'async-cassandra';
  return perOne([1, 9, 17, 33], (count) => {
    const options = isOurs ? { pooling: { connectionsPerLocalHost: count } } : { connectionsPerHost: count };
    return withSubject(stage.subject(subject, 'select1', { settings: { options } }), (child) => child.ask('retained'));
  });
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
  connection: connections,
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
