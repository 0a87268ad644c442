import { sessionIsClosed } from '../../../src/connection/closed.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError, ConnectionError, OperationTimedOut, Overloaded } from '../../../src/errors.js';
import { RequestLimiter } from '../../../src/monitoring/request-limiter.js';
import { StartTimes } from '../../../src/monitoring/start-times.js';

const PATIENT = { budgetMs: Infinity, signal: undefined };

/** Work that ends when it is told to. */
function work(): { readonly run: () => Promise<string>; readonly end: () => void; readonly hasBegun: () => boolean } {
  let end = (): void => undefined;
  let begun = false;
  const done = new Promise<string>((resolve) => {
    end = () => {
      resolve('done');
    };
  });
  return {
    run: () => {
      begun = true;
      return done;
    },
    end,
    hasBegun: () => begun,
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('as many as allowed are under way, the others begin in the order in which they came', async () => {
  const limiter = new RequestLimiter({ maxConcurrent: 2 });
  const works = [work(), work(), work(), work()];
  const outcomes = works.map(({ run }) =>
    limiter.mayStartNow ? limiter.run(run) : limiter.runInTurn(PATIENT, () => run()),
  );
  assert.deepEqual(limiter.metrics, { totalRequests: 4, activeRequests: 2, queuedRequests: 2, rejectedRequests: 0 });
  works[1]?.end();
  await turn();
  assert.deepEqual(
    works.map(({ hasBegun }) => hasBegun()),
    [true, true, true, false],
  );
  for (const { end } of works) end();
  assert.deepEqual(await Promise.all(outcomes), ['done', 'done', 'done', 'done']);
  assert.deepEqual(limiter.metrics, { totalRequests: 4, activeRequests: 0, queuedRequests: 0, rejectedRequests: 0 });
});

test('work that fails gives its place back', async () => {
  const limiter = new RequestLimiter({ maxConcurrent: 1 });
  await assert.rejects(
    limiter.run(() => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal(limiter.metrics.activeRequests, 0);
  assert.equal(limiter.mayStartNow, true);
});

test('past maxQueued: Overloaded, provably not executed; pages of streams may exceed it', async () => {
  const limiter = new RequestLimiter({ maxConcurrent: 1, maxQueued: 0 });
  const one = work();
  const first = limiter.run(one.run);
  await assert.rejects(
    limiter.runInTurn(PATIENT, () => Promise.resolve()),
    (error) => error instanceof Overloaded && error.notExecuted,
  );
  const page = limiter.runInTurn(PATIENT, () => Promise.resolve('page'), true);
  assert.deepEqual(limiter.metrics, { totalRequests: 3, activeRequests: 1, queuedRequests: 1, rejectedRequests: 1 });
  one.end();
  assert.equal(await page, 'page');
  await first;
});

test('whoever is aborted, or waits longer than its time, leaves the line at once and never begins', async () => {
  const limiter = new RequestLimiter({ maxConcurrent: 1 });
  const one = work();
  const first = limiter.run(one.run);
  const abort = new AbortController();
  const [aborted, late] = [work(), work()];
  const abortedOutcome = limiter.runInTurn({ budgetMs: Infinity, signal: abort.signal }, () => aborted.run());
  const lateOutcome = limiter.runInTurn({ budgetMs: 20, signal: undefined }, () => late.run());
  assert.equal(limiter.metrics.queuedRequests, 2);
  abort.abort(new Error('changed my mind'));
  assert.equal(limiter.metrics.queuedRequests, 1, 'at once');
  await assert.rejects(abortedOutcome, /changed my mind/);
  await assert.rejects(lateOutcome, (error) => error instanceof OperationTimedOut && error.timeoutMs === 20);
  await assert.rejects(
    limiter.runInTurn({ budgetMs: Infinity, signal: abort.signal }, () => aborted.run()),
    /changed my mind/,
  );
  one.end();
  await first;
  assert.ok(!aborted.hasBegun() && !late.hasBegun());
  assert.equal(limiter.metrics.activeRequests, 0);
});

test('the work is told what is left of its time', async () => {
  const limiter = new RequestLimiter({ maxConcurrent: 1 });
  const one = work();
  const first = limiter.run(one.run);
  const left = limiter.runInTurn({ budgetMs: 60_000, signal: undefined }, (leftMs) => Promise.resolve(leftMs));
  await new Promise((resolve) => setTimeout(resolve, 30));
  one.end();
  await first;
  const leftMs = await left;
  assert.ok(leftMs < 59_980 && leftMs > 0, String(leftMs));
});

test('within any one second no more begin than perSecond', async () => {
  const limiter = new RequestLimiter({ perSecond: 5 });
  const begun: number[] = [];
  const begin = (): Promise<void> => {
    begun.push(performance.now());
    return Promise.resolve();
  };
  await Promise.all(
    Array.from({ length: 11 }, () => (limiter.mayStartNow ? limiter.run(begin) : limiter.runInTurn(PATIENT, begin))),
  );
  assert.equal(begun.length, 11);
  for (let i = 5; i < begun.length; i++) {
    const apart = (begun[i] ?? 0) - (begun[i - 5] ?? 0);
    assert.ok(apart >= 990, `requests ${String(i - 5)} and ${String(i)} began ${String(apart)} ms apart`);
  }
});

test('start times: the next may begin a second after the one so many before it', () => {
  const times = new StartTimes(2);
  assert.ok(times.waitMs(0) <= 0);
  times.add(0);
  times.add(400);
  assert.equal(times.waitMs(500), 500);
  times.add(1000);
  assert.equal(times.waitMs(1000), 400);
});

test('a closed limiter refuses whoever waits', async () => {
  const limiter = new RequestLimiter({ maxConcurrent: 1 });
  const one = work();
  const first = limiter.run(one.run);
  const waiting = limiter.runInTurn(PATIENT, () => Promise.resolve());
  limiter.close(sessionIsClosed);
  await assert.rejects(waiting, (error) => error instanceof ConnectionError && error.message === 'Session is closed');
  one.end();
  await first;
});

test('wrong options are named, all at once', () => {
  assert.throws(
    () => new RequestLimiter({ maxConcurrent: 0, maxQueued: -1, perSecond: 1.5, maxQueue: 3 } as object),
    (error) =>
      error instanceof ConfigurationError &&
      ['maxConcurrent must', 'maxQueued must', 'perSecond must', 'did you mean maxQueued?'].every((part) =>
        error.message.includes(part),
      ),
  );
});
