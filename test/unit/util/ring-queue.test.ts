import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RingQueue } from '../../../src/util/ring-queue.js';

test('a queue does what an array does', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.integer().map((value) => ({ kind: 'push' as const, value })) },
    { weight: 4, arbitrary: fc.constant({ kind: 'shift' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const queue = new RingQueue<number>();
      const model: number[] = [];
      for (const each of steps) {
        if (each.kind === 'push') {
          queue.push(each.value);
          model.push(each.value);
        } else if (each.kind === 'shift') {
          assert.equal(queue.shift(), model.shift());
        } else {
          queue.clear();
          model.length = 0;
        }
        assert.equal(queue.length, model.length);
      }
    }),
  );
});

test('order is kept when the ring grows while its head is in the middle', () => {
  const queue = new RingQueue<number>();
  for (let i = 0; i < 16; i++) queue.push(i);
  for (let i = 0; i < 10; i++) assert.equal(queue.shift(), i);
  for (let i = 16; i < 100; i++) queue.push(i);
  for (let i = 10; i < 100; i++) assert.equal(queue.shift(), i);
  assert.equal(queue.shift(), undefined);
});
