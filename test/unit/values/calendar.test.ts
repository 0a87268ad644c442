import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvalidParameter } from '../../../src/errors.js';
import { dateText, parseDate, parseTime } from '../../../src/values/calendar.js';

const MIN = -(2 ** 31);
const MAX = 2 ** 31 - 1;

test('dates print as Java prints them, to both ends of the range', () => {
  const cases: [number, string][] = [
    [0, '1970-01-01'],
    [-1, '1969-12-31'],
    [19_782, '2024-02-29'],
    [-719_528, '0000-01-01'],
    [-719_529, '-0001-12-31'],
    [2_932_896, '9999-12-31'],
    [2_932_897, '+10000-01-01'],
    [MIN, '-5877641-06-23'],
    [MAX, '+5881580-07-11'],
  ];
  for (const [days, text] of cases) {
    assert.equal(dateText(days), text);
    assert.equal(parseDate(text), days);
  }
});

test('every date is read back; within the range of Date both agree', () => {
  fc.assert(fc.property(fc.integer({ min: MIN, max: MAX }), (days) => parseDate(dateText(days)) === days));
  fc.assert(
    fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), (days) => {
      assert.equal(dateText(days), new Date(days * 86_400_000).toISOString().slice(0, 10));
    }),
  );
});

test("CQL's raw form has ten digits", () => {
  assert.equal(parseDate('2147483648'), 0);
  assert.equal(parseDate('0000000000'), MIN);
  assert.equal(parseDate('4294967295'), MAX);
  assert.throws(() => parseDate('4294967296'), InvalidParameter);
  assert.throws(() => parseDate('20240131'), InvalidParameter);
});

test('days that do not exist or lie out of range are refused', () => {
  for (const bad of [
    '2023-02-29',
    '1900-02-29',
    '2024-13-01',
    '2024-00-01',
    '2024-04-31',
    '2024-1-1',
    '',
    '2024-01-01T00:00',
  ]) {
    assert.throws(() => parseDate(bad), InvalidParameter, bad);
  }
  assert.throws(() => parseDate('-5877641-06-22'), InvalidParameter);
  assert.throws(() => parseDate('+5881580-07-12'), InvalidParameter);
});

test('times of day', () => {
  assert.equal(parseTime('00:00:00'), 0n);
  assert.equal(parseTime('23:59:59.999999999'), 86_399_999_999_999n);
  assert.equal(parseTime('01:02:03.5'), 3_723_500_000_000n);
  assert.equal(parseTime('12:00:00.000000001'), 43_200_000_000_001n);
  assert.equal(parseTime('00:59:00.120'), 3_540_120_000_000n);
  for (const bad of ['24:00:00', '00:60:00', '00:00:60', '1:00:00', '00:00', '00:00:00.', '00:00:00.1234567890', '']) {
    assert.throws(() => parseTime(bad), InvalidParameter, bad);
  }
});
