import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

interface Numbered {
  readonly p: number;
  readonly c: number;
}

let space: Workspace;

before(async () => {
  space = await openWorkspace('it_snapshot');
  await space.session.execute('CREATE TABLE t (p int, c int, PRIMARY KEY (p, c))');
  const rows = Array.from({ length: 100 }, (_, c) => [c % 2, c]);
  await space.session.executeConcurrent('INSERT INTO t (p, c) VALUES (?, ?)', rows);
});
after(() => space.close());

const QUERY = 'SELECT p, c FROM t WHERE p = ? AND c > ?';

test('a result of many pages is of one query, though the caller uses its array again meanwhile', async () => {
  for (const statement of [QUERY, await space.session.prepare(QUERY)]) {
    const parameters = [0, 10];
    const running = space.session.execute<Numbered>(statement, parameters, { fetchSize: 7 });
    parameters[0] = 1;
    parameters[1] = 90;
    const { rows } = await running;
    assert.equal(rows.length, 44);
    assert.ok(rows.every(({ p, c }) => p === 0 && c > 10));
  }
});

test('a stream is of one query, though the caller uses its array again meanwhile', async () => {
  for (const statement of [QUERY, await space.session.prepare(QUERY)]) {
    const parameters = [0, 10];
    const opening = space.session.executeStream<Numbered>(statement, parameters, { fetchSize: 7 });
    parameters[0] = 1;
    const rows: Numbered[] = [];
    for await (const row of await opening) rows.push(row);
    assert.equal(rows.length, 44);
    assert.ok(rows.every(({ p, c }) => p === 0 && c > 10));
  }
});

test('more writes than a connection takes at once have the values of their calls, though all share one array', async () => {
  const count = 3000;
  const insert = await space.session.prepare('INSERT INTO t (p, c) VALUES (?, ?)');
  const shared = [7, 0];
  const running: Promise<unknown>[] = [];
  for (let i = 0; i < count; i++) {
    shared[1] = i;
    running.push(space.session.execute(insert, shared));
  }
  await Promise.all(running);
  assert.equal((await space.session.execute('SELECT c FROM t WHERE p = 7')).length, count);
});
