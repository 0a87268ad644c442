import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConfigurationError, InvalidParameter, type AsyncCassandraSession } from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

let space: Workspace;
let session: AsyncCassandraSession;

before(async () => {
  space = await openWorkspace('it_concurrent');
  session = space.session;
  await session.execute('CREATE TABLE things (id int PRIMARY KEY, v text)');
});
after(() => space.close());

test('cql`` binds its values', async () => {
  const id = 1;
  const evil = "x'); DROP TABLE things; --";
  await session.cql`INSERT INTO things (id, v) VALUES (${id}, ${evil})`;
  const result = await session.cql<{ v: string }>`SELECT v FROM things WHERE id = ${id}`;
  assert.deepEqual(result.rows, [{ v: evil }]);
  assert.equal((await session.cql`SELECT id FROM things`).length, 1);
});

test('cql`` with a function of the session taken off it, in a loop', async () => {
  for (let id = 10; id < 20; id++) await session.cql`INSERT INTO things (id, v) VALUES (${id}, ${`v${String(id)}`})`;
  const { rows } = await session.cql<{ id: number }>`SELECT id FROM things WHERE id IN ${[10, 15, 19]}`;
  assert.deepEqual(
    rows.map((row) => row.id),
    [10, 15, 19],
  );
});

test('cql`` refuses a value that does not fit', async () => {
  await assert.rejects(session.cql`INSERT INTO things (id, v) VALUES (${'one'}, ${'v'})`, InvalidParameter);
});

test('executeConcurrent: each parameters once, results with their index', async () => {
  const seen = new Map<number, unknown>();
  const summary = await session.executeConcurrent(
    'INSERT INTO things (id, v) VALUES (?, ?)',
    Array.from({ length: 500 }, (_, at) => [1000 + at, `w${String(at)}`]),
    {
      concurrency: 20,
      onResult: (_result, index, parameters) => {
        assert.ok(!seen.has(index));
        seen.set(index, (parameters as readonly unknown[])[0]);
      },
    },
  );
  assert.deepEqual(
    { total: summary.total, succeeded: summary.succeeded, errors: [...summary.errors] },
    {
      total: 500,
      succeeded: 500,
      errors: [],
    },
  );
  assert.equal(seen.size, 500);
  for (const [index, id] of seen) assert.equal(id, 1000 + index);
});

test('executeConcurrent never has more than `concurrency` under way and reads its input no faster', async () => {
  let taken = 0;
  let done = 0;
  let most = 0;
  function* input(): Generator<unknown[]> {
    for (let id = 0; id < 300; id++) {
      taken++;
      most = Math.max(most, taken - done);
      yield [id, 'x'];
    }
  }
  await session.executeConcurrent('INSERT INTO things (id, v) VALUES (?, ?)', input(), {
    concurrency: 7,
    onResult: () => done++,
  });
  assert.equal(done, 300);
  assert.ok(most <= 8, `${String(most)} were taken and not answered`);
});

test('executeConcurrent takes an async iterable', async () => {
  async function* input(): AsyncGenerator<Record<string, unknown>> {
    for (let id = 2000; id < 2100; id++) {
      if (id % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      yield { id, v: 'async' };
    }
  }
  const summary = await session.executeConcurrent('INSERT INTO things (id, v) VALUES (?, ?)', input(), {
    concurrency: 9,
  });
  assert.equal(summary.succeeded, 100);
  const { rows } = await session.execute('SELECT id FROM things WHERE id IN ?', [[2000, 2055, 2099]]);
  assert.equal(rows.length, 3);
});

const mixed = Array.from({ length: 60 }, (_, at) => (at % 20 === 7 ? ['bad', 'x'] : [3000 + at, 'x']));

test('executeConcurrent: the first error is thrown, and the input is closed', async () => {
  let closed = false;
  function* input(): Generator<unknown[]> {
    try {
      yield* mixed;
    } finally {
      closed = true;
    }
  }
  await assert.rejects(
    session.executeConcurrent('INSERT INTO things (id, v) VALUES (?, ?)', input(), { concurrency: 3 }),
    InvalidParameter,
  );
  assert.ok(closed);
});

test('executeConcurrent with raiseOnFirstError false gathers the errors by index', async () => {
  const { total, succeeded, errors } = await session.executeConcurrent(
    'INSERT INTO things (id, v) VALUES (?, ?)',
    mixed,
    {
      raiseOnFirstError: false,
    },
  );
  assert.equal(total, 60);
  assert.equal(succeeded, 57);
  assert.deepEqual(
    [...errors].map((error) => error.index).sort((a, b) => a - b),
    [7, 27, 47],
  );
  for (const { error, parameters, index } of errors) {
    assert.ok(error instanceof InvalidParameter);
    assert.equal(parameters, mixed[index]);
  }
});

test('executeConcurrent ends with the signal’s reason', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  let done = 0;
  function* endless(): Generator<unknown[]> {
    for (let id = 0; ; id = (id + 1) % 1000) yield [id, 'x'];
  }
  await assert.rejects(
    session.executeConcurrent('INSERT INTO things (id, v) VALUES (?, ?)', endless(), {
      signal: controller.signal,
      raiseOnFirstError: false,
      onResult: () => {
        if (++done === 200) controller.abort(reason);
      },
    }),
    (error) => error === reason,
  );
  assert.ok(done < 400);
});

test('executeConcurrent refuses what it cannot use', async () => {
  await assert.rejects(session.executeConcurrent('SELECT 1', [], { concurrency: 0 }), ConfigurationError);
  await assert.rejects(session.executeConcurrent('SELECT 1', 5 as unknown as unknown[][]), ConfigurationError);
  const empty = await session.executeConcurrent('INSERT INTO things (id, v) VALUES (?, ?)', []);
  assert.equal(empty.total, 0);
});
