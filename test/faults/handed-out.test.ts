/** What users are handed cannot be changed by them, in JavaScript either: the client itself goes by it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AsyncRetryPolicy,
  BatchStatement,
  ConsistencyLevel,
  DCAwareRoundRobinPolicy,
  RetryDecision,
  SimpleStatement,
  type Host,
  type QueryContext,
  type QueryPlan,
  type RequestErrorContext,
  type RetryStatement,
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

test("what a retry policy tries to do to the statement that it is shown does not concern later requests' options", async () => {
  const refusals: unknown[] = [];
  class Changing extends AsyncRetryPolicy {
    override onRequestError(context: RequestErrorContext): RetryDecision {
      try {
        Object.assign(context.statement, { consistency: ConsistencyLevel.ALL, timeoutMs: 1, isIdempotent: true });
      } catch (refusal) {
        refusals.push(refusal);
      }
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
  assert.ok(refusals.length === 1 && refusals[0] instanceof TypeError);
  assert.equal(after?.consistency, before?.consistency);
});

test('a retry policy is shown what failed: texts, keyspace, idempotence, but no values; all of it frozen', async () => {
  const shown: RetryStatement[] = [];
  class Watching extends AsyncRetryPolicy {
    override onRequestError(context: RequestErrorContext): RetryDecision {
      shown.push(context.statement);
      return RetryDecision.RETHROW;
    }
  }
  const keyspaces = ['ks', 'other'].map((name) => ({ name, tables: [TABLE] }));
  await using one = await bench({ retryPolicy: new Watching() }, { keyspaces });
  const session = await one.cluster.connect('ks');
  const insert = 'INSERT INTO t (k, v) VALUES (?, ?)';
  one.node.on({ opcode: 'QUERY', query: /boom/ }, error('SERVER_ERROR'));
  one.node.on('EXECUTE', error('SERVER_ERROR'));
  one.node.on('BATCH', error('SERVER_ERROR'));
  one.node.on({ opcode: 'PREPARE', query: /unprepared/ }, error('SERVER_ERROR'));
  const simple = new SimpleStatement('SELECT boom', { isIdempotent: true, keyspace: 'other' });
  await failure(session.execute(simple));
  await failure(one.session.execute('SELECT boom'));
  await failure(session.execute(insert, [1, 'secret'], { isIdempotent: false }));
  const prepared = await one.session.prepare(insert, { keyspace: 'other' });
  await failure(session.execute(prepared, [1, 'secret']));
  const batch = new BatchStatement().add('INSERT boom').add(prepared, [1, 'secret']).add(prepared, [2, 'secret']);
  await failure(session.executeBatch(batch));
  await failure(session.prepare('SELECT unprepared'));
  assert.deepEqual(shown, [
    { isIdempotent: true, query: 'SELECT boom', statements: null, keyspace: 'other' },
    { isIdempotent: undefined, query: 'SELECT boom', statements: null, keyspace: null },
    { isIdempotent: false, query: insert, statements: null, keyspace: 'ks' },
    { isIdempotent: undefined, query: insert, statements: null, keyspace: 'other' },
    { isIdempotent: undefined, query: null, statements: ['INSERT boom', insert, insert], keyspace: 'ks' },
    { isIdempotent: undefined, query: 'SELECT unprepared', statements: null, keyspace: 'ks' },
  ]);
  for (const statement of shown) assert.ok(Object.isFrozen(statement) && Object.isFrozen(statement.statements));
  assert.equal(shown.includes(simple as never), false);
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
