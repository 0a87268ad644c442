import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AsyncCluster, type AsyncClusterOptions } from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

let space: Workspace;

before(async () => {
  space = await openWorkspace('it_writes');
  await space.session.execute('CREATE TABLE w (id int PRIMARY KEY, a text, b int)');
});
after(() => space.close());

const WRITES = 10_000;

for (const compression of [undefined, 'lz4'] as const) {
  test(`10,000 writes at once on one connection all succeed (${compression ?? 'plain'})`, async (context) => {
    const options: AsyncClusterOptions = { ...space.options, ...(compression === undefined ? {} : { compression }) };
    await using cluster = new AsyncCluster(options);
    const session = await cluster.connect(space.keyspace);
    await session.execute('TRUNCATE w', undefined, { timeoutMs: 60_000 });
    const begun = performance.now();
    const results = await Promise.all(
      Array.from({ length: WRITES }, (_, id) =>
        session.execute('INSERT INTO w (id, a, b) VALUES (?, ?, ?)', [id, `a${String(id)}`, -id], {
          timeoutMs: 60_000,
        }),
      ),
    );
    context.diagnostic(`${String(Math.round(performance.now() - begun))} ms`);
    assert.equal(results.length, WRITES);
    const { rows } = await session.execute<{ id: number; a: string; b: number }>('SELECT id, a, b FROM w', undefined, {
      timeoutMs: 60_000,
    });
    assert.equal(rows.length, WRITES);
    for (const { id, a, b } of rows) {
      assert.equal(a, `a${String(id)}`);
      assert.equal(b, id === 0 ? 0 : -id);
    }
  });
}

test('10,000 reads at once each get their own row', async () => {
  const { session } = space;
  const results = await Promise.all(
    Array.from({ length: WRITES }, (_, id) =>
      session.execute('SELECT id, a FROM w WHERE id = ?', [id], { timeoutMs: 60_000 }),
    ),
  );
  results.forEach((result, id) => {
    assert.deepEqual(result.rows, [{ id, a: `a${String(id)}` }]);
  });
});
