import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BatchStatement, BatchType, uuid, type AsyncCassandraSession } from '../../../src/index.js';
import { startCassandra, type CassandraNode, type EmbeddedCassandra } from '../../../src/embedded/index.js';
import { launchBrowser } from '../../support/browser.js';
import { Service } from './service.js';

const ADA = { name: 'Ada', email: 'ada@example.org', age: 36 };
const INTERNALS = /127\.0|ECONN|CQL|cassandra|SELECT|INSERT|rest_example|stack|node_modules|ERR_/i;
const ROWS = 1_000_000;
const PAGES_OF_ALL = ROWS / 1000;

let db: EmbeddedCassandra;
let node: CassandraNode;
let service: Service;
/** Clients that left before their answer was whole. */
let left = 0;

interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly age: number | null;
}

before(async () => {
  db = await startCassandra();
  const [only] = db.nodes;
  assert.ok(only);
  node = only;
  service = await Service.start('fastify-rest', db, ['--max-old-space-size=96']);
});

after(async () => {
  await service[Symbol.asyncDispose]();
  await db.stop();
});

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function create(user: object = ADA): Promise<User> {
  const answer = await service.send('POST', '/users', user);
  assert.equal(answer.status, 201);
  return (await answer.json()) as User;
}

test('users are created, read, replaced and removed', async () => {
  const answer = await service.send('POST', '/users', ADA);
  assert.equal(answer.status, 201);
  const user = (await answer.json()) as User;
  assert.equal(answer.headers.get('location'), `/users/${user.id}`);
  const path = `/users/${user.id}`;
  assert.deepEqual(await (await service.fetch(path)).json(), user);
  const replaced = await service.send('PUT', path, { name: 'Ada L.', email: 'ada@example.org' });
  assert.equal(replaced.status, 200);
  assert.deepEqual(await (await service.fetch(path)).json(), { ...user, name: 'Ada L.', age: null });
  const removed = await service.send('DELETE', path);
  assert.equal(removed.status, 204);
  assert.equal(await removed.text(), '');
  for (const method of ['GET', 'DELETE']) assert.equal((await service.send(method, path)).status, 404);
  assert.equal((await service.send('PUT', path, ADA)).status, 404);
});

test('what is wrong with a request is said: 400, 404, 422', async () => {
  const cases: readonly (readonly [string, string, unknown, number])[] = [
    ['POST', '/users', [], 400],
    ['POST', '/users', { name: 'no e-mail' }, 400],
    ['POST', '/users', { ...ADA, admin: true }, 400],
    ['POST', '/users', { ...ADA, age: 'old' }, 400],
    ['POST', '/users', { ...ADA, name: '  ' }, 422],
    ['POST', '/users', { ...ADA, email: 'nowhere' }, 422],
    ['POST', '/users', { ...ADA, age: 1000 }, 422],
    ['GET', '/users/17', undefined, 400],
    ['GET', `/users/${uuid()}`, undefined, 404],
    ['GET', '/users?limit=0', undefined, 400],
    ['GET', '/users?cursor=%20', undefined, 400],
    ['GET', '/users?cursor=bm9uZQ', undefined, 400],
    ['GET', '/nowhere', undefined, 404],
  ];
  for (const [method, path, body, status] of cases) {
    const answer = await service.send(method, path, body);
    const text = await answer.text();
    assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(body)}: ${text}`);
    assert.doesNotMatch(text, INTERNALS);
  }
  const headers = { 'content-type': 'application/json' };
  assert.equal((await service.fetch('/users', { method: 'POST', body: '{"name":', headers })).status, 400);
});

test('1,000 concurrent requests are all answered, and the metrics tell of each', async () => {
  const before = await service.metric('cassandra_queries_total', 'query_type="prepared"');
  const created = await Promise.all(
    Array.from({ length: 1000 }, (_, i) => create({ name: `user ${String(i)}`, email: 'u@example.org', age: i % 100 })),
  );
  assert.equal(new Set(created.map(({ id }) => id)).size, 1000);
  assert.equal((await service.metric('cassandra_queries_total', 'query_type="prepared"')) - before, 1000);
  const read = await Promise.all(
    created.map(async ({ id }) => ((await (await service.fetch(`/users/${id}`)).json()) as User).name),
  );
  assert.deepEqual(
    read,
    created.map(({ name }) => name),
  );
});

test('paging by cursor finds each user once; each statement was prepared once', async () => {
  const ids: string[] = [];
  let cursor: string | null = '';
  let pages = 0;
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page = (await (await service.fetch(`/users?limit=300${query}`)).json()) as {
      readonly users: readonly User[];
      readonly nextCursor: string | null;
    };
    assert.ok(page.users.length <= 300);
    ids.push(...page.users.map(({ id }) => id));
    cursor = page.nextCursor;
    pages++;
  }
  assert.equal(ids.length, 1000);
  assert.equal(new Set(ids).size, 1000);
  assert.ok(pages >= 4);
  assert.equal(await service.metric('cassandra_queries_total', 'query_type="prepare"'), 5);
});

test('health, description and documentation pages', async () => {
  const health = await service.fetch('/health');
  assert.equal(health.status, 200);
  assert.deepEqual(await health.json(), { status: 'up', hosts: { total: 1, up: 1 } });
  const { openapi, paths } = (await (await service.fetch('/openapi.json')).json()) as {
    readonly openapi: string;
    readonly paths: object;
  };
  assert.equal(openapi, '3.1.0');
  assert.ok('/users/{id}' in paths);
  const docs = await service.fetch('/docs');
  assert.match(docs.headers.get('content-type') ?? '', /text\/html/);
});

async function fillTo(session: AsyncCassandraSession, present: number): Promise<void> {
  const insert = await session.prepare('INSERT INTO users (id, name, email, age, created_at) VALUES (?, ?, ?, ?, ?)');
  const now = new Date();
  let next = present;
  const writer = async (): Promise<void> => {
    while (next < ROWS) {
      const batch = new BatchStatement({ type: BatchType.UNLOGGED, isIdempotent: true });
      for (let i = 0; i < 200 && next < ROWS; i++, next++) {
        batch.add(insert, [uuid(), `user number ${String(next)}`, 'user@example.org', next % 100, now]);
      }
      await session.executeBatch(batch, { timeoutMs: 60_000 });
    }
  };
  await Promise.all(Array.from({ length: 12 }, writer));
}

/** Reads the lines; returns how many there were, and the memory of the service meanwhile in MiB. */
async function download(): Promise<{
  readonly lines: number;
  readonly rss: readonly number[];
  readonly bytes: number;
}> {
  const answer = await service.fetch('/users.ndjson');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'application/x-ndjson');
  assert.ok(answer.body);
  const rss: number[] = [];
  let lines = 0;
  let bytes = 0;
  let last = 0;
  for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
    bytes += chunk.length;
    if (lines - last >= 25_000) {
      last = lines;
      rss.push(service.rssMib);
    }
  }
  return { lines, rss, bytes };
}

test('1,000,000 rows are downloaded in constant memory; a client that leaves ends the paging', async (context) => {
  const filled = performance.now();
  await fillTo(await db.connect('rest_example'), 1000);
  const begun = performance.now();
  const { lines, rss, bytes } = await download();
  const half = Math.floor(rss.length / 2);
  const [first, second] = [Math.max(...rss.slice(0, half)), Math.max(...rss.slice(half))];
  context.diagnostic(
    `filled in ${((begun - filled) / 1000).toFixed(1)} s; ${String(lines)} lines, ${(bytes / 2 ** 20).toFixed(0)} MiB in ` +
      `${((performance.now() - begun) / 1000).toFixed(1)} s; RSS first half up to ${first.toFixed(0)}, second up to ${second.toFixed(0)} MiB`,
  );
  assert.equal(lines, ROWS);
  assert.ok(bytes > 120 * 2 ** 20, 'more than the heap of 96 MiB could hold');
  assert.ok(second < 300, `${second.toFixed(0)} MiB`);
  assert.ok(second - first < 50, `from ${first.toFixed(0)} to ${second.toFixed(0)} MiB`);

  const pages = (): Promise<number> => service.metric('cassandra_client_stream_pages_total');
  const before = await pages();
  assert.ok(before >= PAGES_OF_ALL, `${String(before)} pages of all rows`);
  const leaving = new AbortController();
  const answer = await service.fetch('/users.ndjson', { signal: leaving.signal });
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  leaving.abort();
  left++;
  await reader.read().catch(() => undefined);
  await wait(1000);
  const read = (await pages()) - before;
  await wait(1000);
  assert.equal((await pages()) - before, read, 'nothing is read for a client that has left');
  context.diagnostic(
    `a client that left after its first chunk: ${String(read)} of ${String(PAGES_OF_ALL)} pages were read`,
  );
  assert.ok(read >= 1 && read < PAGES_OF_ALL / 4, `${String(read)} pages`);
});

interface Sample {
  readonly at: number;
  readonly status: number;
  readonly text: string;
}

interface Traffic extends AsyncDisposable {
  readonly samples: readonly Sample[];
}

/** Asks again and again, `workers` at a time, until it is disposed of. */
function load(path: string, workers: number): Traffic {
  const samples: Sample[] = [];
  let ended = false;
  const worker = async (): Promise<void> => {
    while (!ended) {
      const answer = await service.fetch(path);
      const text = await answer.text();
      samples.push({ at: performance.now(), status: answer.status, text });
      await wait(20);
    }
  };
  const running = Promise.all(Array.from({ length: workers }, worker));
  return {
    samples,
    [Symbol.asyncDispose]: async () => {
      ended = true;
      await running;
    },
  };
}

test('a node stopped and started under load: 503 in words, then well within 5 s; the live page draws it', async (context) => {
  const { id } = await create();
  await using browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(service.address);
  // Its event stream ends with the browser.
  left++;
  await using traffic = load(`/users/${id}`, 20);
  const { samples } = traffic;
  await page.waitForSelector('[data-state=live]');
  await page.waitForSelector('tr[data-status=up]');
  await page.waitForFunction('Number(document.body.dataset.updates) >= 4');
  assert.match((await page.textContent('#rate')) ?? '', /\d/);
  assert.notEqual(await page.getAttribute('#rates polyline', 'points'), null);
  assert.notEqual(await page.getAttribute('#latency polyline', 'points'), null);

  await node.stop();
  await page.waitForSelector('tr[data-status=down]');
  assert.match((await page.textContent('#hostcount')) ?? '', /0 of 1 up/);
  const health = await service.fetch('/health');
  assert.equal(health.status, 503);
  await wait(1000);
  await node.start();
  const startedAt = performance.now();
  await page.waitForSelector('tr[data-status=up]');
  await wait(6000);
  await traffic[Symbol.asyncDispose]();
  const refusals = samples.filter(({ status }) => status === 503);
  assert.ok(refusals.length > 0);
  for (const { text } of refusals) {
    assert.match(text, /Please try again shortly/);
    assert.doesNotMatch(text, INTERNALS);
  }
  assert.deepEqual(
    [...new Set(samples.map(({ status }) => status))].filter((status) => ![200, 503, 504].includes(status)),
    [],
  );
  const lastRefusal = Math.max(...samples.filter(({ status }) => status !== 200).map(({ at }) => at));
  const backMs = lastRefusal - startedAt;
  context.diagnostic(
    `${String(samples.length)} requests, ${String(refusals.length)} of them 503; the last one not answered with 200 came ` +
      `${backMs.toFixed(0)} ms after the node was ready`,
  );
  assert.ok(backMs < 5000);
  assert.ok(samples.some(({ at, status }) => status === 200 && at > startedAt));
  assert.equal((await service.fetch('/health')).status, 200);
  assert.deepEqual(complaints, []);
});

test('a graceful shutdown under load loses no request in flight', async (context) => {
  const outcomes: Promise<{ readonly status: number; readonly id?: string }>[] = [];
  let answers = 0;
  let goOn = (): void => undefined;
  const underLoad = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const limit = AbortSignal.timeout(60_000);
  for (let i = 0; i < 400; i++) {
    const asked = service.send('POST', '/users', ADA, limit).then(
      async (answer) => {
        if (++answers === 50) goOn();
        // An answer that is cut short throws here, and fails the test.
        const { id } = (await answer.json()) as Partial<User>;
        return { status: answer.status, ...(id === undefined ? {} : { id }) };
      },
      // Connections that were never accepted are no requests in flight: the service received nothing of them.
      (error: unknown) => {
        if (limit.aborted) throw error;
        return { status: 0 };
      },
    );
    outcomes.push(asked);
  }
  await underLoad;
  const counts = await service.stop();
  const done = await Promise.all(outcomes);
  assert.ok(counts);
  const created = done.filter(({ status }) => status === 201);
  const of = (status: number): string => String(done.filter((one) => one.status === status).length);
  context.diagnostic(
    `400 sent: ${of(201)} created, ${of(503)} refused with 503, ${of(0)} never accepted; service: ${JSON.stringify(counts)}`,
  );
  assert.equal(counts.answered + left, counts.received, 'whoever stayed had the answer');
  assert.ok(created.length >= 50);
  assert.deepEqual(
    [...new Set(done.map(({ status }) => status))].filter((status) => ![201, 503, 0].includes(status)),
    [],
  );
  const session = await db.connect('rest_example');
  const select = await session.prepare('SELECT id FROM users WHERE id = ?');
  let missing = 0;
  await session.executeConcurrent(
    select,
    created.map(({ id }) => [id]),
    {
      onResult: (result) => {
        if (result.length === 0) missing++;
      },
    },
  );
  assert.equal(missing, 0, 'what was answered with 201 is there');
});

test('the same service with Express', async () => {
  await using express = await Service.start('express-rest', db);
  const answer = await express.send('POST', '/users', ADA);
  assert.equal(answer.status, 201);
  const user = (await answer.json()) as User;
  assert.deepEqual(await (await express.fetch(`/users/${user.id}`)).json(), user);
  assert.equal((await express.send('PUT', `/users/${user.id}`, { ...ADA, age: -1 })).status, 422);
  assert.equal((await express.send('DELETE', `/users/${user.id}`)).status, 204);
  assert.equal((await express.fetch(`/users/${user.id}`)).status, 404);
  assert.equal((await express.fetch('/users?limit=x')).status, 400);
  assert.equal((await express.fetch('/health')).status, 200);
  assert.ok((await express.metric('cassandra_queries_total')) > 0);
  const leaving = new AbortController();
  const rows = await express.fetch('/users.ndjson', { signal: leaving.signal });
  const reader = (rows.body as ReadableStream<Uint8Array>).getReader();
  assert.match(Buffer.from((await reader.read()).value ?? []).toString(), /^\{"id":"/);
  leaving.abort();
  await reader.read().catch(() => undefined);
  await express.stop();
});
