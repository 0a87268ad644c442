import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { SliceQueue, type SteppedWork } from '../../../src/util/slice-queue.js';

/** A clock that goes on when work is done, and not otherwise. */
let now = 0;
beforeEach(() => {
  now = 0;
  mock.method(performance, 'now', () => now);
});
afterEach(() => {
  mock.restoreAll();
});

class Job implements SteppedWork {
  steps = 0;
  stopped: Error | null = null;
  readonly #total: number;
  readonly #ms: number;
  readonly #onEnd: () => void;

  constructor(total: number, ms: number, onEnd: () => void = () => undefined) {
    this.#total = total;
    this.#ms = ms;
    this.#onEnd = onEnd;
  }

  get isDone(): boolean {
    return this.steps === this.#total;
  }

  step(): boolean {
    this.steps++;
    now += this.#ms;
    if (!this.isDone) return true;
    this.#onEnd();
    return false;
  }

  stop(reason: Error): void {
    this.stopped = reason;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('short work is done when run returns, and makes no slice of its own', async () => {
  const slices: number[] = [];
  const queue = new SliceQueue((ms) => slices.push(ms));
  const job = new Job(3, 1);
  queue.run(job);
  assert.equal(job.steps, 3);
  await turn();
  assert.deepEqual(slices, []);
});

test('long work has four milliseconds of each turn, however many wait', async () => {
  const slices: number[] = [];
  const queue = new SliceQueue((ms) => slices.push(ms));
  const jobs = Array.from({ length: 5 }, () => new Job(10, 1));
  for (const job of jobs) queue.run(job);
  const steps = (): number => jobs.reduce((sum, job) => sum + job.steps, 0);
  assert.equal(steps(), 4, 'the first begins at once, the others wait');
  await turn();
  assert.equal(steps(), 4, 'this turn was used up');
  for (let done = 8; done <= 48; done += 4) {
    await turn();
    assert.equal(steps(), done);
    // One after the other: what is done first gives its memory back first.
    assert.equal(jobs.filter((job) => job.steps > 0 && !job.isDone).length <= 1, true);
  }
  await turn();
  assert.ok(jobs.every((job) => job.isDone));
  assert.deepEqual(
    slices.filter((ms) => ms > 0),
    [...Array.from({ length: 11 }, () => 4), 2],
  );
});

test('a step that takes longer than a slice ends it', async () => {
  const queue = new SliceQueue(() => undefined);
  const job = new Job(3, 100);
  queue.run(job);
  assert.equal(job.steps, 1);
  await turn();
  await turn();
  assert.equal(job.steps, 2);
});

test('work that others bring along waits for its turn', async () => {
  const queue = new SliceQueue(() => undefined);
  const later = new Job(1, 1);
  queue.run(
    new Job(2, 1, () => {
      queue.run(later);
      assert.equal(later.steps, 0);
    }),
  );
  await turn();
  assert.ok(later.isDone);
});

test('close stops all of it, and nothing is stepped afterwards', async () => {
  const queue = new SliceQueue(() => undefined);
  const jobs = [new Job(20, 1), new Job(20, 1)];
  for (const job of jobs) queue.run(job);
  const reason = new Error('closed');
  queue.close(reason);
  assert.deepEqual(
    jobs.map((job) => job.stopped),
    [reason, reason],
  );
  const steps = jobs.map((job) => job.steps);
  for (let i = 0; i < 5; i++) await turn();
  assert.deepEqual(
    jobs.map((job) => job.steps),
    steps,
  );
});
