import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedWork } from '../../../src/util/shared-work.js';

/** Work that ends when it is told to. */
function work(): {
  readonly shared: SharedWork<string>;
  readonly end: (outcome: string) => void;
  readonly isAborted: () => boolean;
} {
  const shared = new SharedWork<string>();
  let end: (outcome: string) => void = () => undefined;
  let isAborted = false;
  shared.begin(
    (signal) =>
      new Promise((resolve) => {
        end = resolve;
        signal.addEventListener('abort', () => (isAborted = true));
      }),
  );
  return {
    shared,
    end: (outcome) => {
      end(outcome);
    },
    isAborted: () => isAborted,
  };
}

test('all who wait get its outcome, and so does who comes later', async () => {
  const { shared, end } = work();
  const waiting = [shared.wait({}), shared.wait({})];
  end('done');
  assert.deepEqual(await Promise.all(waiting), ['done', 'done']);
  assert.equal(await shared.wait({}), 'done');
  assert.equal(shared.isAbandoned, false);
});

test('who leaves leaves it to the others; when the last one has left, it is told and goes on', async () => {
  const { shared, end, isAborted } = work();
  const leaving = [new AbortController(), new AbortController()];
  const waiting = leaving.map(({ signal }) => assert.rejects(shared.wait({ signal }), /left/));
  leaving[0]?.abort(new Error('left first'));
  await waiting[0];
  assert.equal(isAborted(), false);
  assert.equal(shared.isAbandoned, false);
  leaving[1]?.abort(new Error('left last'));
  await waiting[1];
  assert.equal(isAborted(), true);
  assert.equal(shared.isAbandoned, true);
  assert.equal(shared.isOver, false);
  end('done');
  assert.equal(await shared.wait({}), 'done');
});

test('it may fail when everybody has gone, and fails for who comes later', async () => {
  const shared = new SharedWork<string>();
  let fail: (error: Error) => void = () => undefined;
  shared.begin(() => new Promise((_, reject) => (fail = reject)));
  await assert.rejects(shared.wait({ signal: AbortSignal.abort(new Error('gone')) }), /gone/);
  fail(new Error('at last'));
  await new Promise(setImmediate);
  assert.equal(shared.isOver, true);
  await assert.rejects(shared.wait({}), /at last/);
});
