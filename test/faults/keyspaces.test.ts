import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  AsyncCluster,
  BatchStatement,
  ConfigurationError,
  OperationTimedOut,
  SimpleStatement,
  type AsyncCassandraSession,
  type Host,
  type LoadBalancingPolicy,
  type QueryContext,
} from '../../src/index.js';
import { FakeNode, hold, rows } from '../../src/testing/index.js';
import { benchOf, failure, InOrder, QUICK, seen, SOON_MS, until } from './support.js';

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

test('routingToken: the replicas of the token are asked, of whatever statement; a key of the call beats it', async () => {
  const policy = new Recording();
  await using all = await benchOf(3, { loadBalancingPolicy: policy }, { keyspaces: SCHEMA });
  const session = await all.cluster.connect('a');
  const { metadata } = all.cluster;
  const prepared = await session.prepare('INSERT INTO t (k, v) VALUES (?, ?)');
  const owners = new Set<string>();
  for (const { end: routingToken, replicas } of metadata.getTokenRanges('a')) {
    const owner = replicas.map(({ endpoint }) => endpoint);
    owner.forEach((endpoint) => owners.add(endpoint));
    policy.seen.length = 0;
    await session.execute('INSERT INTO t (k, v) VALUES (1, 1)', undefined, { routingToken });
    await session.execute(prepared, [1, 1], { routingToken });
    await session.executeBatch(new BatchStatement({ routingKey: key }).add(prepared, [1, 1]), { routingToken });
    await (await session.executeStream('SELECT v FROM t', undefined, { routingToken })).close();
    assert.deepEqual(
      policy.seen.map((context) => context.replicas?.map(({ endpoint }) => endpoint)),
      [owner, owner, owner, owner],
    );
  }
  assert.equal(owners.size, 3);
  policy.seen.length = 0;
  await session.execute(prepared, [1, 1], { routingKey: key, routingToken: metadata.getToken(key) + 1n });
  assert.deepEqual(policy.seen[0]?.replicas, metadata.getReplicas('a', key));
});

test('a getter among the values of a key that executes something else: both go to the replicas of their own keys', async () => {
  const policy = new Recording();
  const tables = [{ name: 't', columns: { k: 'int', l: 'int' }, partitionKey: ['k', 'l'] }];
  await using all = await benchOf(3, { loadBalancingPolicy: policy }, { keyspaces: [{ name: 'a', tables }] });
  const session = await all.cluster.connect('a');
  const prepared = await session.prepare('INSERT INTO t (k, l) VALUES (:k, :l)');
  const alone = async (k: number, l: number): Promise<string | undefined> => {
    await session.execute(prepared, { k, l });
    return policy.seen.at(-1)?.replicas?.[0]?.endpoint;
  };
  for (let k = 0; k < 20; k++) {
    const expected = [await alone(k + 100, 1), await alone(k, 2)];
    policy.seen.length = 0;
    const inner: Promise<unknown>[] = [];
    const values = {
      k,
      get l(): number {
        if (inner.length === 0) inner.push(session.execute(prepared, { k: k + 100, l: 1 }));
        return 2;
      },
    };
    await session.execute(prepared, values);
    await Promise.all(inner);
    assert.deepEqual(
      policy.seen.map((context) => context.replicas?.[0]?.endpoint),
      expected,
    );
  }
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

// ---- prepared statements ---------------------------------------------------------------------------------------------

test('a prepared statement that is to run in another keyspace is prepared there, once; the server goes by that alone', async () => {
  await using here = await place();
  const { session, node } = here;
  const query = 'SELECT v FROM t WHERE k = ?';
  const prepared = await session.prepare(query);
  const ran = (): (string | null | undefined)[] =>
    node.requests.filter(({ opcodeName }) => opcodeName === 'EXECUTE').map((request) => request.prepared?.keyspace);
  await session.execute(prepared, [1], { keyspace: 'b' });
  await session.execute(prepared.bind([1]), undefined, { keyspace: 'b' });
  const stream = await session.executeStream(prepared, [1], { keyspace: 'b' });
  for await (const row of stream) assert.fail(JSON.stringify(row));
  prepared.keyspace = 'b';
  await session.execute(prepared, [1]);
  await session.execute(prepared.bind([1]));
  assert.deepEqual(ran(), ['b', 'b', 'b', 'b', 'b']);
  assert.equal(node.counts.prepares.get(query), 2);

  prepared.keyspace = 'a';
  await session.execute(prepared, [1]);
  await session.execute(await session.prepare(query, { keyspace: 'b' }), [1], { keyspace: 'a' });
  assert.deepEqual(ran().slice(5), ['a', 'a']);
  assert.equal(node.counts.prepares.get(query), 2);
});

test('in a batch, too; a bound statement, whose values are encoded, is refused there', async () => {
  await using here = await place();
  const { session, node } = here;
  const prepared = await session.prepare(INSERT);
  prepared.keyspace = 'b';
  await session.executeBatch(new BatchStatement().add(prepared).add(INSERT));
  const sent = node.requests.findLast(({ opcodeName }) => opcodeName === 'BATCH');
  assert.equal(keyspaceOf(sent?.batch[0]?.id ?? null), 'b');
  assert.throws(
    () => new BatchStatement().add(prepared.bind()),
    (error) => error instanceof ConfigurationError && /prepared in keyspace a .* in keyspace b/.test(error.message),
  );
});

test('values that were bound for other types than those of the other keyspace are not sent', async () => {
  await using here = await place();
  const { session, node } = here;
  const query = 'SELECT v FROM t WHERE k = ?';
  const bound = (await session.prepare(query)).bind([1]);
  node.prepared(query, { parameters: [{ name: 'k', type: 'bigint' }] });
  const reason = await failure(session.execute(bound, undefined, { keyspace: 'b' }));
  assert.ok(reason instanceof ConfigurationError);
  assert.match(reason.message, /do not have the types of keyspace b/);
  assert.deepEqual(seen([node], query), [0]);
});

test('a stream of a prepared statement goes on in its keyspace when the session goes to another one', async () => {
  await using here = await place();
  const { session, node } = here;
  const query = 'SELECT v FROM t';
  node.prepared(query, { columns: [{ name: 'v', type: 'int' }] });
  node.on(query, rows([{ v: 1 }, { v: 2 }, { v: 3 }]));
  const stream = await session.executeStream(await session.prepare(query, { keyspace: 'b' }), [], { fetchSize: 1 });
  await session.setKeyspace('b');
  const read: unknown[] = [];
  for await (const row of stream) {
    await session.setKeyspace(read.length % 2 === 0 ? 'a' : 'b');
    read.push(row);
  }
  assert.deepEqual(read, [{ v: 1 }, { v: 2 }, { v: 3 }]);
});

// ---- USE and setKeyspace ---------------------------------------------------------------------------------------------

test('USE is never sent on a connection that others use, whatever comments it has', async () => {
  await using here = await place();
  const { session, node } = here;
  const texts = { 'USE b -- not a': 'b', 'USE a /* not b */ ;': 'a', 'USE/**/b': 'b', 'USE a;;': 'a' };
  for (const [text, keyspace] of Object.entries(texts)) {
    await session.execute(text);
    assert.equal(session.keyspace, keyspace, text);
    assert.deepEqual(seen([node], text), [0], text);
  }
});

test('USE has the time of its call, as other statements: the session stays where it is', async () => {
  await using here = await place();
  const { session, node } = here;
  node.on(/^USE/, hold());
  const reason = await failure(session.execute('USE b', undefined, { timeoutMs: 50 }), SOON_MS);
  assert.ok(reason instanceof OperationTimedOut, String(reason));
  assert.equal(reason.timeoutMs, 50);
  assert.match(reason.message, /keyspace b within 50 ms/);
  assert.equal(session.keyspace, 'a');
  node.release();
});

test('USE is refused before it is prepared: executed, it would put a shared connection into the keyspace', async () => {
  await using here = await place();
  const { session, node } = here;
  for (const work of [session.prepare('USE b'), session.execute('/* x */ USE b', [])]) {
    const reason = await failure(work);
    assert.ok(reason instanceof ConfigurationError, String(reason));
    assert.match(reason.message, /USE cannot be prepared: call session\.setKeyspace\(name\)/);
  }
  assert.equal(session.keyspace, 'a');
  assert.ok(!node.requests.some(({ opcodeName }) => opcodeName === 'PREPARE'));
});

test('of calls of setKeyspace at the same time the last one counts, also if it is the first to be done', async () => {
  await using here = await place();
  const { session, node } = here;
  await Promise.all([session.setKeyspace('b'), session.setKeyspace('a')]);
  assert.equal(session.keyspace, 'a');
  await Promise.all([session.setKeyspace('a'), session.setKeyspace('b')]);
  assert.equal(session.keyspace, 'b');

  node.on('USE "slow"', hold().setKeyspace('slow'));
  const slow = session.setKeyspace('slow');
  await until(() => node.held.length === 1);
  await session.setKeyspace('a');
  node.release();
  await slow;
  assert.equal(session.keyspace, 'a');
});

test('an aborted call of setKeyspace rejects at once and changes nothing, also when its connections are made after all', async () => {
  await using here = await place();
  const { session, node } = here;
  const reason = new Error('not wanted any more');
  assert.equal(await failure(session.setKeyspace('b', { signal: AbortSignal.abort(reason) })), reason);
  assert.equal(await failure(session.execute('USE b', undefined, { signal: AbortSignal.abort(reason) })), reason);

  node.on('USE "slow"', hold().setKeyspace('slow'));
  const aborting = new AbortController();
  const earlier = session.setKeyspace('slow');
  const later = failure(session.setKeyspace('b', { signal: aborting.signal }));
  await until(() => node.held.length === 1);
  aborting.abort(reason);
  assert.equal(await later, reason);
  node.release();
  await earlier;
  await until(() => node.requests.some(({ statement }) => statement === 'USE "b"'));
  await session.execute('SELECT 1', undefined, { keyspace: 'b' });
  assert.equal(session.keyspace, 'slow', 'the aborted call, though it came later, did not count');
});

test('setKeyspace refuses options that it does not know', async () => {
  await using here = await place();
  const wrong = { timeoutMs: 5, signal: 7 } as object;
  const reason = await failure(here.session.setKeyspace('b', wrong));
  assert.ok(reason instanceof ConfigurationError);
  assert.match(reason.message, /^Options of setKeyspace\(\): unknown option timeoutMs.*signal must be an AbortSignal/);
});
