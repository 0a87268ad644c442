import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BatchStatement, OperationTimedOut, type AsyncCassandraSession } from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

let space: Workspace;
let session: AsyncCassandraSession;
/** Takes the server some hundred milliseconds. */
const HEAVY = 'SELECT p, c, v FROM heavy WHERE v > -1 ALLOW FILTERING';

before(async () => {
  space = await openWorkspace('it_abort');
  session = space.session;
  await session.execute('CREATE TABLE small (id int PRIMARY KEY, v text)');
  await session.execute('CREATE TABLE heavy (p int, c int, v int, PRIMARY KEY (p, c))');
  const insert = await session.prepare('INSERT INTO heavy (p, c, v) VALUES (?, ?, ?)');
  for (let p = 0; p < 20; p++) {
    const batch = new BatchStatement({ type: 1 });
    for (let c = 0; c < 500; c++) batch.add(insert, [p, c, c]);
    await session.executeBatch(batch);
  }
  await session.executeConcurrent(
    'INSERT INTO small (id, v) VALUES (?, ?)',
    Array.from({ length: 300 }, (_, id) => [id, `v${String(id)}`]),
  );
});
after(() => space.close());

/** Every answer goes to its own question. */
async function connectionIsFine(): Promise<void> {
  const results = await Promise.all(
    Array.from({ length: 300 }, (_, id) => session.execute('SELECT id, v FROM small WHERE id = ?', [id])),
  );
  results.forEach((result, id) => {
    assert.deepEqual(result.rows, [{ id, v: `v${String(id)}` }]);
  });
}

const reason = Object.freeze({ because: 'the user went away' });
function isReason(error: unknown): boolean {
  return error === reason;
}

const calls: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
  'execute, plain': (signal) => session.execute(HEAVY, undefined, { signal }),
  'execute, prepared': (signal) => session.execute('SELECT v FROM small WHERE id = ?', [1], { signal }),
  'execute, first use': (signal) =>
    session.execute(`SELECT v AS v${String(fresh++)} FROM small WHERE id = ?`, [1], { signal }),
  executeBatch: (signal) =>
    session.executeBatch(new BatchStatement().add('INSERT INTO small (id, v) VALUES (?, ?)', [1, 'v1']), { signal }),
  executeStream: (signal) => session.executeStream(HEAVY, undefined, { signal }),
  prepare: (signal) => session.prepare(`SELECT v AS p${String(fresh++)} FROM small WHERE id = ?`, { signal }),
  executeConcurrent: (signal) =>
    session.executeConcurrent(
      'SELECT v FROM small WHERE id = ?',
      Array.from({ length: 5000 }, (_, id) => [id]),
      { signal },
    ),
  connect: (signal) => space.cluster.connect('it_abort', { signal }),
};
let fresh = 0;

for (const [name, call] of Object.entries(calls)) {
  test(`${name}: a signal aborted before rejects with its own reason`, async () => {
    const controller = new AbortController();
    controller.abort(reason);
    await assert.rejects(call(controller.signal), isReason);
    await connectionIsFine();
  });

  // Small requests may be answered before; those of `connect` are not even made when a pool is there.
  if (name === 'connect') continue;
  test(`${name}: a signal aborted meanwhile rejects with its own reason`, async () => {
    const controller = new AbortController();
    const outcome = call(controller.signal);
    queueMicrotask(() => {
      controller.abort(reason);
    });
    await assert.rejects(outcome, isReason);
    await connectionIsFine();
  });

  test(`${name}: a signal aborted after it is over changes nothing and keeps no listener`, async () => {
    const controller = new AbortController();
    const listeners = { added: 0, removed: 0 };
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners.added++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners.removed++;
      remove(...args);
    };
    const result = await call(signal);
    if (name === 'executeStream') await (result as { close(): Promise<void> }).close();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(listeners.removed, listeners.added);
    controller.abort(reason);
    await connectionIsFine();
  });
}

test('an aborted request on a connection with others: only it is ended', async () => {
  const controller = new AbortController();
  const all = Array.from({ length: 200 }, (_, id) =>
    session.execute('SELECT id FROM small WHERE id = ?', [id], id % 2 === 0 ? { signal: controller.signal } : {}),
  );
  queueMicrotask(() => {
    controller.abort(reason);
  });
  const outcomes = await Promise.allSettled(all);
  outcomes.forEach((outcome, id) => {
    if (id % 2 === 0) assert.deepEqual(outcome, { status: 'rejected', reason });
    else if (outcome.status === 'fulfilled') assert.deepEqual(outcome.value.rows, [{ id }]);
    else assert.fail(String(outcome.reason));
  });
});

test('a preparation that one caller gives up goes on for the others', async () => {
  const controller = new AbortController();
  const query = 'SELECT v AS shared FROM small WHERE id = ?';
  const given = session.prepare(query, { signal: controller.signal });
  const other = session.prepare(query);
  controller.abort(reason);
  await assert.rejects(given, isReason);
  assert.deepEqual((await session.execute(await other, [3])).rows, [{ shared: 'v3' }]);
});

test('AbortSignal.timeout ends a request with its TimeoutError', async () => {
  await assert.rejects(
    session.execute(HEAVY, undefined, { signal: AbortSignal.timeout(1), fetchSize: 100 }),
    (error: Error) => error.name === 'TimeoutError',
  );
});

test('OperationTimedOut: one error type, with the time and the host', async () => {
  const [host] = space.cluster.metadata.hosts;
  await assert.rejects(session.execute(HEAVY, undefined, { timeoutMs: 1, fetchSize: 10_000 }), (error: unknown) => {
    assert.ok(error instanceof OperationTimedOut);
    assert.equal(error.timeoutMs, 1);
    assert.equal(error.host, `${host?.address ?? ''}:${String(host?.port)}`);
    assert.equal(error.code, 'ERR_OPERATION_TIMED_OUT');
    return true;
  });
  await connectionIsFine();
});

test('late answers of 100 timed-out requests never reach another', async () => {
  for (let round = 0; round < 3; round++) {
    const late = Array.from({ length: 30 }, () =>
      session.execute(HEAVY, undefined, { timeoutMs: 1, fetchSize: 2000 }).then(
        () => 'answered',
        (error: unknown) => error,
      ),
    );
    await connectionIsFine();
    for (const outcome of await Promise.all(late))
      assert.ok(outcome === 'answered' || outcome instanceof OperationTimedOut);
    await connectionIsFine();
  }
});

test('a page has its time, not the whole result: timeoutMs holds per page', async () => {
  const result = await session.execute(HEAVY, undefined, { timeoutMs: 5000, fetchSize: 500 });
  assert.equal(result.length, 10_000);
});

test('timeoutMs 0 is no limit', async () => {
  assert.equal((await session.execute(HEAVY, undefined, { timeoutMs: 0 })).length, 10_000);
});

test('one signal for 200 requests at once is no listener leak to warn of', async () => {
  const warnings: Error[] = [];
  const listener = (warning: Error): void => {
    warnings.push(warning);
  };
  process.on('warning', listener);
  const controller = new AbortController();
  const { signal } = controller;
  await Promise.all(
    Array.from({ length: 200 }, (_, id) =>
      session.execute(`SELECT v AS "w${String(id % 2)}" FROM small WHERE id = ?`, [id], { signal }),
    ),
  );
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listener);
  assert.deepEqual(warnings, []);
});
