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
