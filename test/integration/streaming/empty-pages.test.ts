import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AsyncCluster, type AsyncCassandraSession } from '../../../src/index.js';
import { FakeNode, reactions } from '../../../src/testing/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

let space: Workspace;
let session: AsyncCassandraSession;

before(async () => {
  space = await openWorkspace('it_empty_pages');
  session = space.session;
  await session.execute('CREATE TABLE sparse (p int, c int, v int, PRIMARY KEY (p, c))');
  await session.executeConcurrent(
    'INSERT INTO sparse (p, c, v) VALUES (?, ?, ?)',
    Array.from({ length: 400 }, (_, at) => [at % 20, at, at % 50]),
  );
  for (let p = 0; p < 15; p++) await session.execute('DELETE FROM sparse WHERE p = ?', [p]);
});
after(() => space.close());

/** The sizes of a query's pages. */
async function pageSizes(query: string, fetchSize: number): Promise<number[]> {
  const sizes: number[] = [];
  let pagingState: Buffer | null = null;
  do {
    const page: Awaited<ReturnType<typeof session.execute>> = await session.execute(query, undefined, {
      fetchSize,
      pagingState,
    });
    sizes.push(page.length);
    ({ pagingState } = page);
  } while (pagingState !== null);
  return sizes;
}

test('a last page that is empty adds nothing and loses nothing', async () => {
  const query = 'SELECT p, c FROM sparse';
  assert.deepEqual(await pageSizes(query, 50), [50, 50, 0]);
  assert.equal((await session.execute(query, undefined, { fetchSize: 50 })).length, 100);
  const stream = await session.executeStream(query, undefined, { fetchSize: 50 });
  const pages: number[] = [];
  for await (const page of stream.pages()) pages.push(page.length);
  assert.deepEqual(pages, [50, 50]);
});

test('filtering over tombstones, one row a page', async () => {
  const query = 'SELECT p, c FROM sparse WHERE v = 45 ALLOW FILTERING';
  const sizes = await pageSizes(query, 1);
  assert.equal(sizes.at(-1), 0);
  const expected = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(expected > 0);
  let rows = 0;
  for await (const row of await session.executeStream(query, undefined, { fetchSize: 1 })) rows += 'c' in row ? 1 : 0;
  assert.equal(rows, expected);
});

test('a page without rows that is the only one', async () => {
  const stream = await session.executeStream('SELECT p FROM sparse WHERE v = 999 ALLOW FILTERING', undefined, {
    fetchSize: 1,
  });
  for await (const row of stream) assert.fail(JSON.stringify(row));
});

// Which queries give empty pages in the middle differs from one server to the next: here they are scripted.
const PAGES = [[], [{ c: 1 }], [], [], [{ c: 2 }, { c: 3 }], []];

for (const prefetchPages of [0, 1, 4]) {
  test(`empty pages first, in the middle and last: no row is dropped (prefetchPages ${String(prefetchPages)})`, async () => {
    await using node = await FakeNode.start();
    node.on('SELECT c FROM t', (request) => {
      const at = request.pagingState?.[0] ?? 0;
      return reactions.rows(PAGES[at] ?? [], {
        columns: [{ name: 'c', type: 'int' }],
        pagingState: at + 1 < PAGES.length ? Buffer.from([at + 1]) : null,
      });
    });
    await using cluster = new AsyncCluster({ contactPoints: [node.contactPoint] });
    const own = await cluster.connect();
    const expected = [{ c: 1 }, { c: 2 }, { c: 3 }];
    const seen: unknown[] = [];
    const told: number[] = [];
    const config = { prefetchPages, pageCallback: (page: number) => void told.push(page) };
    for await (const row of await own.executeStream('SELECT c FROM t', undefined, config)) seen.push(row);
    assert.deepEqual(seen, expected);
    assert.deepEqual(told, [1, 2, 3, 4, 5, 6]);
    assert.deepEqual((await own.execute('SELECT c FROM t')).rows, expected);
    const readable: unknown[] = [];
    for await (const row of (await own.executeStream('SELECT c FROM t')).toReadable()) readable.push(row);
    assert.deepEqual(readable, expected);
  });
}
