import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaitingLine } from '../../../src/monitoring/waiting-line.js';

test('first in, first out; whoever leaves from the front, the middle or the end is skipped', () => {
  const line = new WaitingLine<string>();
  const places = ['a', 'b', 'c', 'd', 'e'].map((name) => line.join(name));
  for (const at of [0, 2, 4]) {
    const place = places[at];
    assert.ok(place);
    assert.equal(line.leave(place), true);
    assert.equal(line.leave(place), false, 'one leaves once');
  }
  assert.equal(line.length, 2);
  line.join('f');
  assert.deepEqual([line.shift(), line.shift(), line.shift(), line.shift()], ['b', 'd', 'f', undefined]);
  assert.equal(line.length, 0);
});
