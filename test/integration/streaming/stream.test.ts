import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, test } from 'node:test';
import {
  ConfigurationError,
  InvalidRequest,
  OperationTimedOut,
  QueryError,
  type AsyncCassandraSession,
  type AsyncStreamingResultSet,
} from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

let space: Workspace;
let session: AsyncCassandraSession;
const ROWS = 1000;
const SELECT = 'SELECT c FROM numbers WHERE p = ?';
const ALL = Array.from({ length: ROWS }, (_, c) => c);

before(async () => {
  space = await openWorkspace('it_stream');
  session = space.session;
  await session.execute('CREATE TABLE numbers (p int, c int, PRIMARY KEY (p, c))');
  await session.executeConcurrent(
    'INSERT INTO numbers (p, c) VALUES (?, ?)',
    ALL.map((c) => [1, c]),
  );
});
after(() => space.close());

function open(config = {}): Promise<AsyncStreamingResultSet<{ c: number }>> {
  return session.executeStream<{ c: number }>(SELECT, [1], { fetchSize: 100, ...config });
}

async function collect(stream: AsyncIterable<{ c: number }>): Promise<number[]> {
  const seen: number[] = [];
  for await (const { c } of stream) seen.push(c);
  return seen;
}

for (const prefetchPages of [0, 1, 5]) {
  for (const fetchSize of [1, 99, 100, 1000, 5000]) {
    test(`all rows in order: fetchSize ${String(fetchSize)}, prefetchPages ${String(prefetchPages)}`, async () => {
      const stream = await open({ fetchSize, prefetchPages });
      assert.deepEqual(await collect(stream), ALL);
      assert.equal(stream.totalRowsFetched, ROWS);
      assert.equal(stream.pagingState, null);
    });
  }
}

test('a stream of nothing', async () => {
  const stream = await session.executeStream('SELECT c FROM numbers WHERE p = 404');
  for await (const row of stream) assert.fail(JSON.stringify(row));
  assert.equal(stream.totalRowsFetched, 0);
});

test('a void result as a stream', async () => {
  const stream = await session.executeStream('INSERT INTO numbers (p, c) VALUES (?, ?)', [2, 2]);
  for await (const row of stream) assert.fail(JSON.stringify(row));
  assert.equal(stream.columns.length, 0);
});

test('an error comes before the first row is asked for', async () => {
  await assert.rejects(session.executeStream('SELECT * FROM nowhere'), InvalidRequest);
  await assert.rejects(session.executeStream(SELECT, ['one']), QueryError);
});

test('options that are wrong', async () => {
  await assert.rejects(open({ fetchSize: 0 }), ConfigurationError);
  await assert.rejects(open({ prefetchPages: -1 }), ConfigurationError);
  await assert.rejects(open({ timeoutSeconds: 5 }), ConfigurationError);
});

test('pages()', async () => {
  const stream = await open({ fetchSize: 300 });
  assert.deepEqual(
    stream.columns.map(({ name, type }) => [name, type]),
    [['c', 'int']],
  );
  const sizes: number[] = [];
  const numbers: number[] = [];
  for await (const page of stream.pages()) {
    sizes.push(page.length);
    numbers.push(stream.pageNumber);
  }
  assert.deepEqual(sizes, [300, 300, 300, 100]);
  assert.deepEqual(numbers, [1, 2, 3, 4]);
});

test('maxPages', async () => {
  const stream = await open({ maxPages: 3 });
  assert.deepEqual(await collect(stream), ALL.slice(0, 300));
  assert.equal(stream.pageNumber, 3);
  assert.ok(stream.pagingState !== null);
});

test('pageCallback is told of each page before its rows; an error of it ends the stream', async () => {
  const told: [number, number][] = [];
  const seen = await collect(
    await open({
      pageCallback: (page: number, rows: readonly unknown[]) => {
        told.push([page, rows.length]);
      },
    }),
  );
  assert.equal(seen.length, ROWS);
  assert.equal(told.filter(([, rows]) => rows > 0).length, 10);
  assert.deepEqual(told[4], [5, 100]);
  const mine = new RangeError('mine');
  const failing = await open({
    pageCallback: (page: number) => {
      if (page === 3) throw mine;
    },
  });
  const before: number[] = [];
  await assert.rejects(
    (async () => {
      for await (const { c } of failing) before.push(c);
    })(),
    (error) => error === mine,
  );
  assert.equal(before.length, 200);
});

test('no more than prefetchPages are held ahead', async () => {
  for (const prefetchPages of [0, 1, 3]) {
    const stream = await open({ prefetchPages, fetchSize: 10 });
    let at = 0;
    for await (const page of stream.pages()) {
      at += page.length;
      // A slow reader: whatever may come ahead has come by then.
      for (let turn = 0; turn < 3; turn++) await session.execute('SELECT c FROM numbers WHERE p = 404');
      assert.ok(stream.totalRowsFetched - at <= prefetchPages * 10, `${String(stream.totalRowsFetched - at)} ahead`);
      if (stream.pageNumber === 20) break;
    }
  }
});

test('resuming by pagingState: every row once', async () => {
  let pagingState: Buffer | null = null;
  const seen: number[] = [];
  let streams = 0;
  do {
    const stream: AsyncStreamingResultSet<{ c: number }> = await open({ pagingState, fetchSize: 70 });
    streams++;
    for await (const page of stream.pages()) {
      seen.push(...page.map((row) => row.c));
      if (stream.pageNumber === 2) break;
    }
    ({ pagingState } = stream);
  } while (pagingState !== null);
  assert.deepEqual(seen, ALL);
  assert.ok(streams >= 7);
});

test('break in the middle of a page, then the session goes on', async () => {
  const stream = await open();
  const seen: number[] = [];
  for await (const { c } of stream) {
    seen.push(c);
    if (c === 250) break;
  }
  assert.equal(seen.length, 251);
  assert.deepEqual(await collect(await open()), ALL);
});

test('a throw in the loop comes out as it is', async () => {
  const mine = new Error('mine');
  const stream = await open();
  await assert.rejects(
    (async () => {
      for await (const { c } of stream) if (c === 150) throw mine;
    })(),
    (error) => error === mine,
  );
});

test('abort before, during and after', async () => {
  const reason = { reason: 'mine' };
  const isReason = (error: unknown): boolean => error === reason;
  const early = new AbortController();
  early.abort(reason);
  await assert.rejects(open({ signal: early.signal }), isReason);

  const late = new AbortController();
  const stream = await open({ signal: late.signal });
  const seen: number[] = [];
  await assert.rejects(
    (async () => {
      for await (const { c } of stream) {
        seen.push(c);
        if (c === 149) late.abort(reason);
      }
    })(),
    isReason,
  );
  assert.equal(seen.length, 150);

  const after = new AbortController();
  assert.equal((await collect(await open({ signal: after.signal }))).length, ROWS);
  after.abort(reason);
  assert.deepEqual(await collect(await open()), ALL);
});

test('cancel, close and await using end a stream; closing before the first row does not hang', async () => {
  const cancelled = await open();
  cancelled.cancel();
  assert.deepEqual(await collect(cancelled), []);
  const closed = await open();
  await closed.close();
  await closed.close();
  {
    await using disposed = await open();
    for await (const row of disposed) {
      assert.equal(row.c, 0);
      break;
    }
  }
  const midway = await open();
  let rows = 0;
  for await (const row of midway) {
    rows += row.c >= 0 ? 1 : 0;
    if (rows === 120) midway.cancel();
  }
  assert.equal(rows, 120);
});

test('a second reader is a clear error', async () => {
  const stream = await open();
  const first = stream[Symbol.asyncIterator]();
  await first.next();
  for (const second of [() => stream[Symbol.asyncIterator](), () => stream.pages(), () => stream.toReadable()]) {
    assert.throws(second, (error: Error) => error instanceof QueryError && error.message.includes('read already'));
  }
  assert.deepEqual((await first.next()).value, { c: 1 });
  await first.return?.();
});

test('next() called many times at once gives each row once', async () => {
  const iterator = (await open({ fetchSize: 10 }))[Symbol.asyncIterator]();
  const results = await Promise.all(Array.from({ length: 100 }, () => iterator.next()));
  assert.deepEqual(
    results.map((result) => result.value?.c),
    ALL.slice(0, 100),
  );
  await iterator.return?.();
});

test('timeoutMs is for the whole stream, not for each page', async () => {
  const stream = await open({ timeoutMs: 150, fetchSize: 10 });
  let seen = 0;
  await assert.rejects(
    (async () => {
      for await (const page of stream.pages()) {
        seen += page.length;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    })(),
    (error: unknown) => error instanceof OperationTimedOut && error.timeoutMs === 150,
  );
  assert.ok(seen < ROWS);
  assert.equal((await collect(await open({ timeoutMs: 60_000 }))).length, ROWS);
});

test('toReadable gives all rows, and holds back when the reader is slow', async () => {
  const stream = await open({ fetchSize: 50 });
  const seen: number[] = [];
  let ahead = 0;
  await pipeline(
    stream.toReadable(),
    new Writable({
      objectMode: true,
      highWaterMark: 5,
      write(row: { c: number }, _encoding, done) {
        seen.push(row.c);
        ahead = Math.max(ahead, stream.totalRowsFetched - seen.length);
        setImmediate(done);
      },
    }),
  );
  assert.deepEqual(seen, ALL);
  // The page that is read, the one ahead of it, and what the two Node streams buffer.
  assert.ok(ahead <= 200, `${String(ahead)} rows ahead of the reader`);
});

test('a readable that is destroyed ends its stream', async () => {
  const stream = await open({ fetchSize: 10 });
  const readable = stream.toReadable();
  let rows = 0;
  for await (const row of readable) {
    assert.equal((row as { c: number }).c, rows++);
    if (rows === 15) break;
  }
  assert.ok(readable.destroyed);
  assert.ok(stream.totalRowsFetched < 100);
});

test('100 streams at once over one connection', async () => {
  const all = await Promise.all(Array.from({ length: 100 }, async () => collect(await open({ fetchSize: 200 }))));
  for (const rows of all) assert.deepEqual(rows, ALL);
});
