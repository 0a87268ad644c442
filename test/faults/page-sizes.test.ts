import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rows } from '../../src/testing/index.js';
import { bench, type Bench } from './support.js';

const QUERY = 'SELECT n, blob FROM large';
const COLUMNS = { n: 'int', blob: 'blob' };
const MB = 1024 * 1024;
const LARGE = Buffer.alloc(MB);
const SMALL = Buffer.alloc(10);

/** Serves rows, and notes how many are asked for page by page. */
function serve(one: Bench, count: number, isLarge: (n: number) => boolean): number[] {
  const asked: number[] = [];
  const answer = rows({ length: count, row: (n) => [n, isLarge(n) ? LARGE : SMALL] }, { columns: COLUMNS });
  one.node.on(QUERY, (request) => {
    asked.push(request.pageSize ?? 0);
    return answer;
  });
  return asked;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test('a stream asks for fewer rows while they are large, and for more again; none is lost, none comes twice', async () => {
  await using one = await bench({ requestTimeoutMs: 0 });
  const asked = serve(one, 400, (n) => n >= 100 && n < 150);
  const seen: unknown[] = [];
  const stream = await one.session.executeStream(QUERY, undefined, { fetchSize: 20, prefetchPages: 0 });
  for await (const row of stream) seen.push(row['n']);
  assert.deepEqual(seen, numbers(400));
  assert.deepEqual(asked.slice(0, 6), [20, 20, 20, 20, 20, 20]);
  assert.deepEqual(asked.slice(6, 10), [3, 3, 3, 3], 'four megabytes a page');
  assert.ok(asked.every((size) => size <= 20));
  assert.equal(asked.at(-1), 20, 'it has grown back');
});

test('execute() asks for fewer rows of large ones, too', async () => {
  await using one = await bench({ requestTimeoutMs: 0 });
  const asked = serve(one, 60, (n) => n < 40);
  const { rows: all } = await one.session.execute(QUERY, undefined, { fetchSize: 20 });
  assert.deepEqual(
    all.map((row) => row['n']),
    numbers(60),
  );
  assert.deepEqual(asked.slice(0, 3), [20, 3, 3]);
  assert.ok(asked.length < 20, String(asked));
});

test('one page that the caller asks for has the rows that it asks for', async () => {
  await using one = await bench({ requestTimeoutMs: 0 });
  serve(one, 40, () => true);
  let pagingState: Buffer | null = null;
  for (let page = 0; page < 2; page++) {
    const result: { readonly length: number; readonly pagingState: Buffer | null } = await one.session.execute(
      QUERY,
      undefined,
      { fetchSize: 20, pagingState },
    );
    assert.equal(result.length, 20);
    ({ pagingState } = result);
  }
});

test('a bound that is given holds for the first page as well: 100 rows of 1 MB with a fetch size of 5000', async () => {
  await using one = await bench({ requestTimeoutMs: 0 });
  const asked = serve(one, 100, () => true);
  const stream = await one.session.executeStream(QUERY, undefined, { fetchSize: 5000, maxPageBytes: 4 * MB });
  const pages: number[] = [];
  let count = 0;
  for await (const page of stream.pages()) {
    pages.push(page.length);
    for (const row of page) assert.equal(row['n'], count++);
  }
  assert.equal(count, 100);
  assert.equal(asked[0], 16);
  assert.ok(
    pages.slice(1).every((length) => length <= 4),
    String(pages),
  );
});

test('maxPageBytes 0 takes the bound away', async () => {
  await using one = await bench({ requestTimeoutMs: 0 });
  const asked = serve(one, 40, () => true);
  const stream = await one.session.executeStream(QUERY, undefined, { fetchSize: 20, maxPageBytes: 0 });
  let count = 0;
  for await (const row of stream) count += row['n'] === count ? 1 : 0;
  assert.equal(count, 40);
  assert.deepEqual(asked.slice(0, 2), [20, 20]);
});
