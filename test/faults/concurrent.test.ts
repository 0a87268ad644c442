import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError, RateLimitedSession, type AsyncCassandraSession } from '../../src/index.js';
import { error, hold, rows } from '../../src/testing/index.js';
import { bench, failure, SOON_MS, until } from './support.js';

const READ = 'SELECT v FROM t';
const WRITE = 'INSERT INTO t (k) VALUES (?)';
type Kind = (session: AsyncCassandraSession) => AsyncCassandraSession | RateLimitedSession;
const KINDS: readonly [string, Kind][] = [
  ['a session', (session) => session],
  ['a rate limited session', (session) => new RateLimitedSession(session)],
];

const never = new Promise<IteratorResult<unknown[]>>(() => undefined);

/** Gives `count` items and then never an answer; notes whether it was asked to close. */
function stuck(count: number): AsyncIterable<unknown[]> & { closed: boolean } {
  const source = {
    closed: false,
    [Symbol.asyncIterator]: (): AsyncIterator<unknown[]> => {
      let given = 0;
      return {
        next: () => (given++ < count ? Promise.resolve({ done: false, value: [] }) : never),
        return: () => {
          source.closed = true;
          return never;
        },
      };
    },
  };
  return source;
}

function* wrong(count: number): Generator<unknown[]> {
  for (let i = 0; i < count; i++) yield ['no int'];
}

async function* asyncly<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

for (const [name, kind] of KINDS) {
  test(`${name}: executeConcurrent is aborted while it waits for its source`, async () => {
    await using one = await bench();
    const source = stuck(0);
    const controller = new AbortController();
    const reason = new Error('enough');
    const outcome = failure(kind(one.session).executeConcurrent(READ, source, { signal: controller.signal }), SOON_MS);
    controller.abort(reason);
    assert.equal(await outcome, reason);
    assert.ok(source.closed);
  });

  test(`${name}: executeConcurrent throws its first error while it waits for its source`, async () => {
    await using one = await bench();
    one.node.on(READ, error('SYNTAX_ERROR', { message: 'first' }));
    const source = stuck(1);
    const outcome = kind(one.session).executeConcurrent(READ, source);
    assert.match((await failure(outcome, SOON_MS)).message, /first/);
    assert.ok(source.closed);
  });

  test(`${name}: executeConcurrent with a signal that is aborted already reads nothing`, async () => {
    await using one = await bench();
    const reason = new Error('before');
    const options = { signal: AbortSignal.abort(reason) };
    assert.equal(await failure(kind(one.session).executeConcurrent(READ, [], options)), reason);
    const source = stuck(1);
    assert.equal(await failure(kind(one.session).executeConcurrent(READ, source, options)), reason);
    assert.equal(one.node.requests.filter((request) => request.statements.includes(READ)).length, 0);
  });
}

const FAULTS: readonly [string, (session: AsyncCassandraSession) => Promise<void> | void][] = [
  ['values that do not fit', () => undefined],
  ['a session that is closed meanwhile', (session) => session.close()],
];
for (const [name, kind] of KINDS) {
  for (const [fault, bringAbout] of FAULTS) {
    for (const isAsync of [false, true]) {
      const source = isAsync ? 'an async source' : 'a source';
      test(
        `${name}: ${fault}, ${source} without an end: timers and aborts are heard`,
        { timeout: 60_000 },
        async () => {
          await using one = await bench();
          one.node.prepared(WRITE, { parameters: [{ name: 'k', type: 'int' }] });
          const prepared = await one.session.prepare(WRITE);
          const controller = new AbortController();
          const reason = new Error('enough');
          setTimeout(() => {
            controller.abort(reason);
          }, 30);
          // Without a turn for the timer it would end with the last item.
          const values = isAsync ? asyncly(wrong(100_000)) : wrong(100_000);
          const options = { raiseOnFirstError: false, signal: controller.signal };
          const outcome = failure(kind(one.session).executeConcurrent(prepared, values, options), SOON_MS);
          await bringAbout(one.session);
          assert.equal(await outcome, reason);
        },
      );
    }
  }
}

test('executeConcurrent: items that fail at once are all told of, though the event loop has its turns', async () => {
  await using one = await bench();
  one.node.prepared(WRITE, { parameters: [{ name: 'k', type: 'int' }] });
  const prepared = await one.session.prepare(WRITE);
  const { total, succeeded, errors } = await one.session.executeConcurrent(prepared, wrong(3000), {
    raiseOnFirstError: false,
  });
  assert.deepEqual({ total, succeeded }, { total: 3000, succeeded: 0 });
  assert.deepEqual(
    errors.map(({ index }) => index),
    Array.from({ length: 3000 }, (_, index) => index),
  );
});

test('executeConcurrent: the first error does not wait for what is under way', async () => {
  await using one = await bench();
  const told: number[] = [];
  one.node.on({ statement: READ, nth: 1 }, hold().rows([{ v: 1 }]));
  one.node.on({ statement: READ, nth: 2 }, error('SYNTAX_ERROR', { message: 'second' }));
  const outcome = one.session.executeConcurrent(READ, [[], []], { onResult: (_result, index) => told.push(index) });
  assert.match((await failure(outcome, SOON_MS)).message, /second/);
  one.node.release();
  await one.session.execute('SELECT other FROM t');
  assert.deepEqual(told, [], 'what is over tells nothing more');
});

test('executeConcurrent costs what its items cost, however large its concurrency', async () => {
  await using one = await bench();
  one.node.on(READ, rows([{ v: 1 }]));
  for (const items of [[], [[], [], []]]) {
    const summary = await one.session.executeConcurrent(READ, items, { concurrency: Number.MAX_SAFE_INTEGER });
    assert.deepEqual({ ...summary }, { total: items.length, succeeded: items.length, errors: [] });
  }
});

test('executeConcurrent asks an async iterator for one item at a time, and no faster than requests end', async () => {
  await using one = await bench();
  one.node.on(READ, hold().rows([{ v: 1 }]));
  let asked = 0;
  let pending = 0;
  const source: AsyncIterable<unknown[]> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        assert.equal(pending++, 0);
        asked++;
        await new Promise((resolve) => setImmediate(resolve));
        pending--;
        return asked > 10 ? { done: true, value: undefined } : { done: false, value: [] };
      },
    }),
  };
  const outcome = one.session.executeConcurrent(READ, source, { concurrency: 4 });
  await one.node.waitFor(READ, 4);
  assert.equal(asked, 4);
  one.node.on(READ, rows([{ v: 1 }]));
  one.node.release();
  assert.equal((await outcome).succeeded, 10);
});

const THROWERS: readonly [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('told');
    },
  ],
  ['rejects', () => Promise.reject(new Error('told'))],
];
for (const [how, onResult] of THROWERS) {
  test(`executeConcurrent: an onResult that ${how} fails its item, and its item only counts once`, async () => {
    await using one = await bench();
    one.node.on(READ, rows([{ v: 1 }]));
    assert.equal((await failure(one.session.executeConcurrent(READ, [[], []], { onResult }), SOON_MS)).message, 'told');
    const summary = await one.session.executeConcurrent(READ, [[], []], {
      onResult: (_result, index) => (index === 1 ? onResult() : undefined),
      raiseOnFirstError: false,
    });
    assert.deepEqual(
      { ...summary, errors: summary.errors.map(({ index, error }) => [index, (error as Error).message]) },
      { total: 2, succeeded: 1, errors: [[1, 'told']] },
    );
  });
}

test('executeConcurrent waits for the promises of onResult, and takes no more items meanwhile', async () => {
  await using one = await bench();
  one.node.on(READ, rows([{ v: 1 }]));
  let taken = 0;
  function* source(): Generator<unknown[]> {
    for (; taken < 3; taken++) yield [];
  }
  const resolvers: (() => void)[] = [];
  const outcome = one.session.executeConcurrent(READ, source(), {
    concurrency: 1,
    onResult: () => new Promise<void>((resolve) => resolvers.push(resolve)),
  });
  for (let at = 0; at < 3; at++) {
    await until(() => resolvers.length === at + 1);
    assert.equal(taken, at);
    resolvers[at]?.();
  }
  assert.equal((await outcome).succeeded, 3);
});

test('executeConcurrent: an abort from within the source closes the source', async () => {
  await using one = await bench();
  const controller = new AbortController();
  const reason = new Error('from within');
  let closed = false;
  function* source(): Generator<unknown[]> {
    try {
      for (;;) {
        controller.abort(reason);
        yield [];
      }
    } finally {
      closed = true;
    }
  }
  assert.equal(await failure(one.session.executeConcurrent(READ, source(), { signal: controller.signal })), reason);
  assert.ok(closed);
});

test('executeConcurrent fails with what its source throws', async () => {
  await using one = await bench();
  one.node.on(READ, rows([{ v: 1 }]));
  async function* later(): AsyncGenerator<unknown[]> {
    yield [];
    throw new Error('the source');
  }
  function* atOnce(): Generator<unknown[]> {
    yield [];
    throw new Error('the source');
  }
  for (const source of [later(), atOnce()]) {
    const outcome = one.session.executeConcurrent(READ, source, { raiseOnFirstError: false });
    assert.equal((await failure(outcome)).message, 'the source');
  }
});

test('executeConcurrent refuses options of a wrong kind', async () => {
  await using one = await bench();
  for (const wrong of [
    { concurrency: 0 },
    { concurrency: '4' },
    { onResult: 5 },
    { raiseOnFirstError: 1 },
    { signal: 5 },
  ]) {
    const refusal = await failure(one.session.executeConcurrent(READ, [], wrong as object));
    assert.ok(refusal instanceof ConfigurationError, String(refusal));
    assert.ok(refusal.message.includes(Object.keys(wrong)[0] ?? ''), refusal.message);
  }
});

for (const [what, kindOf] of KINDS) {
  test(`executeConcurrent of ${what} that is closed rejects, also with nothing to execute`, async () => {
    await using one = await bench();
    const session = kindOf(await one.cluster.connect());
    await session.close();
    const asked = asyncly([]);
    for (const input of [[], asked, [[1]]]) {
      const refusal = await failure(session.executeConcurrent(READ, input));
      assert.equal(String(refusal), 'ConnectionError: Session is closed');
    }
    assert.deepEqual(await one.session.executeConcurrent(READ, []), { total: 0, succeeded: 0, errors: [] });
    const open = kindOf(one.session);
    await one.cluster.shutdown();
    assert.equal(String(await failure(open.executeConcurrent(READ, []))), 'ConnectionError: Cluster is closed');
  });
}
