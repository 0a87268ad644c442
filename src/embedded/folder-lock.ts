/** A lock between processes that share a folder: a directory whose owner keeps touching it while it lives. */

import { mkdir, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const TOUCH_EVERY_MS = 2000;
const STALE_AFTER_MS = 20_000;
const LOOK_EVERY_MS = 200;

/** Runs `work` while no other process does under the same lock. A lock that its owner stopped touching is taken over. */
export async function withFolderLock<T>(
  lock: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  while (!(await tryLock(lock))) {
    await sleep(LOOK_EVERY_MS);
    signal?.throwIfAborted();
  }
  const touching = setInterval(() => {
    const now = new Date();
    utimes(lock, now, now).catch(() => undefined);
  }, TOUCH_EVERY_MS);
  touching.unref();
  try {
    return await work();
  } finally {
    clearInterval(touching);
    await rm(lock, { recursive: true, force: true });
  }
}

async function tryLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  try {
    const age = Date.now() - (await stat(lock)).mtimeMs;
    if (age > STALE_AFTER_MS) await rm(lock, { recursive: true, force: true });
  } catch {
    // Its owner has just given it back.
  }
  return false;
}
