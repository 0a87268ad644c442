import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BatchStatement, BatchType } from '../../../src/index.js';
import { runChild } from '../../support/child.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

let space: Workspace;

before(async () => {
  space = await openWorkspace('it_forgotten');
  const { session } = space;
  await session.execute('CREATE TABLE wide (p int, c int, name text, PRIMARY KEY (p, c))');
  const insert = await session.prepare('INSERT INTO wide (p, c, name) VALUES (1, ?, ?)');
  for (let from = 0; from < 5000; from += 250) {
    const batch = new BatchStatement({ type: BatchType.UNLOGGED });
    for (let c = from; c < from + 250; c++) batch.add(insert, [c, 'x'.repeat(20)]);
    await session.executeBatch(batch);
  }
});
after(() => space.close());

test('a stream that is not closed leaks nothing: 150 of them are forgotten', async (context) => {
  const { code, stderr, messages } = await runChild(new URL('forgotten.child.ts', import.meta.url), {
    nodeArgs: ['--expose-gc'],
    args: [JSON.stringify(space.options), space.keyspace],
  });
  assert.equal(code, 0, stderr);
  const outcome = messages[0] as { made: number; alive: number; heapGrowth: number; shutdownMs: number };
  context.diagnostic(JSON.stringify(outcome));
  assert.equal(outcome.made, 250);
  assert.equal(outcome.alive, 0, 'streams or their rows are still held');
  assert.ok(outcome.heapGrowth < 5 * 2 ** 20, `${String(outcome.heapGrowth)} bytes of heap are held`);
  // A request left open would make the shutdown wait for it.
  assert.ok(outcome.shutdownMs < 5000);
});
