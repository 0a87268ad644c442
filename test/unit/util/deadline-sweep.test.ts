import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { DeadlineSweep, type Sweepable } from '../../../src/util/deadline-sweep.js';

/** Timers that go off when they are told to. */
function handTimers(): { readonly armed: (() => void)[]; restore(): void } {
  const armed: (() => void)[] = [];
  const fake = mock.method(globalThis, 'setTimeout', ((callback: () => void) => {
    armed.push(callback);
    return { unref: () => undefined };
  }) as never);
  return {
    armed,
    restore: () => {
      fake.mock.restore();
    },
  };
}

test('one timer is enough, also if what expires makes something be watched anew', () => {
  const timers = handTimers();
  try {
    const sweep = new DeadlineSweep();
    const served: Sweepable = { sweep: () => true };
    const expiring: Sweepable = {
      sweep: () => {
        sweep.watch(served);
        return true;
      },
    };
    sweep.watch(expiring);
    for (let tick = 0; tick < 10; tick++) {
      assert.equal(timers.armed.length, 1, `tick ${String(tick)}`);
      timers.armed.shift()?.();
    }
  } finally {
    timers.restore();
  }
});

test('nothing is armed once nobody is watched', () => {
  const timers = handTimers();
  try {
    const sweep = new DeadlineSweep();
    sweep.watch({ sweep: () => false });
    timers.armed.shift()?.();
    assert.equal(timers.armed.length, 0);
    sweep.watch({ sweep: () => false });
    assert.equal(timers.armed.length, 1);
  } finally {
    timers.restore();
  }
});
