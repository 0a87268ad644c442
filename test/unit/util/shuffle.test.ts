import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shuffle } from '../../../src/util/shuffle.js';

test('every order of three is about equally likely', () => {
  let seed = 12345;
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  const counts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = shuffle(['a', 'b', 'c'], random).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const [order, count] of counts) assert.ok(count > 800 && count < 1200, `${order}: ${String(count)}`);
});

test('the array itself is shuffled and returned', () => {
  const items = [1, 2, 3, 4];
  assert.equal(shuffle(items), items);
  assert.deepEqual([...items].sort(), [1, 2, 3, 4]);
  assert.deepEqual(shuffle([]), []);
});
