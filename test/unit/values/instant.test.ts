import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvalidParameter } from '../../../src/errors.js';
import { parseInstant } from '../../../src/values/instant.js';

test('ISO 8601 instants are read', () => {
  const noon = Date.UTC(2026, 0, 31, 12);
  for (const text of [
    '2026-01-31T12:00:00.000Z',
    '2026-01-31T12:00Z',
    '2026-01-31 12:00:00+00:00',
    '2026-01-31T14:30:00+02:30',
    '2026-01-31T07:00:00-0500',
    '2026-01-31T07:00:00-05',
    '2026-01-31T12:00:00.000999999Z',
  ]) {
    assert.equal(parseInstant(text), noon, text);
  }
  assert.equal(parseInstant('2026-01-31'), Date.UTC(2026, 0, 31));
  assert.equal(parseInstant('+000000-01-01'), parseInstant('0000-01-01'));
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      assert.equal(parseInstant(date.toISOString()), date.getTime());
    }),
  );
});

test('instants past the safe integers are exact', () => {
  assert.equal(parseInstant('+300000-01-01T00:00:00.001Z'), 9_404_918_380_800_001n);
  const yearsOf400 = fc.integer({ min: -2490, max: 2490 });
  fc.assert(
    fc.property(yearsOf400, fc.date({ min: new Date(0), max: new Date(3e11), noInvalidDate: true }), (cycles, date) => {
      // The calendar repeats itself after 400 years.
      const year = date.getUTCFullYear() + cycles * 400;
      const sign = year < 0 ? '-' : '+';
      const text = `${sign}${String(Math.abs(year)).padStart(6, '0')}${date.toISOString().slice(4)}`;
      assert.equal(BigInt(parseInstant(text)), BigInt(date.getTime()) + BigInt(cycles) * 146_097n * 86_400_000n);
    }),
  );
});

test('texts that mean no instant, or another one in each place, are refused', () => {
  for (const bad of [
    '',
    '2026-01-31T12:00:00',
    '2026-02-30T12:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-01-31T12:00:00+24:00',
    '31.01.2026',
    'Sat, 31 Jan 2026 12:00:00 GMT',
    '2026-01-31Z',
    '-000000-01-01',
    '-000000-01-01T00:00:00Z',
    '1769860800000',
  ]) {
    assert.throws(() => parseInstant(bad), InvalidParameter, bad);
  }
});
