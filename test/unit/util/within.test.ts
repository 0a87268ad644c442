import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { within } from '../../../src/util/within.js';

const never = new Promise<never>(() => undefined);
const tooLate = (): Error => new Error('too late');

test('the outcome of the work, if it comes in time; no timer and no listener stay', async () => {
  const { signal } = new AbortController();
  const limits = { timeout: { ms: 10_000, error: tooLate }, signal };
  assert.equal(await within(Promise.resolve(1), limits), 1);
  await assert.rejects(within(Promise.reject(new Error('broken')), limits), /broken/);
  assert.equal(await within(Promise.resolve(2), {}), 2);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  assert.ok(!process.getActiveResourcesInfo().includes('Timeout'));
});

test('time that is up, and a signal that is aborted before, meanwhile or never', async () => {
  await assert.rejects(within(never, { timeout: { ms: 5, error: tooLate } }), /too late/);
  const reason = new Error('enough');
  const isReason = (error: unknown): boolean => error === reason;
  await assert.rejects(within(never, { signal: AbortSignal.abort(reason) }), isReason);
  const controller = new AbortController();
  const waiting = within(never, { signal: controller.signal, timeout: { ms: 60_000, error: tooLate } });
  controller.abort(reason);
  await assert.rejects(waiting, isReason);
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
});

test('what comes after the end of the wait is discarded, a failure then harms nobody', async () => {
  const discarded: string[] = [];
  const discard = (late: string): void => {
    discarded.push(late);
  };
  const limits = { timeout: { ms: 5, error: tooLate }, discard };
  let arrive: (value: string) => void = () => undefined;
  const late = new Promise<string>((resolve) => (arrive = resolve));
  await assert.rejects(within(late, limits), /too late/);
  arrive('late');
  await late;
  assert.deepEqual(discarded, ['late']);
  let fail: (reason: Error) => void = () => undefined;
  const broken = new Promise<string>((_, reject) => (fail = reject));
  await assert.rejects(within(broken, limits), /too late/);
  fail(new Error('broken'));
  await assert.rejects(broken, /broken/);
  assert.equal(await within(Promise.resolve('in time'), limits), 'in time');
  assert.deepEqual(discarded, ['late']);
});
