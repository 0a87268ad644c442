import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RunNames } from './example-names.js';
import type { PageFiles } from './page-files.js';
import type { ChildMessage } from './run-page.child.js';

const CHILD = fileURLToPath(new URL('run-page.child.ts', import.meta.url));
const TIMEOUT_MS = 120_000;
/** A page has ended, and its process should: generous, since only what never ends is meant. */
const EXIT_MS = 15_000;
/** As a frame of a stack names a place in a page's module. */
const FRAME = /(?:main|program-\d+)\.ts:(\d+)(?::\d+)?/;

interface Outcome {
  readonly messages: readonly ChildMessage[];
  readonly code: number | null;
  readonly stderr: string;
  readonly isStopped: boolean;
}

/** The environment lets `startCassandra` use the node that runs already. */
function environment(names: RunNames): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_NO_WARNINGS: '1',
    DOCS_RUN_NAMES: JSON.stringify(names),
    CASSANDRA_CONTACT_POINTS: names.contactPoint,
    CASSANDRA_LOCAL_DC: names.localDatacenter,
  };
}

function run(main: string, names: RunNames): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', CHILD, main], {
      env: environment(names),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const messages: ChildMessage[] = [];
    let stderr = '';
    let isStopped = false;
    const stop = (): void => {
      isStopped = true;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(stop, TIMEOUT_MS);
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('message', (message) => {
      messages.push(message as ChildMessage);
      if (!('ended' in (message as object))) return;
      clearTimeout(timer);
      timer = setTimeout(stop, EXIT_MS);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ messages, code, stderr, isStopped });
    });
  });
}

function lastBegun(messages: readonly ChildMessage[]): number {
  return messages.reduce((line, message) => ('began' in message ? message.began : line), 1);
}

function problemOf(path: string, { messages, code, stderr, isStopped }: Outcome): string | null {
  const failed = messages.find((message) => 'failed' in message);
  if (failed !== undefined) {
    const line = FRAME.exec(failed.stack)?.[1] ?? String(failed.line);
    return `${path}:${line}: ${failed.failed}`;
  }
  const place = `${path}:${String(lastBegun(messages))}`;
  const ended = messages.some((message) => 'ended' in message);
  if (isStopped) {
    if (ended)
      return `${path}: something that a block opened keeps the process alive: close it, or mark the block check`;
    return `${place}: the block does not end: mark it check if it should not\n${stderr}`;
  }
  if (ended && code === 0) return null;
  return `${place}: the block ended the process with code ${String(code)}\n${stderr}`;
}

/** Runs a page's blocks in a process of their own. Resolves to what went wrong, with page and line; null if nothing. */
export async function runPage({ page, main }: PageFiles, names: RunNames): Promise<string | null> {
  return problemOf(page.path, await run(main, names));
}
