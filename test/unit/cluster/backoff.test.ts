import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../../src/cluster/backoff.js';
import { ExponentialReconnectionPolicy, type ReconnectionPolicy } from '../../../src/policies/reconnection.js';

function bench(policy: ReconnectionPolicy): { backoff: Backoff; errors: unknown[] } {
  const errors: unknown[] = [];
  return { backoff: new Backoff(policy, ({ error }) => errors.push(error)), errors };
}

function constant(delay: unknown): ReconnectionPolicy {
  return { newSchedule: () => ({ nextDelayMs: () => delay as number }) };
}

test('the pauses grow as the policy says, and begin anew after a reset', () => {
  const { backoff } = bench(new ExponentialReconnectionPolicy({ baseDelayMs: 100, maxDelayMs: 60_000 }));
  assert.equal(backoff.isFresh, true);
  const first = backoff.next();
  assert.equal(backoff.isFresh, false);
  for (let i = 0; i < 5; i++) backoff.next();
  assert.ok(backoff.next() > first * 10);
  backoff.reset();
  assert.equal(backoff.isFresh, true);
  assert.ok(backoff.next() < first * 2);
});

for (const delay of [NaN, -1, undefined, 'soon']) {
  test(`a schedule that gives ${String(delay)} does not make the client knock without a pause`, () => {
    const { backoff, errors } = bench(constant(delay));
    assert.equal(backoff.next(), 1000);
    assert.match(String(errors[0]), /ConfigurationError: .* milliseconds/);
  });
}

test('a pause longer than timers can wait is as long as they can: they would fire at once', () => {
  for (const delay of [Infinity, 1e12]) assert.equal(bench(constant(delay)).backoff.next(), 2 ** 31 - 1);
});

test('a policy that throws does not end the attempts', () => {
  const { backoff, errors } = bench({
    newSchedule: () => {
      throw new Error('broken');
    },
  });
  assert.equal(backoff.next(), 1000);
  assert.equal(backoff.next(), 1000);
  assert.equal(errors.length, 2);
});
