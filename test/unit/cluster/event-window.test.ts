import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { EventWindow } from '../../../src/cluster/event-window.js';

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
});
afterEach(() => {
  mock.timers.reset();
});

test('events of one window are acted on once, at its end; then a new one begins', () => {
  let acted = 0;
  const window = new EventWindow(100, () => acted++);
  window.touch();
  window.touch();
  mock.timers.tick(74);
  assert.equal(acted, 0);
  mock.timers.tick(52);
  assert.equal(acted, 1);
  window.touch();
  mock.timers.tick(126);
  assert.equal(acted, 2);
});

test('after its close nothing is acted on, nor is a window opened for what comes later', () => {
  const window = new EventWindow(100, () => assert.fail('it is closed'));
  window.touch();
  window.close();
  mock.timers.tick(200);
  window.touch();
  mock.timers.tick(200);
});
