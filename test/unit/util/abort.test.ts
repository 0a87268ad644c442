import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { onAbort, throwIfAborted } from '../../../src/util/abort.js';

test('throwIfAborted throws the reason itself', () => {
  const reason = new Error('enough');
  assert.throws(
    () => {
      throwIfAborted(AbortSignal.abort(reason));
    },
    (error) => error === reason,
  );
  throwIfAborted(undefined);
  throwIfAborted(new AbortController().signal);
});

test('onAbort calls once, with the reason, and leaves no listener', () => {
  const controller = new AbortController();
  const reasons: unknown[] = [];
  const undo = onAbort(controller.signal, (reason) => reasons.push(reason));
  assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
  controller.abort('why');
  assert.deepEqual(reasons, ['why']);
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  undo();
});

test('the listener is off again after undo', () => {
  const controller = new AbortController();
  const undo = onAbort(controller.signal, () => assert.fail('must not be called'));
  undo();
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  controller.abort();
});

test('a signal that is aborted already calls at once; no signal never does', () => {
  let calls = 0;
  const count = (): void => {
    calls++;
  };
  onAbort(AbortSignal.abort(), count)();
  assert.equal(calls, 1);
  onAbort(undefined, count)();
  onAbort(null, count)();
  assert.equal(calls, 1);
});
