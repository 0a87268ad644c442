import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { afterRunning } from '../../../src/util/running-time.js';

test('it comes after the whole time, however short or long that is', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    for (const ms of [1, 3, 100, 250, 5000]) {
      let calls = 0;
      afterRunning(ms, () => calls++);
      for (let passed = 0; passed < ms - 1; passed++) mock.timers.tick(1);
      assert.equal(calls, 0, `${String(ms)} ms`);
      for (let more = 0; more < LEAST_TICKS; more++) mock.timers.tick(1);
      assert.equal(calls, 1, `${String(ms)} ms`);
    }
  } finally {
    mock.timers.reset();
  }
});

/** Timers are rounded up to whole milliseconds, slice by slice. */
const LEAST_TICKS = 8;

test('called off, it never comes', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const stop = afterRunning(100, () => {
      assert.fail('it was called off');
    });
    mock.timers.tick(60);
    stop();
    mock.timers.tick(1000);
  } finally {
    mock.timers.reset();
  }
});
