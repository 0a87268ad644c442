import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { TurnShare } from '../../../src/util/turn-share.js';

let now = 0;
beforeEach(() => {
  now = 0;
  mock.method(performance, 'now', () => now);
});
afterEach(() => {
  mock.restoreAll();
});

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function take(share: TurnShare, steps: number, ms: number): void {
  for (let i = 0; i < steps; i++) {
    share.take();
    now += ms;
  }
}

test('steps that take longer than their share of the turn: the next turn is waited for, and told of', async () => {
  let told = 0;
  const share = new TurnShare(() => told++);
  take(share, 200, 0.1);
  assert.ok(share.isUsedUp);
  await nextTurn();
  assert.ok(!share.isUsedUp);
  assert.equal(told, 1);
  take(share, 200, 0.1);
  assert.ok(share.isUsedUp, 'each turn has its share');
  share.close();
  await nextTurn();
  assert.equal(told, 1, 'nobody is told after the end');
});

test('steps in turns of their own, and steps that take no time, never have to wait', async () => {
  const share = new TurnShare(() => assert.fail('nothing was used up'));
  take(share, 10_000, 0);
  assert.ok(!share.isUsedUp);
  for (let i = 0; i < 100; i++) {
    await nextTurn();
    take(share, 20, 0.1);
    assert.ok(!share.isUsedUp);
  }
  share.close();
});
