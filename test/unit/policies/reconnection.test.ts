import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../../src/errors.js';
import { ConstantReconnectionPolicy, ExponentialReconnectionPolicy } from '../../../src/policies/reconnection.js';

test('constant: the same pause each time', () => {
  for (const policy of [new ConstantReconnectionPolicy(250), new ConstantReconnectionPolicy({ delayMs: 250 })]) {
    const schedule = policy.newSchedule();
    assert.deepEqual([schedule.nextDelayMs(), schedule.nextDelayMs()], [250, 250]);
  }
});

test('exponential: doubles to its limit, and each schedule starts anew', () => {
  const policy = new ExponentialReconnectionPolicy({ baseDelayMs: 1000, maxDelayMs: 60_000 }, () => 0.5);
  for (let round = 0; round < 2; round++) {
    const schedule = policy.newSchedule();
    const delays = Array.from({ length: 9 }, () => schedule.nextDelayMs());
    assert.deepEqual(delays, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  }
});

test('exponential: each pause lies within 15 % of its plain value, for ever', () => {
  const schedule = new ExponentialReconnectionPolicy().newSchedule();
  for (let i = 0; i < 2000; i++) {
    const plain = Math.min(1000 * 2 ** i, 60_000);
    const delay = schedule.nextDelayMs();
    assert.ok(delay >= plain * 0.85 && delay <= plain * 1.15, `${String(i)}: ${String(delay)}`);
  }
});

test('wrong options are refused', () => {
  assert.throws(() => new ConstantReconnectionPolicy(-1), ConfigurationError);
  assert.throws(() => new ConstantReconnectionPolicy({ delayMs: NaN }), ConfigurationError);
  assert.throws(() => new ExponentialReconnectionPolicy({ baseDelayMs: 0 }), ConfigurationError);
  assert.throws(() => new ExponentialReconnectionPolicy({ maxDelayMs: Infinity }), ConfigurationError);
  assert.throws(() => new ExponentialReconnectionPolicy({ baseDelayMs: 10, maxDelayMs: 9 }), ConfigurationError);
});
