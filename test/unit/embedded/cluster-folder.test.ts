import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalCassandra } from '../../../src/embedded/cluster.js';
import { openClusterFolder } from '../../../src/embedded/cluster-folder.js';
import { resolveOptions, type EmbeddedOptions } from '../../../src/embedded/options.js';
import { ConfigurationError, ConnectionError } from '../../../src/errors.js';

const IN_USE = { name: 'ConfigurationError', message: new RegExp(`is in use by process ${String(process.pid)}`) };

let around: string;
let kept: string;

beforeEach(() => {
  around = mkdtempSync(path.join(os.tmpdir(), 'folder-test-'));
  kept = path.join(around, 'kept');
});

afterEach(() => {
  rmSync(around, { recursive: true });
});

describe('a kept folder', () => {
  test('is for one cluster at a time, and has the same name each time', async () => {
    const first = await openClusterFolder(kept);
    await assert.rejects(openClusterFolder(path.join(kept, '..', 'kept')), IN_USE);
    await first.release();
    const second = await openClusterFolder(kept);
    assert.equal(second.clusterName, first.clusterName);
    await second.release();
    assert.deepEqual(readdirSync(kept), ['cluster-name']);
  });

  test('goes to one of several who ask at the same time', async () => {
    const asked = await Promise.allSettled([1, 2, 3].map(() => openClusterFolder(kept)));
    assert.equal(asked.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const one of asked) if (one.status === 'rejected') assert.match(String(one.reason), IN_USE.message);
  });

  const deserted: Record<string, () => string> = {
    'a process that is gone': () => {
      const { pid } = spawnSync(process.execPath, ['--version']);
      return JSON.stringify({ pid, started: '' });
    },
    'an earlier process with an id that was given again': () => JSON.stringify({ pid: process.pid, started: '1' }),
    'a writer that did not come to the end': () => '{"pid":',
    'nobody that can be': () => 'null',
  };
  for (const [name, content] of Object.entries(deserted)) {
    const needsProc = name.startsWith('an earlier') && !existsSync('/proc/self/stat');
    test(`is taken over from ${name}`, { skip: needsProc }, async () => {
      await (await openClusterFolder(kept)).release();
      writeFileSync(path.join(kept, 'in-use'), content());
      const folder = await openClusterFolder(kept);
      await assert.rejects(openClusterFolder(kept), IN_USE);
      await folder.release();
    });
  }

  test('that is a file, or below one, is a wrong option', async () => {
    const file = path.join(around, 'file');
    writeFileSync(file, '');
    for (const directory of [file, path.join(file, 'below')]) {
      await assert.rejects(openClusterFolder(directory), (error) => {
        assert.ok(error instanceof ConfigurationError, String(error));
        assert.ok(error.message.includes(`directory ${directory} cannot be used: `), error.message);
        assert.ok(error.cause instanceof Error);
        return true;
      });
    }
  });
});

/** Starts a cluster whose Java is a shell script. */
function start(script: string, options: EmbeddedOptions): Promise<LocalCassandra> {
  const java = path.join(mkdtempSync(path.join(around, 'java-')), 'java');
  writeFileSync(java, `#!/bin/sh\n${script}\n`);
  chmodSync(java, 0o755);
  return LocalCassandra.start(resolveOptions(options), { version: '5.0.9', jars: [] }, { java, release: 17 });
}

async function written(file: string): Promise<void> {
  while (!existsSync(file) || readFileSync(file).length === 0) await sleep(10);
}

const HANGS = 'echo begun; exec sleep 60';

describe('a start that does not succeed', () => {
  test('holds its directory while it lasts, and not longer', { timeout: 60_000 }, async () => {
    const controller = new AbortController();
    const starting = start(HANGS, { directory: kept, signal: controller.signal });
    const rejected = assert.rejects(starting, /changed my mind/);
    await written(path.join(kept, 'node1', 'system.log'));
    await assert.rejects(start('exit 3', { directory: kept }), IN_USE);
    controller.abort(new Error('changed my mind'));
    await rejected;
    assert.ok(existsSync(path.join(kept, 'node1', 'system.log')), 'what was named is kept');
    await assert.rejects(start('exit 3', { directory: kept }), /exit code 3/);
    await (await openClusterFolder(kept)).release();
  });

  for (const reason of [new Error('changed my mind'), new ConnectionError('the test is over')]) {
    test(`leaves no temporary folder when aborted (${reason.name})`, { timeout: 60_000 }, async () => {
      await withTemporaryFolders(async (folders) => {
        const controller = new AbortController();
        const rejected = assert.rejects(start(HANGS, { signal: controller.signal }), reason);
        while (folders().length === 0) await sleep(10);
        const [folder = ''] = folders();
        await written(path.join(folder, 'node1', 'system.log'));
        controller.abort(reason);
        await rejected;
        assert.deepEqual(folders(), []);
      });
    });
  }

  test('leaves the log that the error names', { timeout: 60_000 }, async () => {
    await withTemporaryFolders(async (folders) => {
      await assert.rejects(start('echo broken; exit 3', {}), (error) => {
        assert.ok(error instanceof ConnectionError);
        const file = /Its log is (.*), the last lines/.exec(error.message)?.[1] ?? '';
        assert.equal(readFileSync(file, 'utf8'), 'broken\n');
        return true;
      });
      assert.equal(folders().length, 1);
    });
  });
});

/** Runs `work` with a place of its own for temporary folders; `folders()` lists those of clusters. */
async function withTemporaryFolders(work: (folders: () => string[]) => Promise<void>): Promise<void> {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = around;
  try {
    await work(() =>
      readdirSync(around)
        .filter((name) => name.startsWith('async-cassandra-'))
        .map((name) => path.join(around, name)),
    );
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}
