import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionError, QueryError, type AsyncClusterOptions } from '../../src/index.js';
import { rows } from '../../src/testing/index.js';
import { bench, failure, until, type Bench } from './support.js';

const QUERY = 'SELECT n, filler FROM large';
const ROWS = 10_000;
const COLUMNS = { n: 'int', filler: 'text' };
/** The page must not fit into one segment. */
const FILLER = 'x'.repeat(20);
/** What decoding a row takes at least. */
const ROW_MS = 0.02;
/** 4 ms, and the rows between two looks at the clock. */
const MOST_ROWS_A_TURN = 4 / ROW_MS + 256;

/** Makes each row take its time, and counts how many come in one turn of the event loop. */
class SlowReading {
  decoded = 0;
  turns = 0;
  mostInATurn = 0;
  onRow: (row: number) => void = () => undefined;
  #inThisTurn = 0;

  readonly options: AsyncClusterOptions = {
    requestTimeoutMs: 0,
    values: {
      codecs: [
        {
          type: 'int',
          decode: (value) => {
            this.#count();
            this.onRow(value as number);
            return value;
          },
          encode: (value) => value,
        },
      ],
    },
  };

  #count(): void {
    const end = performance.now() + ROW_MS;
    while (performance.now() < end);
    this.decoded++;
    if (this.#inThisTurn === 0) {
      this.turns++;
      // Timers are served before the next turn's immediates.
      setTimeout(() => (this.#inThisTurn = 0), 0);
    }
    this.#inThisTurn++;
    this.mostInATurn = Math.max(this.mostInATurn, this.#inThisTurn);
  }
}

function serve(one: Bench, count = ROWS): void {
  one.node.on(QUERY, rows({ length: count, row: (n) => [n, FILLER] }, { columns: COLUMNS }));
}

const ONE_PAGE = { fetchSize: ROWS };

test('a page of 10,000 rows is decoded in many turns of the event loop', async () => {
  const reading = new SlowReading();
  await using one = await bench(reading.options);
  serve(one);
  const result = await one.session.execute(QUERY, undefined, ONE_PAGE);
  assert.deepEqual(
    result.rows.map((row) => row['n']),
    Array.from({ length: ROWS }, (_, n) => n),
  );
  assert.ok(reading.turns >= ROWS / MOST_ROWS_A_TURN, `${String(reading.turns)} turns`);
  assert.ok(reading.mostInATurn <= MOST_ROWS_A_TURN, `${String(reading.mostInATurn)} rows in one turn`);
});

test('eight such pages at a time block the loop no longer than one', async () => {
  const reading = new SlowReading();
  await using one = await bench(reading.options);
  serve(one, 5000);
  const results = await Promise.all(Array.from({ length: 8 }, () => one.session.execute(QUERY, undefined, ONE_PAGE)));
  for (const result of results) assert.equal(result.length, 5000);
  assert.ok(reading.mostInATurn <= MOST_ROWS_A_TURN, `${String(reading.mostInATurn)} rows in one turn`);
});

test('the pages of a stream are decoded in slices as well', async () => {
  const reading = new SlowReading();
  await using one = await bench(reading.options);
  serve(one, 2 * ROWS);
  const stream = await one.session.executeStream(QUERY, undefined, ONE_PAGE);
  const seen: unknown[] = [];
  for await (const row of stream) seen.push(row['n']);
  assert.deepEqual(
    seen,
    Array.from({ length: 2 * ROWS }, (_, n) => n),
  );
  assert.ok(reading.mostInATurn <= MOST_ROWS_A_TURN, `${String(reading.mostInATurn)} rows in one turn`);
});

test('execute() gathers many large pages in their order', async () => {
  await using one = await bench();
  serve(one, 5 * ROWS);
  const { rows: all } = await one.session.execute(QUERY, undefined, ONE_PAGE);
  assert.deepEqual(
    all.map((row) => row['n']),
    Array.from({ length: 5 * ROWS }, (_, n) => n),
  );
});

test('other answers on the same connection come while a page is being decoded', async () => {
  const reading = new SlowReading();
  await using one = await bench({ ...reading.options, pooling: { connectionsPerLocalHost: 1 } });
  serve(one);
  one.node.on('SELECT small', rows([{ id: 'a' }], { columns: { id: 'text' } }));
  const large = one.session.execute(QUERY, undefined, ONE_PAGE);
  await until(() => reading.decoded > 0, 'the decoding');
  assert.equal((await one.session.execute('SELECT small')).length, 1);
  assert.ok(reading.decoded < ROWS, 'the large page is not done yet');
  assert.equal((await large).length, ROWS);
});

test('an abort while a page is being decoded ends the request and the decoding', async () => {
  const reading = new SlowReading();
  await using one = await bench(reading.options);
  serve(one);
  const controller = new AbortController();
  const reason = new Error('enough');
  reading.onRow = (n) => {
    if (n === 300) controller.abort(reason);
  };
  const execution = one.session.execute(QUERY, undefined, { ...ONE_PAGE, signal: controller.signal });
  assert.equal(await failure(execution), reason);
  const { decoded } = reading;
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  assert.equal(reading.decoded, decoded);
  assert.ok(decoded < 300 + MOST_ROWS_A_TURN, `${String(decoded)} rows`);
  assert.equal((await one.session.execute(QUERY, undefined, ONE_PAGE)).length, ROWS, 'the session goes on');
});

test('a deadline that passes while the client decodes does not take the answer away', async () => {
  const reading = new SlowReading();
  await using one = await bench(reading.options);
  serve(one);
  const timeoutMs = 1000;
  const deadline = performance.now() + timeoutMs;
  reading.onRow = (n) => {
    // The sweep of deadlines has the rest of the page's turns to notice it.
    if (n === 300) while (performance.now() < deadline + 100);
  };
  const result = await one.session.execute(QUERY, undefined, { ...ONE_PAGE, timeoutMs });
  assert.equal(result.length, ROWS);
});

test('shutdown lets a page be decoded to its end', async () => {
  const reading = new SlowReading();
  await using one = await bench(reading.options);
  serve(one);
  const execution = one.session.execute(QUERY, undefined, ONE_PAGE);
  await until(() => reading.decoded > 0, 'the decoding');
  await one.cluster.shutdown({ drainTimeoutMs: 60_000 });
  assert.equal(reading.decoded, ROWS);
  assert.equal((await execution).length, ROWS);
});

test('shutdown without time to drain ends the request and the decoding', async () => {
  const reading = new SlowReading();
  await using one = await bench(reading.options);
  serve(one);
  const execution = one.session.execute(QUERY, undefined, ONE_PAGE);
  const failed = failure(execution);
  await until(() => reading.decoded > 0, 'the decoding');
  await one.cluster.shutdown({ drainTimeoutMs: 0 });
  const error = await failed;
  assert.ok(error instanceof ConnectionError);
  assert.match(error.message, /Cluster is closed/);
  const { decoded } = reading;
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  assert.equal(reading.decoded, decoded);
  assert.ok(decoded < ROWS);
});

test('a row that cannot be read, late in a page, is the error of that request alone', async () => {
  const reading = new SlowReading();
  await using one = await bench(reading.options);
  serve(one);
  reading.onRow = (n) => {
    if (n === 9000) throw new RangeError('not this one');
  };
  const error = await failure(one.session.execute(QUERY, undefined, ONE_PAGE));
  assert.ok(error instanceof QueryError);
  assert.match(error.message, /Column 'n'/);
  reading.onRow = () => undefined;
  assert.equal((await one.session.execute(QUERY, undefined, ONE_PAGE)).length, ROWS);
});
