import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadFailure, WriteFailure, type RetryPolicy } from '../../src/index.js';
import { error, rows } from '../../src/testing/index.js';
import { WhileReplicasLeave } from '../support/leaving-replicas.js';
import { benchOf, failure, InOrder } from './support.js';

const READ = 'SELECT v FROM t';
const WRITE = 'INSERT INTO t (k, v) VALUES (1, 2)';

async function failing(reason: number, retryPolicy: RetryPolicy): Promise<Awaited<ReturnType<typeof benchOf>>> {
  const all = await benchOf(2, { retryPolicy, loadBalancingPolicy: new InOrder() });
  const [first, second] = all.nodes;
  const facts = { required: 2, received: 1, failures: { '127.0.0.9': reason } };
  first?.on(READ, error('READ_FAILURE', facts));
  first?.on(WRITE, error('WRITE_FAILURE', facts));
  second?.on(READ, rows([{ v: 7 }]));
  return all;
}

test('a replica that went away: the policy of the guide asks the next host, for what may be sent twice', async () => {
  for (const reason of [0, 2, 5]) {
    await using all = await failing(reason, new WhileReplicasLeave());
    assert.deepEqual((await all.session.execute(READ)).one(), { v: 7 });
    await all.session.execute(WRITE, undefined, { isIdempotent: true });
    assert.ok((await failure(all.session.execute(WRITE))) instanceof WriteFailure);
    assert.ok((await failure(all.session.execute(READ, undefined, { isIdempotent: false }))) instanceof ReadFailure);
  }
});

test('a replica that read too many tombstones: the error goes to the caller', async () => {
  await using all = await failing(1, new WhileReplicasLeave());
  assert.ok((await failure(all.session.execute(READ))) instanceof ReadFailure);
});
