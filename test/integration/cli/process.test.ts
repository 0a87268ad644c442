import assert from 'node:assert/strict';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FakeNode, rows, voidResult, warn } from '../../../src/testing/index.js';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const SELECT = 'SELECT n, v FROM big';

type Running = ChildProcessByStdio<null, Readable, Readable> & AsyncDisposable & { errors: string };

/** The command line as a process of its own. */
function start(args: readonly string[], nodeArgs: readonly string[] = []): Running {
  const child = spawn(process.execPath, [...nodeArgs, '--import', 'tsx', MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const running = Object.assign(child, {
    errors: '',
    // A test that failed leaves it running.
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      child.stdout.resume();
      await closed;
    },
  });
  child.stderr.on('data', (chunk: Buffer) => (running.errors += chunk.toString()));
  return running;
}

async function exitCode(child: Running): Promise<number | null> {
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

/** A node with a table of so many rows, of half a kilobyte each, that it makes up while they are read. */
async function bigTable(length: number): Promise<FakeNode> {
  const node = await FakeNode.start();
  const row = (n: number): Record<string, unknown> => ({ n, v: `${String(n)} ${'x'.repeat(500)}` });
  node.on({ statement: SELECT }, rows({ length, row }, { columns: { n: 'int', v: 'text' } }));
  return node;
}

function pagesServed(node: FakeNode): number {
  return node.requests.filter(({ statements }) => statements.includes(SELECT)).length;
}

for (const format of [[], ['--json']]) {
  test(`100 MB of rows go through a heap of 64 MB${format.join(' ')}, and begin before they end`, async () => {
    const length = 200_000;
    await using node = await bigTable(length);
    await using child = start(['query', SELECT, '-c', node.contactPoint, ...format], ['--max-old-space-size=64']);
    const closed = exitCode(child);
    let bytes = 0;
    let pagesAtFirst = 0;
    let last = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (bytes === 0) pagesAtFirst = pagesServed(node);
      bytes += chunk.length;
      last = (last + chunk.toString()).slice(-2000);
    });
    assert.equal(await closed, 0, child.errors);
    assert.equal(child.errors, '');
    assert.ok(bytes > length * 500, `${String(bytes)} bytes`);
    assert.ok(pagesAtFirst < 20, `${String(pagesAtFirst)} pages were served before anything was printed`);
    assert.match(last, format.length === 0 ? /\n\(200000 rows\)\n$/ : /"n":199999,.*\n\]\n$/);
  });
}

test('nobody reads: the rows stay with the server', async () => {
  await using node = await bigTable(100_000);
  await using child = start(['query', SELECT, '-c', node.contactPoint]);
  await once(child.stdout, 'readable');
  let served = pagesServed(node);
  // Until nothing moves any more: pipes and sockets have filled.
  for (let before = -1; served !== before; served = pagesServed(node)) {
    before = served;
    await delay(500);
  }
  assert.ok(served < 10, `${String(served)} of 100 pages were asked for`);
});

test('| head: a reader that goes away ends it quietly', async () => {
  await using node = await bigTable(100_000);
  await using child = start(['query', SELECT, '-c', node.contactPoint]);
  const closed = exitCode(child);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  assert.equal(await closed, 0);
  assert.equal(child.errors, '');
  assert.ok(pagesServed(node) < 50);
});

test('Ctrl-C while rows come: exit code 130, the connections closed', async () => {
  await using node = await bigTable(1_000_000);
  await using child = start(['query', SELECT, '-c', node.contactPoint]);
  const closed = exitCode(child);
  await once(child.stdout, 'data');
  child.stdout.resume();
  child.kill('SIGINT');
  assert.equal(await closed, 130);
  assert.equal(child.errors, 'error: stopped\n');
});

test('Ctrl-C while the server says nothing', async () => {
  await using node = await FakeNode.start({ halfOpen: true });
  await using child = start(['ping', node.contactPoint]);
  const closed = exitCode(child);
  while (node.counts.connections === 0) await delay(20);
  child.kill('SIGINT');
  assert.equal(await closed, 130);
  assert.equal(child.errors, 'error: stopped\n');
});

test('| head: statements behind the one whose reader went away are run', async () => {
  await using node = await bigTable(100_000);
  node.on(/^INSERT/, voidResult());
  await using child = start(['query', `${SELECT}; INSERT 1; ${SELECT}; INSERT 2`, '-c', node.contactPoint]);
  const closed = exitCode(child);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  assert.equal(await closed, 0);
  assert.equal(child.errors, '');
  const ran = node.requests.flatMap(({ statements }) => statements).filter((text) => text.startsWith('INSERT'));
  assert.deepEqual(ran, ['INSERT 1', 'INSERT 2']);
  assert.ok(pagesServed(node) < 50);
});

test('nobody reads what goes to stderr: the work is done, and the exit code is the same', async () => {
  await using node = await FakeNode.start();
  node.on(/^INSERT/, warn('slow').void());
  for (const [args, code] of [
    [['ping', '127.0.0.1:1'], 2],
    [['query', 'INSERT 1; INSERT 2', '-c', node.contactPoint], 0],
  ] as const) {
    await using child = start(args);
    const closed = exitCode(child);
    child.stderr.destroy();
    child.stdout.resume();
    assert.equal(await closed, code);
  }
  assert.equal(node.requests.filter(({ statements }) => statements.includes('INSERT 2')).length, 1);
});
