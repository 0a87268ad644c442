import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RateLimitedSession, SimpleStatement, type AsyncCassandraSession } from '../../src/index.js';
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

describe('the fetch size of a stream: that of the call, else the statement’s, else the profile’s (only the call’s counted)', () => {
  const first = async (one: Bench, open: (session: AsyncCassandraSession) => Promise<unknown>): Promise<unknown> => {
    const asked = serve(one, 1, () => false);
    await open(one.session);
    return asked[0];
  };

  test('each kind of statement has its own', async () => {
    await using one = await bench();
    const simple = new SimpleStatement(QUERY, { fetchSize: 70 });
    const prepared = await one.session.prepare(QUERY);
    prepared.fetchSize = 80;
    const bound = prepared.bind([]);
    bound.fetchSize = 90;
    assert.equal(await first(one, (session) => session.executeStream(simple)), 70);
    assert.equal(await first(one, (session) => session.executeStream(simple, undefined, { fetchSize: 60 })), 60);
    assert.equal(await first(one, (session) => session.executeStream(prepared)), 80);
    assert.equal(await first(one, (session) => session.executeStream(bound)), 90);
    assert.equal(await first(one, (session) => session.executeStream(bound, undefined, { fetchSize: 60 })), 60);
    const limited = new RateLimitedSession(one.session);
    assert.equal(await first(one, () => limited.executeStream(bound)), 90);
    simple.fetchSize = undefined;
    assert.equal(await first(one, (session) => session.executeStream(simple)), 1000, 'not the 5000 of execute()');
    simple.fetchSize = '10' as never;
    await assert.rejects(one.session.executeStream(simple), /ConfigurationError: statement: fetchSize must be /);
  });

  test('later pages have it too, and a bound on their bytes holds', async () => {
    await using one = await bench();
    const asked = serve(one, 200, () => false);
    const simple = new SimpleStatement(QUERY, { fetchSize: 70 });
    for await (const rowsOfPage of (await one.session.executeStream(simple)).pages())
      assert.ok(rowsOfPage.length <= 70);
    assert.deepEqual(asked, [70, 70, 70]);
    const bounded = (session: AsyncCassandraSession): Promise<unknown> =>
      session.executeStream(simple, undefined, { maxPageBytes: MB });
    assert.equal(await first(one, bounded), 4);
  });

  test('a profile has one only if it was given one, or inherits one', async () => {
    const small = { executionProfile: 'small' };
    const other = { executionProfile: 'other' };
    await using one = await bench({ executionProfiles: { small: { fetchSize: 50 }, other: {} } });
    assert.equal(await first(one, (session) => session.executeStream(QUERY)), 1000);
    assert.equal(await first(one, (session) => session.executeStream(QUERY, undefined, small)), 50);
    assert.equal(await first(one, (session) => session.executeStream(QUERY, undefined, other)), 1000);
    const simple = new SimpleStatement(QUERY, { fetchSize: 70 });
    assert.equal(await first(one, (session) => session.executeStream(simple, undefined, small)), 70);
    await assert.rejects(
      one.session.executeStream(QUERY, undefined, { executionProfile: 'none' }),
      /no execution profile/,
    );

    const executionProfiles = { default: { fetchSize: 100 }, small: { fetchSize: 50 }, other: {} };
    await using two = await bench({ executionProfiles });
    assert.equal(await first(two, (session) => session.executeStream(QUERY)), 100);
    assert.equal(await first(two, (session) => session.executeStream(QUERY, undefined, small)), 50);
    assert.equal(await first(two, (session) => session.executeStream(QUERY, undefined, other)), 100);
  });
});
