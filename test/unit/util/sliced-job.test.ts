import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce, SlicedJob, SlicedTurns } from '../../../src/util/sliced-job.js';

function busy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function* work(steps: number, ms: number): Generator<undefined, number> {
  for (let i = 0; i < steps; i++) {
    busy(ms);
    yield;
  }
  return steps;
}

/** The work as a job: its result as a promise. */
function inSlices<T>(steps: Iterator<unknown, T>): Promise<T> {
  return new Promise((resolve, reject) => {
    new SlicedJob(steps, resolve, reject).run();
  });
}

test('timers are served between the slices', async () => {
  let beats = 0;
  const timer = setInterval(() => beats++, 1);
  assert.equal(await inSlices(work(40, 1)), 40);
  clearInterval(timer);
  assert.ok(beats >= 4, `${String(beats)} turns of the event loop`);
});

test('short work is done in the turn that it was given in', () => {
  let result = 0;
  const job = new SlicedJob(
    work(2, 0),
    (value) => (result = value),
    (error: unknown) => {
      throw error;
    },
  );
  job.run();
  assert.equal(result, 2);
});

test('what the work throws is told, in whatever slice', async () => {
  const failing = function* (): Generator<undefined, never> {
    yield* work(6, 1);
    throw new RangeError('in a late slice');
  };
  await assert.rejects(inSlices(failing()), RangeError);
});

test('a stopped job does nothing more and tells nobody, whether it waits or is stopped by its own step', async () => {
  let steps = 0;
  const count = function* (stopAt: number): Generator<undefined, undefined> {
    for (;;) {
      if (++steps === stopAt) job.stop();
      busy(1);
      yield;
    }
  };
  const fail = (): void => assert.fail('told');
  let job = new SlicedJob<undefined>(count(3), fail, fail);
  job.run();
  // On a busy machine its three steps take more than one slice.
  while (steps < 3) await new Promise(setImmediate);
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  assert.equal(steps, 3);

  job = new SlicedJob(count(Infinity), fail, fail);
  job.start();
  job.stop();
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  assert.equal(steps, 3);
});

test('asynchronous work gives way as soon as its time is over, and not before', async () => {
  const turns = new SlicedTurns();
  assert.equal(turns.next(), null);
  for (let round = 0; round < 3; round++) {
    busy(5);
    let isServed = false;
    setImmediate(() => (isServed = true));
    const next = turns.next();
    assert.ok(next !== null);
    await next;
    assert.ok(isServed);
    assert.equal(turns.next(), null);
  }
});

test('at once is at once', () => {
  assert.equal(atOnce(work(1000, 0)), 1000);
});
