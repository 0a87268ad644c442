import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runChild } from '../../support/child.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

let space: Workspace;

before(async () => {
  space = await openWorkspace('it_heap');
  await space.session.execute('CREATE TABLE w (id int PRIMARY KEY, a text, b int)');
  await space.session.executeConcurrent(
    'INSERT INTO w (id, a, b) VALUES (?, ?, ?)',
    Array.from({ length: 1000 }, (_, id) => [id, `a${String(id)}`, id]),
  );
});
after(() => space.close());

test('5 × 10,000 queries grow the heap by less than 10 MB', async (context) => {
  const { code, stderr, messages } = await runChild(new URL('heap.child.ts', import.meta.url), {
    nodeArgs: ['--expose-gc'],
    args: [JSON.stringify(space.options), space.keyspace],
  });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
  const { heaps } = messages[0] as { heaps: number[] };
  const [warm = 0] = heaps;
  const growth = Math.max(...heaps) - warm;
  context.diagnostic(`heaps ${heaps.map((heap) => (heap / 1e6).toFixed(2)).join(' ')} MB`);
  assert.equal(heaps.length, 6);
  assert.ok(growth < 10e6, `${(growth / 1e6).toFixed(1)} MB more`);
});
