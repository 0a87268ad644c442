/** What users are handed cannot be changed by them, in JavaScript either: the client itself goes by it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AsyncRetryPolicy,
  ConsistencyLevel,
  DCAwareRoundRobinPolicy,
  RetryDecision,
  type Host,
  type QueryContext,
  type QueryPlan,
  type RequestErrorContext,
} from '../../src/index.js';
import { error } from '../../src/testing/index.js';
import { bench, benchOf, failure } from './support.js';

const TABLE = { name: 't', columns: { k: 'int', v: 'text' }, partitionKey: ['k'] };
const KEY = Buffer.from([0, 0, 0, 1]);

test('a load balancing policy that turns the replicas it is given around does not change who has a key', async () => {
  const refusals: unknown[] = [];
  class Turning extends DCAwareRoundRobinPolicy {
    override newQueryPlan(context: QueryContext): QueryPlan {
      try {
        (context.replicas as Host[] | null)?.reverse();
      } catch (refusal) {
        refusals.push(refusal);
      }
      return super.newQueryPlan(context);
    }
  }
  const keyspace = { name: 'ks', replication: { class: 'SimpleStrategy', replication_factor: '3' }, tables: [TABLE] };
  await using all = await benchOf(3, { loadBalancingPolicy: new Turning() }, { keyspaces: [keyspace] });
  const before = all.cluster.metadata.getReplicas('ks', KEY);
  assert.equal(before.length, 3);
  await all.session.execute('INSERT INTO ks.t (k, v) VALUES (?, ?)', [1, 'x']);
  assert.ok(refusals.length > 0 && refusals.every((refusal) => refusal instanceof TypeError));
  assert.deepEqual(all.cluster.metadata.getReplicas('ks', KEY), before);
});

test("what a retry policy does to the statement that it is shown does not concern later requests' options", async () => {
  class Changing extends AsyncRetryPolicy {
    override onRequestError(context: RequestErrorContext): RetryDecision {
      Object.assign(context.statement, { consistency: ConsistencyLevel.ALL, timeoutMs: 1, isIdempotent: true });
      return RetryDecision.RETHROW;
    }
  }
  await using one = await bench({ retryPolicy: new Changing() });
  one.node.on('SELECT boom', error('OVERLOADED'));
  await one.session.execute('SELECT before');
  await failure(one.session.execute('SELECT boom'));
  await one.session.execute('SELECT after');
  const [before, after] = ['SELECT before', 'SELECT after'].map((query) =>
    one.node.requests.find((request) => request.query === query),
  );
  assert.equal(after?.consistency, before?.consistency);
});

test("a keyspace's maps and a host's tokens are read-only", async () => {
  await using one = await bench({}, { keyspaces: [{ name: 'ks', tables: [TABLE] }] });
  const { metadata } = one.cluster;
  const tables = (await metadata.getKeyspace('ks'))?.tables as Map<string, unknown>;
  for (const change of [
    () => {
      tables.clear();
    },
    () => tables.delete('t'),
    () => tables.set('u', null),
  ]) {
    assert.throws(change, /Metadata is read-only/);
  }
  assert.deepEqual([...((await metadata.getKeyspace('ks'))?.tables.keys() ?? [])], ['t']);
  const [host] = metadata.hosts;
  assert.throws(() => (host?.tokens as bigint[]).pop(), TypeError);
  assert.ok(host && host.tokens.length > 0);
});
