import assert from 'node:assert/strict';
import test from 'node:test';
import { median, medianRatio, percentile, slope } from '../lib/statistics.mjs';

test('the median of an odd and of an even count', () => {
  assert.equal(median([3, 100, 1]), 3);
  assert.equal(median([4, 1, 2, 100]), 3);
  assert.ok(Number.isNaN(median([])));
});

test('a percentile is a value that occurred', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  assert.equal(percentile(values, 0.5), 100);
  assert.equal(percentile(values, 0.99), 198);
  assert.equal(percentile([7], 0.99), 7);
});

test('the ratio is the median of the ratios of each round, not the ratio of medians', () => {
  assert.equal(medianRatio([10, 200, 30], [1, 10, 10]), 10);
});

test('the slope of a line with noise that cancels out', () => {
  const points = [
    [0, 105],
    [10, 195],
    [20, 295],
    [30, 405],
  ];
  assert.ok(Math.abs(slope(points) - 10) < 1e-9);
});
