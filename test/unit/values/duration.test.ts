import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvalidParameter } from '../../../src/errors.js';
import { CqlDuration } from '../../../src/values/duration.js';

const HOUR = 3_600_000_000_000n;

function parts(text: string): [number, number, bigint] {
  const { months, days, nanoseconds } = CqlDuration.parse(text);
  return [months, days, nanoseconds];
}

test('every form of a duration is read', () => {
  const clock = 4n * HOUR + 5n * 60_000_000_000n + 6n * 1_000_000_000n;
  assert.deepEqual(parts('1y2mo3w4d5h6m7s8ms9us10ns'), [14, 25, 5n * HOUR + 6n * 60_000_000_000n + 7_008_009_010n]);
  assert.deepEqual(parts('12µs'), [0, 0, 12_000n]);
  assert.deepEqual(parts('12μs'), [0, 0, 12_000n]);
  assert.deepEqual(parts('1MO2D3H'), [1, 2, 3n * HOUR]);
  assert.deepEqual(parts('-1y3h'), [-12, 0, -3n * HOUR]);
  assert.deepEqual(parts('P1Y2M3DT4H5M6S'), [14, 3, clock]);
  assert.deepEqual(parts('-P1Y2M3DT4H5M6S'), [-14, -3, -clock]);
  assert.deepEqual(parts('P2W'), [0, 14, 0n]);
  assert.deepEqual(parts('PT0.5S'), [0, 0, 500_000_000n]);
  assert.deepEqual(parts('P0001-02-03T04:05:06'), [14, 3, clock]);
  assert.deepEqual(parts('0s'), [0, 0, 0n]);
});

test('what is no duration, or too large, is refused', () => {
  for (const bad of [
    '',
    '-',
    'P',
    'PT',
    'P1YT',
    '1',
    '1x',
    '1h1y',
    '1h 2m',
    '1h2h',
    'p1y',
    '--1h',
    '2147483648d',
    '1.5h',
  ]) {
    assert.throws(() => CqlDuration.parse(bad), InvalidParameter, bad);
  }
  assert.throws(() => CqlDuration.parse('9223372036854775808ns'), InvalidParameter);
  assert.throws(() => new CqlDuration(1, -1, 0n), InvalidParameter);
  assert.throws(() => new CqlDuration(0, 1, -1n), InvalidParameter);
  assert.throws(() => new CqlDuration(0.5, 1, 1n), InvalidParameter);
  assert.throws(() => new CqlDuration(0, 0, 2n ** 63n), InvalidParameter);
});

test('the text of a duration is read back as the same', () => {
  assert.equal(new CqlDuration(14, 3, 4n * HOUR + 5n).toString(), '1y2mo3d4h5ns');
  assert.equal(new CqlDuration(-1, -2, -3n).toString(), '-1mo2d3ns');
  assert.equal(String(new CqlDuration(0, 0, 0n)), '0s');
  const least = new CqlDuration(-(2 ** 31), -(2 ** 31), -(2n ** 63n));
  assert.ok(CqlDuration.parse(least.toString()).equals(least));
  assert.throws(() => CqlDuration.parse(least.toString().slice(1)), InvalidParameter);
  fc.assert(
    fc.property(
      fc.nat(2 ** 31 - 1),
      fc.nat(2 ** 31 - 1),
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      fc.boolean(),
      (months, days, nanos, negative) => {
        const duration = negative ? new CqlDuration(-months, -days, -nanos) : new CqlDuration(months, days, nanos);
        assert.ok(CqlDuration.parse(duration.toString()).equals(duration));
      },
    ),
  );
});
