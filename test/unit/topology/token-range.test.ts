import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvalidParameter } from '../../../src/errors.js';
import { parseReplication } from '../../../src/topology/replication.js';
import { TokenRange, tokenRangesOf } from '../../../src/topology/token-range.js';
import { TokenRing } from '../../../src/topology/token-ring.js';
import { makeHost } from './hosts.js';

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;
const SIMPLE = parseReplication({ class: 'SimpleStrategy', replication_factor: '2' });

const token = fc.oneof(fc.bigInt({ min: MIN, max: MAX }), fc.constantFrom(MIN, MIN + 1n, -1n, 0n, MAX - 1n, MAX));
/** What a key may have. */
const keyToken = token.filter((value) => value !== MIN);
const ring = fc
  .array(fc.array(token, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 })
  .map((all) => TokenRing.build(all.map((tokens, i) => makeHost(i, { tokens }))));

test('every token that a key may have lies in one range, whose replicas are those of the token', () => {
  fc.assert(
    fc.property(ring, fc.array(keyToken, { maxLength: 20 }), (some, tokens) => {
      const map = some.replicas(SIMPLE);
      const ranges = tokenRangesOf(some, map);
      assert.equal(ranges[0]?.start, MIN);
      assert.equal(ranges.at(-1)?.end, MAX);
      ranges.forEach((range, i) => {
        assert.ok(range.start < range.end);
        assert.equal(ranges[i + 1]?.start ?? MAX, range.end);
      });
      for (const one of [...tokens, MIN + 1n, MAX]) {
        const [range, ...others] = ranges.filter((candidate) => candidate.contains(one));
        assert.equal(others.length, 0);
        assert.deepEqual(range?.replicas, map.replicasForToken(one));
      }
      assert.ok(tokenRangesOf(some, null).every(({ replicas }) => replicas.length === 0));
    }),
  );
});

test('what somebody does to the replicas of a range does not change who is asked', () => {
  const ring = TokenRing.build([makeHost(1, { tokens: [0n] }), makeHost(2, { tokens: [9n] })]);
  const map = ring.replicas(SIMPLE);
  const before = [...map.replicasForToken(0n)];
  const [range] = tokenRangesOf(ring, map);
  assert.throws(() => (range?.replicas as unknown[]).reverse(), TypeError);
  assert.deepEqual(map.replicasForToken(0n), before);
});

test('no ring, no ranges', () => {
  assert.deepEqual(tokenRangesOf(TokenRing.build([]), null), []);
});

test('a range is split into parts of nearly one size that follow on one another', () => {
  fc.assert(
    fc.property(keyToken, keyToken, fc.integer({ min: 1, max: 50 }), (a, b, parts) => {
      fc.pre(a !== b);
      const host = makeHost(1, {});
      const range = a < b ? new TokenRange(a, b, [host]) : new TokenRange(b, a, [host]);
      const split = range.split(parts);
      const size = range.end - range.start;
      assert.equal(split.length, size < BigInt(parts) ? Number(size) : parts);
      assert.equal(split[0]?.start, range.start);
      assert.equal(split.at(-1)?.end, range.end);
      const sizes = split.map(({ start, end }) => end - start);
      split.forEach(({ start, replicas }, i) => {
        assert.equal(start, split[i - 1]?.end ?? range.start);
        assert.deepEqual(replicas, [host]);
      });
      const [least, most] = [sizes.reduce((x, y) => (x < y ? x : y)), sizes.reduce((x, y) => (x > y ? x : y))];
      assert.ok(least >= 1n && most - least <= 1n);
    }),
  );
});

test('a number of parts that is none is refused', () => {
  const range = new TokenRange(0n, 100n, []);
  for (const parts of [0, -1, 1.5, Number.NaN, Infinity, 2n as unknown as number, '3' as unknown as number]) {
    assert.throws(() => range.split(parts), InvalidParameter);
  }
});
