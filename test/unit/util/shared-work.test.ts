import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedWork } from '../../../src/util/shared-work.js';

/** Work that ends when it is told to, or given up. */
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
      new Promise((resolve, reject) => {
        end = resolve;
        signal.addEventListener('abort', () => {
          isAborted = true;
          reject(new Error('given up'));
        });
      }),
  );
  return { shared, end, isAborted: () => isAborted };
}

test('all who wait get its outcome, and so does who comes later', async () => {
  const { shared, end } = work();
  const waiting = [shared.wait({}), shared.wait({})];
  end('done');
  assert.deepEqual(await Promise.all(waiting), ['done', 'done']);
  assert.equal(await shared.wait({}), 'done');
  assert.equal(shared.isAbandoned, false);
});

test('who leaves leaves it to the others; when the last one leaves, it is given up', async () => {
  const { shared, isAborted } = work();
  const leaving = [new AbortController(), new AbortController()];
  const waiting = leaving.map(({ signal }) => shared.wait({ signal }));
  leaving[0]?.abort(new Error('the first'));
  await assert.rejects(waiting[0] ?? shared.ended(), /the first/);
  assert.equal(isAborted(), false);
  leaving[1]?.abort(new Error('the last'));
  await assert.rejects(waiting[1] ?? shared.ended(), /the last/);
  assert.equal(isAborted(), true);
  await shared.ended();
  assert.equal(shared.isAbandoned, false, 'it is over');
});

test('it counts as given up until it is over, and ends for all when it fails', async () => {
  const shared = new SharedWork<string>();
  let fail: (error: Error) => void = () => undefined;
  shared.begin(() => new Promise((_, reject) => (fail = reject)));
  await assert.rejects(shared.wait({ signal: AbortSignal.abort(new Error('gone')) }), /gone/);
  assert.equal(shared.isAbandoned, true);
  fail(new Error('at last'));
  await shared.ended();
  assert.equal(shared.isAbandoned, false);
  await assert.rejects(shared.wait({}), /at last/);
});
