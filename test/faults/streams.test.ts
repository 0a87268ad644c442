import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  OperationTimedOut,
  ProtocolError,
  ServerError,
  FallthroughRetryPolicy,
  type AsyncStreamingResultSet,
} from '../../src/index.js';
import { error, hold, reactions, rows, type FakeNode, type Reaction } from '../../src/testing/index.js';
import { bench, failure, SOON_MS, until } from './support.js';

const QUERY = 'SELECT id FROM t';
const COLUMNS = { id: 'int' };

/** The pages of a result, by number; the state names the next one. */
function pages(node: FakeNode, made: readonly (number[] | Reaction)[], text = QUERY): void {
  node.on(text, (request) => {
    const at = request.pagingState === null ? 0 : Number(request.pagingState.toString());
    const page = made[at] ?? [];
    if (!Array.isArray(page)) return page;
    const state = at + 1 < made.length ? String(at + 1) : null;
    return rows(
      page.map((id) => ({ id })),
      { columns: COLUMNS, pagingState: state },
    );
  });
}

async function ids(stream: AsyncStreamingResultSet): Promise<number[]> {
  const all: number[] = [];
  for await (const row of stream) all.push(row['id'] as number);
  return all;
}

const EMPTY_PAGES: [string, number[][]][] = [
  ['the first page empty', [[], [1, 2], [3]]],
  ['an empty page in the middle', [[1], [], [2, 3]]],
  ['several empty pages in a row', [[], [], [1], [], [], [2], []]],
  ['all pages empty', [[], [], []]],
];
for (const [name, made] of EMPTY_PAGES) {
  test(`${name}: no row is lost, in a stream and in execute()`, async () => {
    await using one = await bench();
    pages(one.node, made);
    assert.deepEqual(await ids(await one.session.executeStream(QUERY)), made.flat());
    assert.deepEqual(
      (await one.session.execute(QUERY)).rows.map((row) => row['id']),
      made.flat(),
    );
    const byPage: number[] = [];
    for await (const page of (await one.session.executeStream(QUERY)).pages()) {
      for (const row of page) byPage.push(row['id'] as number);
    }
    assert.deepEqual(byPage, made.flat());
  });
}

/** The ways to read a stream, each in a function of its own that an error's stack has to name. */
const READERS: Readonly<Record<string, (stream: AsyncStreamingResultSet) => Promise<unknown>>> = {
  async readRows(stream) {
    for await (const row of stream) assert.ok(row);
  },
  async readPages(stream) {
    for await (const page of stream.pages()) assert.ok(page);
  },
  async callNext(stream) {
    const rowsOfIt = stream[Symbol.asyncIterator]();
    await rowsOfIt.next();
    await rowsOfIt.next();
  },
  async callNextAtOnce(stream) {
    const rowsOfIt = stream[Symbol.asyncIterator]();
    const [first, second] = [rowsOfIt.next(), rowsOfIt.next(), rowsOfIt.next()];
    await first;
    await second;
  },
  async readNodeStream(stream) {
    for await (const row of stream.toReadable()) assert.ok(row);
  },
};

for (const [name, read] of Object.entries(READERS)) {
  test(`errors of later pages show who reads the stream: ${name}`, async () => {
    await using one = await bench({ retryPolicy: new FallthroughRetryPolicy() });
    pages(one.node, [[1], error('INVALID', { message: 'page 2' })]);
    pages(one.node, [[1], hold()], 'SELECT held');
    for (const prefetchPages of [0, 1]) {
      const refused = await failure(read(await one.session.executeStream(QUERY, undefined, { prefetchPages })));
      assert.match(refused.stack ?? '', new RegExp(`^InvalidRequest: page 2\n( +at .*\n)* +at (async )?.*${name} `));
      const timed = await one.session.executeStream('SELECT held', undefined, { prefetchPages, timeoutMs: 50 });
      const late = await failure(read(timed));
      assert.match(late.stack ?? '', new RegExp(`^OperationTimedOut: .*\n( +at .*\n)* +at (async )?.*${name} `));
    }
  });
}

test("an abort's reason and the error of a page callback keep their own stacks", async () => {
  await using one = await bench();
  pages(one.node, [[1], [2]]);
  one.node.on('SELECT bad', error('INVALID'));
  const inCallback = (): Promise<unknown> => one.session.execute('SELECT bad');
  const pageCallback = async (): Promise<void> => {
    await inCallback();
  };
  const called = await one.session.executeStream(QUERY, undefined, { pageCallback });
  assert.match((await failure(ids(called))).stack ?? '', /at async pageCallback /);
  const reason = new Error('enough');
  const { stack } = reason;
  const controller = new AbortController();
  const aborted = await one.session.executeStream(QUERY, undefined, { signal: controller.signal });
  controller.abort(reason);
  assert.equal(await failure(ids(aborted)), reason);
  assert.equal(reason.stack, stack);
});

test('an error on page 3: two pages of rows, then the error, and the stream is over', async () => {
  await using one = await bench({ retryPolicy: new FallthroughRetryPolicy() });
  pages(one.node, [[1], [2], error('SERVER_ERROR', { message: 'page 3' }), [4]]);
  const stream = await one.session.executeStream(QUERY);
  const got: unknown[] = [];
  await assert.rejects(
    async () => {
      for await (const row of stream) got.push(row['id']);
    },
    (reason) => reason instanceof ServerError && reason.message === 'page 3',
  );
  assert.deepEqual(got, [1, 2]);
});

test('execute() with all pages when a later page fails: the error, at once', async () => {
  await using one = await bench({ retryPolicy: new FallthroughRetryPolicy() });
  pages(one.node, [[1], [2], error('SERVER_ERROR', { message: 'page 3' })]);
  assert.equal((await failure(one.session.execute(QUERY))).message, 'page 3');
  pages(one.node, [[1], reactions.void()], 'SELECT odd');
  assert.ok(Array.isArray((await one.session.execute('SELECT odd').catch(() => ({ rows: [] }))).rows));
  pages(one.node, [[1], reactions.answer(0x08, Buffer.from([0, 0, 0, 2]))], 'SELECT broken');
  assert.equal((await failure(one.session.execute('SELECT broken'))).name, 'ProtocolError');
  await one.session.execute('SELECT fine');
});

test('execute(): a later page whose node is lost is asked of another, no row twice or lost', async () => {
  await using one = await bench();
  let failures = 0;
  pages(one.node, [[1], [2], [3]]);
  one.node.on(
    { statement: QUERY, when: (request) => request.pagingState !== null && failures++ < 1 },
    error('READ_TIMEOUT', { dataPresent: true }),
  );
  assert.deepEqual(
    (await one.session.execute(QUERY)).rows.map((row) => row['id']),
    [1, 2, 3],
  );
});

test('the timeout of execute() is per page', async () => {
  await using one = await bench();
  pages(one.node, [
    reactions.delay(400).rows([{ id: 1 }], { columns: COLUMNS, pagingState: '1' }),
    reactions.delay(400).rows([{ id: 2 }], { columns: COLUMNS, pagingState: '2' }),
    reactions.delay(400).rows([{ id: 3 }], { columns: COLUMNS, pagingState: null }),
  ]);
  assert.equal((await one.session.execute(QUERY, undefined, { timeoutMs: 1000 })).length, 3);
  pages(one.node, [[1], hold()], 'SELECT held');
  assert.ok(
    (await failure(one.session.execute('SELECT held', undefined, { timeoutMs: 50 }))) instanceof OperationTimedOut,
  );
});

test('a void result for a stream: no rows, no hang', async () => {
  await using one = await bench();
  one.node.on(QUERY, reactions.void());
  assert.deepEqual(await ids(await one.session.executeStream(QUERY)), []);
});

test('an error before the first iteration surfaces in executeStream()', async () => {
  await using one = await bench();
  one.node.on(QUERY, error('INVALID', { message: 'no table' }));
  assert.equal((await failure(one.session.executeStream(QUERY))).message, 'no table');
});

test('a stream closed before its first iteration, and while a page is on its way', async () => {
  await using one = await bench();
  pages(one.node, [[1], hold().rows([{ id: 2 }], { columns: COLUMNS, pagingState: null })]);
  const unread = await one.session.executeStream(QUERY);
  await unread.close();
  assert.deepEqual(await ids(unread), []);
  const stream = await one.session.executeStream(QUERY);
  const reading = ids(stream);
  await until(() => one.node.held.length > 0);
  await stream.close();
  assert.deepEqual(await reading, [1]);
  one.node.release();
  assert.equal((await one.session.execute('SELECT fine')).length, 0);
  assert.equal(one.node.counts.connections, 2);
});

test('a stream aborted before its first page, and while a page is held', async () => {
  await using one = await bench();
  const reason = new Error('enough');
  one.node.on('SELECT held', hold());
  const controller = new AbortController();
  const opening = failure(one.session.executeStream('SELECT held', undefined, { signal: controller.signal }));
  await one.node.waitFor('SELECT held');
  controller.abort(reason);
  assert.equal(await opening, reason);
  pages(one.node, [[1], hold()]);
  const later = new AbortController();
  const stream = await one.session.executeStream(QUERY, undefined, { signal: later.signal });
  const reading = failure(ids(stream));
  await until(() => one.node.held.length > 1);
  later.abort(reason);
  assert.equal(await reading, reason);
});

const CALLBACK_ENDS: readonly [string, (stream: AsyncStreamingResultSet, abort: () => void) => unknown][] = [
  [
    'its signal is aborted',
    (_, abort) => {
      abort();
    },
  ],
  ['its timeoutMs is over', () => undefined],
  [
    'it is cancelled',
    (stream) => {
      stream.cancel();
    },
  ],
  ['it is closed', (stream) => stream.close()],
];
for (const [what, end] of CALLBACK_ENDS) {
  test(`a stream whose pageCallback waits for ever ends when ${what}`, async () => {
    await using one = await bench();
    pages(one.node, [[1, 2], [3]]);
    const controller = new AbortController();
    const reason = new Error('enough');
    const called: number[] = [];
    const stream = await one.session.executeStream(QUERY, undefined, {
      signal: controller.signal,
      timeoutMs: what.includes('timeoutMs') ? 1500 : 0,
      pageCallback: (page) => {
        called.push(page);
        return new Promise(() => undefined);
      },
    });
    const reading = ids(stream).catch((error: unknown) => error);
    await until(() => called.length === 1);
    await end(stream, () => {
      controller.abort(reason);
    });
    const late = new Promise((resolve) => setTimeout(resolve, SOON_MS, 'late').unref());
    const outcome = await Promise.race([reading, late]);
    if (what.includes('signal')) assert.equal(outcome, reason);
    else if (what.includes('timeoutMs')) assert.ok(outcome instanceof OperationTimedOut);
    else assert.deepEqual(outcome, [], 'no row of a page that was not let go');
  });
}

test('a pageCallback that rejects after the stream was cancelled harms nobody', async () => {
  await using one = await bench();
  pages(one.node, [[1], [2]]);
  let fail: (error: Error) => void = () => undefined;
  let isCalled = false;
  const stream = await one.session.executeStream(QUERY, undefined, {
    pageCallback: () => {
      isCalled = true;
      return new Promise((_, reject) => (fail = reject));
    },
  });
  const reading = ids(stream);
  await until(() => isCalled, 'the callback');
  stream.cancel();
  assert.deepEqual(await reading, []);
  fail(new Error('late'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(await ids(await one.session.executeStream(QUERY)), [1, 2]);
});

test("a stream's timeoutMs ends it though a page is held", async () => {
  await using one = await bench();
  pages(one.node, [[1], hold()]);
  const start = performance.now();
  const stream = await one.session.executeStream(QUERY, undefined, { timeoutMs: 60 });
  assert.ok((await failure(ids(stream))) instanceof OperationTimedOut);
  assert.ok(performance.now() - start < SOON_MS);
});

test('break leaves nothing under way but the page that was asked for', async () => {
  await using one = await bench();
  pages(
    one.node,
    Array.from({ length: 50 }, (_, i) => [i]),
  );
  for await (const row of await one.session.executeStream(QUERY)) if (row['id'] === 3) break;
  const asked = one.node.requests.filter((request) => request.statement === QUERY).length;
  assert.ok(asked <= 6, String(asked));
});

test('paging state that never ends is bounded by maxPages', async () => {
  await using one = await bench();
  one.node.on(QUERY, rows([{ id: 7 }], { columns: COLUMNS, pagingState: 'again' }));
  assert.deepEqual(await ids(await one.session.executeStream(QUERY, undefined, { maxPages: 5 })), [7, 7, 7, 7, 7]);
});

test('an answer without rows to the request for page 2 was taken for the end: rows were lost', async () => {
  for (const answer of [reactions.void(), reactions.setKeyspace('ks')]) {
    await using one = await bench();
    pages(one.node, [[1, 2], answer]);
    const whole = await failure(one.session.execute(QUERY));
    const streamed = await failure(ids(await one.session.executeStream(QUERY)));
    for (const reason of [whole, streamed]) {
      assert.ok(reason instanceof ProtocolError, String(reason));
      assert.match(reason.message, /request for a further page/);
    }
    assert.equal(one.node.counts.connections, 2, 'it was the failure of that request alone');
  }
});

test('a statement that is no SELECT may be answered without rows, whatever page it was asked for', async () => {
  await using one = await bench();
  one.node.on('INSERT a', reactions.void());
  assert.deepEqual((await one.session.execute('INSERT a', undefined, { pagingState: Buffer.from('1') })).rows, []);
});
