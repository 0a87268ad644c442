import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const FIXTURE = fileURLToPath(new URL('parent.fixture.ts', import.meta.url));
const PATIENCE_MS = 5000;

/** False too for a process that has ended and that nobody has waited for. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const file = `/proc/${String(pid)}/stat`;
  return !existsSync(file) || !/\) [ZX] /.test(readFileSync(file, 'utf8'));
}

async function eventually(what: string, isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!isTrue()) {
    assert.ok(Date.now() < deadline, what);
    await sleep(20);
  }
}

for (const [mode, end] of [
  ['running', 'SIGKILL'],
  ['paused', 'SIGKILL'],
  ['exits', 'its own end'],
] as const) {
  test(`a ${mode} node's parent meets ${end}: the node dies and its folder goes`, { timeout: 360_000 }, async () => {
    const parent = spawn(process.execPath, ['--import', 'tsx', FIXTURE, mode], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const { pid, directory } = JSON.parse(line) as { pid: number; directory: string };
    const ended = parent.exitCode === null ? once(parent, 'exit') : Promise.resolve();
    if (end === 'SIGKILL') {
      assert.ok(isRunning(pid) && existsSync(directory));
      parent.kill('SIGKILL');
    }
    await ended;
    await eventually('the node lives on', () => !isRunning(pid));
    await eventually('the folder is still there', () => !existsSync(directory));
  });
}
