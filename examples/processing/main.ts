// npm run example -- processing [rows] — readings are summed up by window while they are streamed, and the sums written
// back. Nothing reads ahead of what is written: the slowest step sets the pace, and memory stays as it is.
import type { AsyncCassandraSession, AsyncStreamingResultSet } from 'async-cassandra';
import { numberArgument, openWorkspace } from '../support/workspace.js';

interface Reading {
  readonly at: Date;
  readonly sensor: number;
  readonly value: number;
}

interface Window {
  readonly from: Date;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly avg: number;
}

const PLANT = 'north';
const WINDOW_MS = 60_000;
const PAGE = 200;
const HOT = 95;
const rowCount = numberArgument(0, 4000);

async function fill(session: AsyncCassandraSession): Promise<void> {
  // Clustered by time: a partition's rows come in the order in which windows need them.
  await session.execute(
    'CREATE TABLE readings (plant text, at timestamp, sensor int, value double, PRIMARY KEY (plant, at, sensor))',
  );
  await session.execute(
    'CREATE TABLE by_minute (plant text, window timestamp, readings int, low double, high double, mean double, PRIMARY KEY (plant, window))',
  );
  const insert = await session.prepare('INSERT INTO readings (plant, at, sensor, value) VALUES (?, ?, ?, ?)');
  const start = Date.UTC(2026, 0, 1);
  const all = Array.from({ length: rowCount }, (_, i) => [PLANT, start + i * 500, i % 20, 50 + 50 * Math.sin(i / 150)]);
  await session.executeConcurrent(insert, all, { concurrency: 128 });
}

/** Tumbling windows: each ends when the first reading after it comes, the last with the stream. */
async function* windows(readings: AsyncIterable<Reading>): AsyncGenerator<Window> {
  let from = -Infinity;
  let values: number[] = [];
  const sumUp = (): Window => ({
    from: new Date(from),
    count: values.length,
    min: Math.min(...values),
    max: Math.max(...values),
    avg: values.reduce((sum, value) => sum + value, 0) / values.length,
  });
  for await (const { at, value } of readings) {
    const window = Math.floor(at.getTime() / WINDOW_MS) * WINDOW_MS;
    if (window !== from && values.length > 0) {
      yield sumUp();
      values = [];
    }
    from = window;
    values.push(value);
  }
  if (values.length > 0) yield sumUp();
}

/** Counts what is taken, and notes how far the client has fetched ahead of it. */
class Meter {
  taken = 0;
  mostAhead = 0;

  async *read(stream: AsyncStreamingResultSet<Reading>): AsyncGenerator<Reading> {
    for await (const reading of stream) {
      this.mostAhead = Math.max(this.mostAhead, stream.totalRowsFetched - this.taken);
      this.taken++;
      yield reading;
    }
  }
}

async function* reported(all: AsyncIterable<Window>): AsyncGenerator<(string | Date | number)[]> {
  for await (const { from, count, min, max, avg } of all) {
    if (avg > HOT) console.log(`Hot: ${avg.toFixed(1)} on average from ${from.toISOString()}`);
    yield [PLANT, from, count, min, max, avg];
  }
}

await using work = await openWorkspace('example_processing');
const { session } = work;
await fill(session);

await using stream = await session.executeStream<Reading>(
  'SELECT at, sensor, value FROM readings WHERE plant = ?',
  [PLANT],
  { fetchSize: PAGE, prefetchPages: 1 },
);
const meter = new Meter();
const insert = await session.prepare(
  'INSERT INTO by_minute (plant, window, readings, low, high, mean) VALUES (?, ?, ?, ?, ?, ?)',
);
// It takes the next window only when one of its four writes is done: writing holds back reading.
const { succeeded } = await session.executeConcurrent(insert, reported(windows(meter.read(stream))), {
  concurrency: 4,
});

const { rows } = await session.execute<{ readings: number }>('SELECT readings FROM by_minute WHERE plant = ?', [PLANT]);
const counted = rows.reduce((sum, { readings }) => sum + readings, 0);
console.log(`Processed ${meter.taken} readings into ${succeeded} windows, which count ${counted}`);
console.log(
  `At most ${meter.mostAhead} rows waited to be processed; the page being read and the one ahead are ${2 * PAGE}`,
);
