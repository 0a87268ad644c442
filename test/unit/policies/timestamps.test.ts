import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigurationError } from '../../../src/errors.js';
import {
  MonotonicTimestampGenerator,
  ServerSideTimestampGenerator,
  timestampSource,
} from '../../../src/policies/timestamps.js';

test('microseconds of the clock', () => {
  const generator = new MonotonicTimestampGenerator({ now: () => 1_700_000_000_123 });
  assert.equal(generator.next(), 1_700_000_000_123_000n);
  assert.equal(generator.next(), 1_700_000_000_123_001n);
  const before = BigInt(Date.now()) * 1000n;
  assert.ok(new MonotonicTimestampGenerator().next() >= before);
});

test('each is greater than the one before, whatever the clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3000, max: 3000 }), { maxLength: 200 }), (steps) => {
      let now = 1_700_000_000_000;
      const generator = new MonotonicTimestampGenerator({ now: () => now });
      let last = generator.next();
      for (const step of steps) {
        now += step;
        const next = generator.next();
        assert.ok(next > last);
        last = next;
      }
    }),
  );
});

test('a clock set back is told, at most once in the interval', () => {
  let now = 1_700_000_000_000;
  const drifts: number[] = [];
  const generator = new MonotonicTimestampGenerator({ now: () => now, onDrift: (ms) => drifts.push(Math.round(ms)) });
  generator.next();
  now -= 900;
  generator.next();
  assert.deepEqual(drifts, []);
  now -= 4100;
  for (let i = 0; i < 10; i++) generator.next();
  assert.deepEqual(drifts, [5000]);
  now += 1000;
  generator.next();
  assert.deepEqual(drifts, [5000, 4000]);
});

test('server-side: none from the client', () => {
  assert.equal(new ServerSideTimestampGenerator().next(), null);
});

test('wrong options are refused', () => {
  assert.throws(() => new MonotonicTimestampGenerator({ warningThresholdMs: -1 }), ConfigurationError);
  assert.throws(() => new MonotonicTimestampGenerator({ warningIntervalMs: NaN }), ConfigurationError);
});

test('the cheap form is the same series of timestamps', () => {
  const generator = new MonotonicTimestampGenerator({ now: () => 1_700_000_000_123 });
  const source = timestampSource(generator);
  assert.equal(source(), 1_700_000_000_123_000);
  assert.equal(generator.next(), 1_700_000_000_123_001n);
  assert.equal(source(), 1_700_000_000_123_002);
});

test('a class that extends the generator with a next of its own is asked by that', () => {
  class Shifted extends MonotonicTimestampGenerator {
    override next(): bigint {
      return 7n;
    }
  }
  assert.equal(timestampSource(new Shifted())(), 7n);
  assert.equal(timestampSource(new ServerSideTimestampGenerator())(), null);
});
