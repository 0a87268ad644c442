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
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      assert.equal(parseInstant(date.toISOString()), date.getTime());
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
    '1769860800000',
  ]) {
    assert.throws(() => parseInstant(bad), InvalidParameter, bad);
  }
});
