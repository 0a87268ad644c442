/** Keeps a folder for one owner until it gives it back or its process ends. Two clusters would ruin each other's data. */

import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ConfigurationError } from '../errors.js';
import { withFolderLock } from './folder-lock.js';

/** In the folder: who uses it. */
const OWNER_FILE = 'in-use';

interface Owner {
  readonly pid: number;
  /** When the process started: another process may get its id later. Empty where the system does not tell. */
  readonly started: string;
}

/**
 * Resolves with how to give the folder back. An owner whose process has ended has left it.
 * @throws ConfigurationError when the folder is in use.
 */
export async function occupy(folder: string, signal?: AbortSignal): Promise<() => Promise<void>> {
  const file = path.join(folder, OWNER_FILE);
  // Two that find the same dead owner must not both follow it.
  await withFolderLock(`${file}.lock`, signal, async () => {
    const owner = await readOwner(file);
    if (owner !== undefined && isAlive(owner)) {
      throw new ConfigurationError(
        `startCassandra: directory ${folder} is in use by process ${String(owner.pid)}, as ${file} says`,
      );
    }
    const own: Owner = { pid: process.pid, started: startOf(process.pid) };
    await writeFile(file, `${JSON.stringify(own)}\n`);
  });
  return () => rm(file, { force: true });
}

/** Undefined when there is none; a file that its writer did not finish belongs to nobody either. */
async function readOwner(file: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await readFile(file, 'utf8')) as Partial<Owner> | null;
    const { pid, started } = owner ?? {};
    return typeof pid === 'number' && pid > 0 && typeof started === 'string' ? { pid, started } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive({ pid, started }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Not permitted: it is there, and somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const startedNow = startOf(pid);
  return started === '' || startedNow === '' || started === startedNow;
}

/** In ticks of the system's clock; 'ended' for a process that only waits to be asked how it ended. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // Behind the name in parentheses, which may hold anything: the state, and as the 20th the start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return /^[ZX]/.test(fields[0] ?? '') ? 'ended' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
