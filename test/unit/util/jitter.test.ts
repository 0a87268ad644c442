import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withJitter } from '../../../src/util/jitter.js';

test('jitter moves both ways, as far as its share', () => {
  assert.equal(
    withJitter(1000, 0.15, () => 0),
    850,
  );
  assert.equal(
    withJitter(1000, 0.15, () => 0.5),
    1000,
  );
  assert.ok(Math.abs(withJitter(1000, 0.15, () => 0.999999) - 1150) < 0.01);
});
