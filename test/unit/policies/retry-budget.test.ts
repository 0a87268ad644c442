import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../../src/errors.js';
import { RetryBudget } from '../../../src/policies/retry-budget.js';

function allowed(budget: RetryBudget, most = 100_000): number {
  let count = 0;
  while (count < most && budget.tryRetry()) count++;
  return count;
}

test('the floor alone before there were requests', () => {
  assert.equal(allowed(new RetryBudget({ floor: 7, now: () => 0 })), 7);
  assert.equal(allowed(new RetryBudget({ floor: 0, now: () => 0 })), 0);
});

test('a share of the requests beside the floor', () => {
  const budget = new RetryBudget({ share: 0.2, floor: 10, now: () => 0 });
  for (let i = 0; i < 1000; i++) budget.recordRequest();
  assert.equal(allowed(budget), 210);
  assert.equal(budget.tryRetry(), false);
});

test('in a storm retries stay at the share, however long it lasts', () => {
  let now = 0;
  const budget = new RetryBudget({ share: 0.2, floor: 10, now: () => now });
  let retries = 0;
  const requests = 200_000;
  for (let i = 0; i < requests; i++) {
    now += 0.5;
    budget.recordRequest();
    for (let attempt = 0; attempt < 3 && budget.tryRetry(); attempt++) retries++;
  }
  assert.ok(retries / requests > 0.18 && retries / requests < 0.21, String(retries / requests));
});

test('old requests lose their weight, and used retries come back', () => {
  let now = 0;
  const budget = new RetryBudget({ share: 0.5, floor: 4, windowMs: 1000, now: () => now });
  for (let i = 0; i < 1000; i++) budget.recordRequest();
  assert.equal(allowed(budget), 504);
  now += 20_000;
  assert.equal(allowed(budget), 4);
  now += 20_000;
  assert.equal(allowed(budget), 4);
});

test('a retry that was not made is put back, as much of it as has not faded', () => {
  let now = 0;
  const budget = new RetryBudget({ share: 0, floor: 10, windowMs: 1000, now: () => now });
  for (let i = 0; i < 100; i++) {
    assert.equal(budget.tryRetry(), true);
    budget.giveBack(0);
  }
  assert.equal(allowed(budget), 10);
  // All ten have faded to less than a half: putting one of them back makes room for less than a half.
  now += 1000;
  for (let taken = 0; taken < 10; taken++) budget.giveBack(1000);
  assert.equal(allowed(budget), 10);
  budget.giveBack(-5);
  assert.equal(allowed(budget), 1);
});

test('a clock that goes back does no harm', () => {
  let now = 5000;
  const budget = new RetryBudget({ floor: 3, now: () => now });
  now = 0;
  for (let i = 0; i < 100; i++) budget.recordRequest();
  assert.equal(allowed(budget), 23);
});

test('wrong options are refused', () => {
  assert.throws(() => new RetryBudget({ share: -0.1 }), ConfigurationError);
  assert.throws(() => new RetryBudget({ floor: NaN }), ConfigurationError);
  assert.throws(() => new RetryBudget({ windowMs: 0 }), ConfigurationError);
});
