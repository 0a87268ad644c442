import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  AsyncCluster,
  BatchStatement,
  SimpleStatement,
  type AsyncCassandraSession,
  type Host,
  type LoadBalancingPolicy,
  type QueryContext,
} from '../../src/index.js';
import { FakeNode } from '../../src/testing/index.js';
import { benchOf, InOrder, QUICK } from './support.js';

const SCHEMA = ['a', 'b'].map((name) => ({
  name,
  tables: [{ name: 't', columns: { k: 'int', v: 'int' }, partitionKey: ['k'] }],
}));

interface Place extends AsyncDisposable {
  readonly node: FakeNode;
  readonly cluster: AsyncCluster;
  /** In keyspace a. */
  readonly session: AsyncCassandraSession;
}

/** One node with the keyspaces a and b, each with a table t. */
async function place(loadBalancingPolicy: LoadBalancingPolicy = new InOrder()): Promise<Place> {
  const node = await FakeNode.start({ keyspaces: SCHEMA });
  const cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint], loadBalancingPolicy });
  const close = async (): Promise<void> => {
    await cluster.shutdown({ drainTimeoutMs: 0 });
    await node.close();
  };
  return { node, cluster, session: await cluster.connect('a'), [Symbol.asyncDispose]: close };
}

const key = Buffer.from('00000001', 'hex');

// ---- what a policy is told -------------------------------------------------------------------------------------------

class Recording extends InOrder {
  readonly seen: QueryContext[] = [];
  override newQueryPlan(context?: QueryContext): { next(): Host | null } {
    if (context !== undefined) this.seen.push(context);
    return super.newQueryPlan();
  }

  /** The keyspaces of requests since the last time. */
  keyspaces(): (string | null)[] {
    return this.seen.splice(0).map(({ keyspace }) => keyspace);
  }
}

test("a policy is told the session's keyspace for texts and batches of texts, and another where the call names it", async () => {
  const policy = new Recording();
  await using here = await place(policy);
  const { session } = here;
  const text = 'INSERT INTO t (k, v) VALUES (1, 1)';
  policy.keyspaces();
  await session.execute(text);
  await session.execute(text, undefined, { keyspace: 'a' });
  await session.execute(text, undefined, { keyspace: 'b' });
  await session.executeBatch(new BatchStatement().add(text));
  await session.executeBatch(new BatchStatement({ keyspace: 'b' }).add(text));
  assert.deepEqual(policy.keyspaces(), ['a', 'a', 'b', 'a', 'b']);
});

test('a policy is told the keyspace in which a statement without markers was prepared', async () => {
  const policy = new Recording();
  await using here = await place(policy);
  const [inA, inB] = [
    await here.session.prepare('SELECT v FROM t'),
    await here.session.prepare('SELECT v FROM t', { keyspace: 'b' }),
  ];
  policy.keyspaces();
  await here.session.execute(inA);
  await here.session.execute(inB);
  assert.deepEqual(policy.keyspaces(), ['a', 'b']);
});

test("routingKey is heeded for texts and batches in the session's keyspace", async () => {
  const policy = new Recording();
  await using all = await benchOf(3, { loadBalancingPolicy: policy }, { keyspaces: SCHEMA });
  const session = await all.cluster.connect('a');
  const owner = all.cluster.metadata.getReplicas('a', key).map(({ endpoint }) => endpoint);
  assert.equal(owner.length, 1);
  const text = 'INSERT INTO t (k, v) VALUES (1, 1)';
  const bound = (await session.prepare('INSERT INTO b.t (k, v) VALUES (?, ?)')).bind([1, 1]);
  policy.keyspaces();
  await session.execute(text, undefined, { routingKey: key });
  await session.executeBatch(new BatchStatement({ routingKey: key }).add(text));
  await session.executeBatch(new BatchStatement({ routingKey: key }).add(bound));
  const replicas = policy.seen.map((context) => context.replicas?.map(({ endpoint }) => endpoint));
  assert.deepEqual(replicas, [owner, owner, owner]);
  assert.deepEqual(policy.keyspaces(), ['a', 'a', 'b']);
});

// ---- members of a batch ----------------------------------------------------------------------------------------------

const INSERT = 'INSERT INTO t (k, v) VALUES (1, 1)';

/** Where INSERT was prepared: ids are made as Cassandra makes them. */
function keyspaceOf(id: Buffer | null): string | null {
  const idIn = (keyspace: string): Buffer => createHash('md5').update(`${keyspace}${INSERT}`).digest();
  return ['a', 'b'].find((keyspace) => id?.equals(idIn(keyspace))) ?? null;
}

test('a text in a batch is run in the keyspace that its own statement names, also without parameters', async () => {
  await using here = await place();
  const other = new SimpleStatement(INSERT, { keyspace: 'b' });
  const own = new SimpleStatement(INSERT, { keyspace: 'a' });
  const run = async (batch: BatchStatement): Promise<(string | null)[]> => {
    await here.session.executeBatch(batch);
    const sent = here.node.requests.findLast(({ opcodeName }) => opcodeName === 'BATCH');
    assert.ok(sent !== undefined);
    return sent.batch.map(({ query, id }) => (query === null ? keyspaceOf(id) : (sent.keyspace ?? 'a')));
  };
  assert.deepEqual(await run(new BatchStatement().add(other)), ['b']);
  assert.deepEqual(await run(new BatchStatement().add(INSERT).add(other).add(own)), ['a', 'b', 'a']);
  assert.deepEqual(await run(new BatchStatement({ keyspace: 'b' }).add(INSERT).add(other).add(own)), ['b', 'b', 'a']);
});
