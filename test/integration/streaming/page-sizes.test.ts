import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AsyncCassandraSession } from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

let space: Workspace;
let session: AsyncCassandraSession;
const PARTS = [1, 2, 3];
const ROWS = 120;

/** Sizes that jump from a few bytes to 60 KB and back, the same each time. */
function sizeOf(p: number, c: number): number {
  const kind = (p * 31 + Math.floor(c / 7) * 17) % 5;
  return kind === 0 ? 60_000 : kind === 1 ? 3000 : 10 * kind;
}

before(async () => {
  space = await openWorkspace('it_page_sizes');
  session = space.session;
  await session.execute('CREATE TABLE mixed (p int, c int, v text, PRIMARY KEY (p, c))');
  await session.executeConcurrent(
    'INSERT INTO mixed (p, c, v) VALUES (?, ?, ?)',
    PARTS.flatMap((p) => Array.from({ length: ROWS }, (_, c) => [p, c, 'x'.repeat(sizeOf(p, c))])),
    { concurrency: 16 },
  );
});
after(() => space.close());

const QUERIES: [string, readonly unknown[]][] = [
  ['SELECT p, c, v FROM mixed', []],
  ['SELECT p, c, v FROM mixed WHERE p = ?', [1]],
  ['SELECT p, c, v FROM mixed WHERE p = ? ORDER BY c DESC', [2]],
  ['SELECT p, c, v FROM mixed WHERE p IN (?, ?)', [1, 3]],
  ['SELECT p, c, v FROM mixed LIMIT 250', []],
  ['SELECT p, c, v FROM mixed WHERE p IN (?, ?) LIMIT 130', [3, 2]],
  ['SELECT p, c, v FROM mixed PER PARTITION LIMIT 70', []],
  ['SELECT p, c, v FROM mixed PER PARTITION LIMIT 50 LIMIT 110', []],
  ['SELECT p, c, v FROM mixed WHERE c > 60 ALLOW FILTERING', []],
];

for (const [query, parameters] of QUERIES) {
  test(`pages whose size changes lose and repeat nothing: ${query}`, async () => {
    const expected = (await session.execute(query, parameters, { fetchSize: 10_000 })).rows;
    for (const fetchSize of [7, 50, 1000]) {
      for (const maxPageBytes of [1, 100_000, 300_000]) {
        const stream = await session.executeStream(query, parameters, { fetchSize, maxPageBytes });
        const rows: unknown[] = [];
        const lengths = new Set<number>();
        for await (const page of stream.pages()) {
          rows.push(...page);
          lengths.add(page.length);
        }
        assert.deepEqual(rows, expected);
        if (maxPageBytes === 100_000 && fetchSize > 7) assert.ok(lengths.size > 2, 'the size of pages changes');
      }
    }
  });
}
