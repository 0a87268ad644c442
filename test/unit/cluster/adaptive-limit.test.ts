import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AdaptiveLimit } from '../../../src/cluster/adaptive-limit.js';

const CEILING = 1000;

/** A limit that was cut at `now`, by requests of which 100 were outstanding: 60. */
function cut(now: number): AdaptiveLimit {
  const limit = new AdaptiveLimit(CEILING);
  for (let sign = 0; sign < 4; sign++) limit.onSign(now, now - 1, 100);
  return limit;
}

test('all that the connections carry is allowed as long as nothing is wrong', () => {
  const limit = new AdaptiveLimit(CEILING);
  assert.equal(limit.value, CEILING);
  assert.equal(limit.isCut, false);
  assert.ok(limit.allows(1_000_000), 'the connections say themselves when they are full');
});

test('four signs of an overload cut what was outstanding to 60 %, and are one cut', () => {
  const limit = new AdaptiveLimit(CEILING);
  const cuts = Array.from({ length: 20 }, () => limit.onSign(100, 50, 100));
  assert.deepEqual(cuts.indexOf(true), 3);
  assert.equal(cuts.filter(Boolean).length, 1, 'the others were sent before the cut');
  assert.equal(limit.value, 60);
  assert.ok(limit.allows(59));
  assert.ok(!limit.allows(60));
});

test('signs of requests that were sent under the new limit cut it again', () => {
  const limit = cut(100);
  for (let sign = 0; sign < 4; sign++) limit.onSign(200, 150, 60);
  assert.equal(limit.value, 36);
});

test('a host always gets a few requests, or it could not show that it is better', () => {
  const limit = cut(0);
  for (let now = 10; now < 1000; now += 10) limit.onSign(now, now - 1, 1);
  assert.equal(limit.value, 4);
});

test('single slow requests are no overload', () => {
  const limit = new AdaptiveLimit(CEILING);
  for (let now = 0; now < 60_000; now += 500) limit.onSign(now, now - 1, 100);
  assert.equal(limit.isCut, false, 'two a second');
  for (let i = 0; i < 100; i++) {
    for (let answer = 0; answer < 20; answer++) limit.onAnswer(60_000 + i);
    limit.onSign(60_000 + i, 59_999, 100);
  }
  assert.equal(limit.isCut, false, 'one of twenty');
});

test('it grows back smoothly once there are no more signs, and is lifted at the ceiling', () => {
  const limit = cut(0);
  limit.onAnswer(900);
  assert.equal(limit.value, 60, 'not before a calm second');
  let before = limit.value;
  let liftedAt = 0;
  for (let now = 1000; liftedAt === 0; now += 50) {
    if (limit.onAnswer(now)) liftedAt = now;
    assert.ok(limit.value <= before * 1.2 + 1 || liftedAt > 0, `${String(before)} → ${String(limit.value)}`);
    assert.ok(limit.value >= before);
    before = limit.value;
  }
  assert.ok(liftedAt > 2000 && liftedAt < 6000, String(liftedAt));
  assert.equal(limit.value, CEILING);
  assert.equal(limit.isCut, false);
});

test('a host that was asked nothing for long is trusted again with the first answer', () => {
  const limit = cut(0);
  assert.equal(limit.onAnswer(60_000), true);
  assert.equal(limit.value, CEILING);
});

test('a new sign stops the growth for a second', () => {
  const limit = cut(0);
  limit.onAnswer(1500);
  const { value } = limit;
  assert.ok(value > 60);
  limit.onSign(1500, 1400, 10);
  limit.onAnswer(2400);
  assert.equal(limit.value, value);
});
