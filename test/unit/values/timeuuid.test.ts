import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvalidParameter } from '../../../src/errors.js';
import { maxTimeuuid, minTimeuuid, timeuuid, timeuuidDate } from '../../../src/values/timeuuid.js';
import { uuidBytes } from '../../../src/values/uuid.js';

/** Cassandra's order of timeuuids: by time, then by the last eight bytes, each signed. */
function compare(one: string, other: string): number {
  const keys = [one, other].map((text) => {
    const bytes = Buffer.from(uuidBytes(text));
    const time = Buffer.concat([bytes.subarray(6, 8), bytes.subarray(4, 6), bytes.subarray(0, 4)]);
    return Buffer.concat([time, bytes.subarray(8).map((byte) => byte ^ 0x80)]);
  });
  return Buffer.compare(keys[0] ?? Buffer.alloc(0), keys[1] ?? Buffer.alloc(0));
}

test('the first instant, the epoch and a known UUID', () => {
  assert.equal(timeuuidDate('13814000-1dd2-11b2-8080-808080808080').getTime(), 0);
  assert.equal(minTimeuuid(0), '13814000-1dd2-11b2-8080-808080808080');
  assert.equal(maxTimeuuid(new Date(0)), '1381670f-1dd2-11b2-7f7f-7f7f7f7f7f7f');
  assert.equal(timeuuidDate(timeuuid(new Date('1582-10-15T00:00:00Z'))).toISOString(), '1582-10-15T00:00:00.000Z');
});

test('timeuuids of now go up and never repeat, also by the ten thousands', () => {
  let last = timeuuid();
  const first = timeuuidDate(last).getTime();
  assert.ok(Math.abs(first - Date.now()) < 60_000);
  for (let i = 0; i < 25_000; i++) {
    const next = timeuuid();
    assert.ok(compare(last, next) < 0);
    last = next;
  }
});

test('timeuuids go up while the clock stands still or goes back', (t) => {
  const ahead = Date.now() + 5000;
  let now = ahead;
  t.mock.method(Date, 'now', () => now);
  let last = timeuuid();
  for (let i = 0; i < 25_000; i++) {
    if (i === 12_000) now = ahead - 1000;
    const next = timeuuid();
    assert.ok(compare(last, next) < 0);
    last = next;
  }
});

test('timeuuids of one date are all different', () => {
  const date = new Date('2026-01-31T12:00:00.123Z');
  const made = new Set(Array.from({ length: 25_000 }, () => timeuuid(date)));
  assert.equal(made.size, 25_000);
  for (const text of [...made].slice(0, 100)) assert.equal(timeuuidDate(text).getTime(), date.getTime());
});

test('every timeuuid lies between the least and the greatest of its millisecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: -12_219_292_800_000, max: 103_072_857_660_683 }), (ms) => {
      const made = timeuuid(ms);
      assert.equal(timeuuidDate(made).getTime(), ms);
      assert.ok(compare(minTimeuuid(ms), made) <= 0);
      assert.ok(compare(made, maxTimeuuid(ms)) <= 0);
      assert.match(made, /^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab]/);
    }),
  );
});

test('dates that no timeuuid holds are refused, and so are UUIDs without a time', () => {
  for (const bad of [Number.NaN, -12_219_292_800_001, 1e15, new Date(Number.NaN)]) {
    assert.throws(() => timeuuid(bad), InvalidParameter);
    assert.throws(() => minTimeuuid(bad), InvalidParameter);
  }
  assert.throws(() => timeuuidDate('5132b130-ae79-41e4-ab27-0800200c9a66'), InvalidParameter);
  assert.throws(() => timeuuidDate('nonsense'), InvalidParameter);
});
