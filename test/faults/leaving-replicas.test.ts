import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { ReadFailure, WriteFailure } from '../../src/index.js';
import { error, rows } from '../../src/testing/index.js';
import { WhileReplicasLeave } from '../support/leaving-replicas.js';
import { benchOf, failure, InOrder } from './support.js';

const PAGE = new URL('../../docs/retries-and-idempotency.md', import.meta.url);
const POLICY = new URL('../support/leaving-replicas.ts', import.meta.url);
const READ = 'SELECT v FROM t';
const WRITE = 'INSERT INTO t (k, v) VALUES (1, 2)';
const CONDITIONAL = 'UPDATE t SET v = 3 WHERE k = 1 IF v = 2';

/** Two nodes, of which the first says that a replica failed for this reason. */
async function failing(reason: number): ReturnType<typeof benchOf> {
  const all = await benchOf(2, { retryPolicy: new WhileReplicasLeave(), loadBalancingPolicy: new InOrder() });
  const [first, second] = all.nodes;
  const facts = { required: 2, received: 1, failures: { '127.0.0.9': reason } };
  first?.on(READ, error('READ_FAILURE', facts));
  first?.on(CONDITIONAL, error('READ_FAILURE', facts));
  first?.on(WRITE, error('WRITE_FAILURE', { ...facts, writeType: 'SIMPLE' }));
  second?.on(READ, rows([{ v: 7 }]));
  return all;
}

test('a replica that went away: the policy of the guide asks the next host, for reads alone', async () => {
  for (const reason of [0, 2, 5]) {
    await using all = await failing(reason);
    assert.deepEqual((await all.session.execute(READ)).one(), { v: 7 });
    assert.ok((await failure(all.session.execute(READ, undefined, { isIdempotent: false }))) instanceof ReadFailure);
    assert.ok((await failure(all.session.execute(WRITE, undefined, { isIdempotent: true }))) instanceof WriteFailure);
    assert.ok(
      (await failure(all.session.execute(CONDITIONAL, undefined, { isIdempotent: true }))) instanceof ReadFailure,
    );
  }
});

test('a replica that read too many tombstones: the error goes to the caller', async () => {
  await using all = await failing(1);
  assert.ok((await failure(all.session.execute(READ))) instanceof ReadFailure);
});

test('the policy on the page is the one that is tested', async () => {
  const [page, source] = await Promise.all([readFile(PAGE, 'utf8'), readFile(POLICY, 'utf8')]);
  for (const part of [/const WENT_AWAY = .*\n/, /class WhileReplicasLeave [^]*/]) {
    const [text] = part.exec(source) ?? [];
    assert.ok(text !== undefined && page.includes(text), text);
  }
});
