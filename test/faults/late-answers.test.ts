import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ConstantSpeculativeExecutionPolicy, InvalidParameter, OperationTimedOut } from '../../src/index.js';
import { delay, drop, hold, reactions, rows } from '../../src/testing/index.js';
import { bench, benchOf, failure, seen, until } from './support.js';

const ECHO = 'SELECT tag FROM echo WHERE tag = ?';

/** Whatever was asked for comes back, after `wait` milliseconds: an answer that reaches another request shows. */
function echo(one: Awaited<ReturnType<typeof bench>>, wait: (tag: string) => number): void {
  one.node.prepared(ECHO, { columns: [{ name: 'tag', type: 'text' }], parameters: [{ name: 'tag', type: 'text' }] });
  one.node.on(ECHO, (request) => {
    const value = request.values[0];
    const tag = Buffer.isBuffer(value) ? value.toString() : '';
    const answer = rows([{ tag }]);
    const ms = wait(tag);
    return ms === 0 ? answer : delay(ms).and(answer);
  });
}

test("a timed-out request's late answer never reaches another request: 4,000 with random delays", async () => {
  await using one = await bench({ pooling: { maxRequestsPerConnection: 64 }, requestTimeoutMs: 10_000 });
  let seed = 7;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  // Some are answered at once and have time, some long after theirs is up, and some in the moment when it ends.
  const kinds = {
    prompt: { timeoutMs: 10_000, delayMs: () => 0 },
    late: { timeoutMs: 20, delayMs: () => 80 + random() * 60 },
    close: { timeoutMs: 40, delayMs: () => 30 + random() * 20 },
  };
  const kindOf = (tag: string): (typeof kinds)['late'] => kinds[tag.split('/')[0] as keyof typeof kinds];
  echo(one, (tag) => Math.floor(kindOf(tag).delayMs()));
  const answers = { prompt: 0, late: 0, close: 0 };
  const timeouts = { prompt: 0, late: 0, close: 0 };
  await Promise.all(
    Array.from({ length: 100 }, async (_, worker) => {
      for (let i = 0; i < 40; i++) {
        const kind = random() < 0.5 ? 'prompt' : random() < 0.5 ? 'late' : 'close';
        const tag = `${kind}/${String(worker)}/${String(i)}`;
        try {
          const result = await one.session.execute(ECHO, [tag], { timeoutMs: kinds[kind].timeoutMs });
          assert.deepEqual(result.rows, [{ tag }]);
          answers[kind]++;
        } catch (error) {
          if (!(error instanceof OperationTimedOut)) throw error;
          timeouts[kind]++;
        }
      }
    }),
  );
  assert.equal(timeouts.prompt, 0);
  assert.ok(
    answers.prompt > 1500 && timeouts.late > 50,
    `answers: ${inspect(answers)}, timeouts: ${inspect(timeouts)}`,
  );
});

test('aborted requests: their late answers reach nobody', async () => {
  await using one = await bench({ pooling: { maxRequestsPerConnection: 16 } });
  echo(one, () => 10);
  await one.session.execute(ECHO, ['warm']);
  const reason = new Error('changed my mind');
  for (let i = 0; i < 30; i++) {
    const controller = new AbortController();
    const aborted = Array.from({ length: 3 }, () =>
      failure(one.session.execute(ECHO, ['gone'], { signal: controller.signal })),
    );
    const kept = one.session.execute(ECHO, [String(i)]);
    setImmediate(() => {
      controller.abort(reason);
    });
    for (const error of await Promise.all(aborted)) assert.equal(error, reason);
    assert.deepEqual((await kept).rows, [{ tag: String(i) }]);
  }
});

test('one late reply after a timeout does not close the connection', async () => {
  await using one = await bench();
  one.node.on('SELECT slow', hold().rows([{ a: 'late' }]));
  assert.ok(
    (await failure(one.session.execute('SELECT slow', undefined, { timeoutMs: 40 }))) instanceof OperationTimedOut,
  );
  one.node.release();
  one.node.on('SELECT quick', rows([{ a: 'quick' }]));
  for (let i = 0; i < 10; i++) {
    assert.deepEqual((await one.session.execute('SELECT quick')).rows, [{ a: 'quick' }]);
  }
  assert.equal(one.node.counts.connections, 2, 'the control connection and one more, both alive');
});

test('too many orphans: the connection is drained and replaced, what is under way there finishes', async () => {
  await using one = await bench({ pooling: { maxRequestsPerConnection: 8 } });
  one.node.on('SELECT lost', drop());
  one.node.on('SELECT long', hold().rows([{ a: 'long' }]));
  const long = one.session.execute('SELECT long');
  await one.node.waitFor('SELECT long');
  const [first] = one.node.held;
  await Promise.all(
    Array.from({ length: 4 }, () => failure(one.session.execute('SELECT lost', undefined, { timeoutMs: 40 }))),
  );
  await until(() => one.node.counts.connections === 3, 'a new connection');
  one.node.on('SELECT next', rows([{ a: 'next' }]));
  assert.deepEqual((await one.session.execute('SELECT next')).rows, [{ a: 'next' }]);
  assert.notEqual((await one.node.waitFor('SELECT next')).connection, first?.connection);
  assert.equal(first?.connection.isOpen, true);
  one.node.release();
  assert.deepEqual((await long).rows, [{ a: 'long' }]);
  await until(() => one.node.connections.length === 2, 'the closing of the drained connection');
});

test('too many orphans: the drained connection closes when the last request on it is given up', async () => {
  await using one = await bench({ pooling: { maxRequestsPerConnection: 8 }, heartbeatTimeoutMs: 120_000 });
  one.node.on('SELECT lost', drop());
  one.node.on('SELECT long', drop());
  const controller = new AbortController();
  const long = failure(one.session.execute('SELECT long', undefined, { signal: controller.signal }));
  await Promise.all(
    Array.from({ length: 4 }, () => failure(one.session.execute('SELECT lost', undefined, { timeoutMs: 40 }))),
  );
  await until(() => one.node.counts.connections === 3, 'a new connection');
  assert.equal(one.node.connections.length, 3);
  // An answer of any kind would close it as well.
  one.node.on({ opcode: 'OPTIONS' }, drop());
  controller.abort(new Error('enough'));
  await long;
  await until(() => one.node.connections.length === 2, 'the closing of the drained connection');
});

test('answers on stream ids that nobody used: a few are passed over, then the connection is replaced', async () => {
  await using one = await bench();
  one.node.on('SELECT stray', reactions.void().onStream(1999));
  one.node.on('SELECT fine', rows([{ a: 1 }]));
  const stray = (): Promise<Error> =>
    failure(one.session.execute('SELECT stray', undefined, { timeoutMs: 40, isIdempotent: false }));
  assert.ok((await stray()) instanceof OperationTimedOut);
  assert.deepEqual((await one.session.execute('SELECT fine')).rows, [{ a: 1 }]);
  assert.equal(one.node.counts.connections, 2);
  for (let i = 0; i < 4; i++) await stray();
  await until(() => one.node.counts.connections === 3, 'a new connection');
  assert.deepEqual((await one.session.execute('SELECT fine')).rows, [{ a: 1 }]);
});

test('an error on stream 0 after the handshake gives the connection up', async () => {
  await using one = await bench();
  one.node.on('SELECT fatal', reactions.error('PROTOCOL_ERROR', { message: 'cannot read that' }).onStream(0));
  const reason = await failure(one.session.execute('SELECT fatal'));
  assert.match(reason.message, /cannot read that/);
  await until(() => one.node.counts.connections === 3 && one.node.connections.length === 2);
  await one.session.execute('SELECT fine');
});

test('requests that cannot be encoded give their stream id back and harm no other', async () => {
  await using one = await bench({ pooling: { maxRequestsPerConnection: 32 }, requestTimeoutMs: 20_000 });
  const insert = 'INSERT INTO t (a, b, c) VALUES (?, ?, ?)';
  one.node.prepared(insert, {
    parameters: [
      { name: 'a', type: 'text' },
      { name: 'b', type: 'list<int>' },
      { name: 'c', type: 'int' },
    ],
  });
  const prepared = await one.session.prepare(insert);
  let bad = 0;
  await Promise.all(
    Array.from({ length: 6000 }, async (_, i) => {
      const fits = i % 2 === 0;
      const big = 'x'.repeat(i % 500 === 1 ? 200_000 : 20);
      try {
        await one.session.execute(prepared, [big, [1, 2, 3], fits ? i : `not a number ${String(i)}`]);
        assert.ok(fits);
      } catch (error) {
        if (!(error instanceof InvalidParameter)) throw error;
        assert.equal(error.parameter, 'c');
        bad++;
      }
    }),
  );
  assert.equal(bad, 3000);
  const executed = one.node.requests.filter((request) => request.opcodeName === 'EXECUTE');
  assert.equal(executed.length, 3000);
  const numbers = new Set(executed.map((request) => (request.values[2] as Buffer).readInt32BE()));
  assert.equal(numbers.size, 3000, 'each good one came whole, and once');
  assert.equal(one.node.counts.connections, 2);
});

test("a page that two nodes were asked for comes once: the slower one's answer is not taken for the next page", async () => {
  const text = 'SELECT id FROM pages';
  await using some = await benchOf(2, {
    speculativeExecutionPolicy: new ConstantSpeculativeExecutionPolicy({ delayMs: 5, maxAttempts: 1 }),
  });
  const [quick, slow] = some.nodes;
  assert.ok(quick !== undefined && slow !== undefined);
  for (const node of some.nodes) {
    node.on(text, (request) => {
      const page = Number(request.pagingState?.toString() ?? 0);
      const answer = rows([{ id: page }], { columns: { id: 'int' }, pagingState: page < 2 ? String(page + 1) : null });
      return hold().and(answer);
    });
  }
  const execution = some.session.execute(text, undefined, { isIdempotent: true });
  await until(() => seen([slow], text)[0] === 1, 'the second attempt');
  quick.release();
  await until(() => seen([quick], text)[0] === 2, 'the request for the second page');
  slow.release();
  // Its answer is on its way when the second page's is.
  await some.session.execute('SELECT ready', undefined, { host: slow.contactPoint });
  quick.release();
  await until(() => seen([quick], text)[0] === 3, 'the request for the third page');
  quick.release();
  const result = await execution;
  assert.deepEqual(
    result.rows.map((row) => row['id']),
    [0, 1, 2],
  );
});
