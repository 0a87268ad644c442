import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigurationError } from '../../../src/errors.js';
import { LatencyHistogram } from '../../../src/policies/latency-histogram.js';
import {
  ConstantSpeculativeExecutionPolicy,
  NoSpeculativeExecution,
  PercentileSpeculativeExecutionPolicy,
} from '../../../src/policies/speculative.js';

test('none: never', () => {
  assert.ok(new NoSpeculativeExecution().nextDelayMs() < 0);
});

test('constant: maxAttempts beside the first', () => {
  const policy = new ConstantSpeculativeExecutionPolicy({ delayMs: 50, maxAttempts: 2 });
  assert.deepEqual([policy.nextDelayMs(1), policy.nextDelayMs(2), policy.nextDelayMs(3)], [50, 50, -1]);
});

test('percentile: none until enough is known, then near the percentile', () => {
  const policy = new PercentileSpeculativeExecutionPolicy({ percentile: 90, maxAttempts: 1 });
  for (let i = 0; i < 99; i++) policy.recordLatency(i);
  assert.equal(policy.nextDelayMs(1), -1);
  policy.recordLatency(99);
  const delay = policy.nextDelayMs(1);
  assert.ok(delay >= 89 && delay < 93, String(delay));
  assert.equal(policy.nextDelayMs(2), -1);
});

test('percentile: follows a cluster that gets faster', () => {
  const policy = new PercentileSpeculativeExecutionPolicy({ percentile: 99, maxAttempts: 1 });
  for (let i = 0; i < 10_000; i++) policy.recordLatency(200);
  assert.ok(policy.nextDelayMs(1) >= 200);
  for (let i = 0; i < 100_000; i++) policy.recordLatency(2);
  assert.ok(policy.nextDelayMs(1) < 2.1, String(policy.nextDelayMs(1)));
});

test('a percentile is right to about 3 %, from a microsecond to minutes', () => {
  const latency = fc.oneof(
    fc.double({ min: 0.001, max: 5, noNaN: true }),
    fc.double({ min: 5, max: 600_000, noNaN: true }),
  );
  fc.assert(
    fc.property(
      fc.array(latency, { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 99 }),
      (values, percent) => {
        const histogram = new LatencyHistogram();
        for (const value of values) histogram.record(value);
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
        const told = histogram.percentile(percent);
        assert.ok(told >= exact && told <= exact * 1.032 + 0.002, `${String(told)} for ${String(exact)}`);
      },
    ),
  );
});

test('odd latencies do no harm', () => {
  const histogram = new LatencyHistogram();
  assert.equal(histogram.percentile(50), -1);
  for (const value of [NaN, -1, 0, Infinity, 1e12]) histogram.record(value);
  assert.equal(histogram.percentile(50), 0.001);
  assert.ok(histogram.percentile(99) > 1e6);
});

test('wrong options are refused', () => {
  assert.throws(() => new ConstantSpeculativeExecutionPolicy({ delayMs: -1, maxAttempts: 1 }), ConfigurationError);
  assert.throws(() => new ConstantSpeculativeExecutionPolicy({ delayMs: 1, maxAttempts: 0 }), ConfigurationError);
  for (const percentile of [0, 100, NaN]) {
    assert.throws(() => new PercentileSpeculativeExecutionPolicy({ percentile, maxAttempts: 1 }), ConfigurationError);
  }
  assert.throws(
    () => new PercentileSpeculativeExecutionPolicy({ percentile: 99, maxAttempts: 1.5 }),
    ConfigurationError,
  );
});
