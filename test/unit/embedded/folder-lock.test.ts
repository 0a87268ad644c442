import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { withFolderLock } from '../../../src/embedded/folder-lock.js';

let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-lock-'));
});

after(() => rm(folder, { recursive: true }));

test('one works at a time; the lock is given back by one that fails, too', async () => {
  const lock = join(folder, 'turns');
  let working = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++working);
    await new Promise(setImmediate);
    working--;
    throw new Error('of the work');
  };
  const all = await Promise.allSettled([1, 2, 3].map(() => withFolderLock(lock, undefined, work)));
  assert.ok(all.every((one) => one.status === 'rejected' && one.reason instanceof Error));
  assert.equal(most, 1);
  assert.ok(!existsSync(lock));
});

test('one that waits ends with the reason of its signal', async () => {
  const lock = join(folder, 'aborted');
  const leaving = new AbortController();
  const reason = new Error('of the caller');
  await withFolderLock(lock, undefined, async () => {
    const waiting = withFolderLock(lock, leaving.signal, () => assert.fail('the lock was taken'));
    leaving.abort(reason);
    await assert.rejects(waiting, (error) => error === reason);
    assert.ok(existsSync(lock), "the lock is its owner's still");
  });
});

test('a lock whose owner is gone is taken over', async () => {
  const lock = join(folder, 'left');
  await withFolderLock(lock, undefined, async () => {
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    assert.equal(await withFolderLock(lock, undefined, () => Promise.resolve('mine')), 'mine');
  });
});
