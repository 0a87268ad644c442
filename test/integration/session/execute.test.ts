import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AsyncCluster,
  ConsistencyLevel,
  QueryError,
  SimpleStatement,
  type AsyncCassandraSession,
  type AsyncClusterOptions,
  type AsyncResultSet,
} from '../../../src/index.js';
import { sharedNode } from '../../support/nodes.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

let space: Workspace;
let session: AsyncCassandraSession;

before(async () => {
  space = await openWorkspace('it_execute');
  session = space.session;
  await session.execute('CREATE TABLE numbers (p int, c int, name text, PRIMARY KEY (p, c))');
  await session.executeConcurrent(
    'INSERT INTO numbers (p, c, name) VALUES (?, ?, ?)',
    Array.from({ length: 1000 }, (_, c) => [1, c, `n${String(c)}`]),
  );
});
after(() => space.close());

test('execute reads all pages, in order, whatever the fetch size', async () => {
  for (const fetchSize of [1, 7, 100, 999, 1000, 1001]) {
    const result = await session.execute('SELECT c, name FROM numbers WHERE p = 1', undefined, { fetchSize });
    assert.equal(result.length, 1000);
    assert.equal(result.hasMorePages, false);
    assert.equal(result.pagingState, null);
    result.rows.forEach((row, at) => {
      assert.deepEqual(row, { c: at, name: `n${String(at)}` });
    });
  }
});

test('execute reads all pages of a prepared statement', async () => {
  const result = await session.execute('SELECT c FROM numbers WHERE p = ?', [1], { fetchSize: 33 });
  assert.deepEqual(
    result.rows.map((row) => row['c']),
    Array.from({ length: 1000 }, (_, c) => c),
  );
});

test('a paging state goes in and comes out: one page each (the Python system never gave it back)', async () => {
  const seen: unknown[] = [];
  let pagingState: Buffer | null = null;
  let pages = 0;
  do {
    const page: AsyncResultSet = await session.execute('SELECT c FROM numbers WHERE p = ?', [1], {
      fetchSize: 300,
      pagingState,
    });
    assert.ok(page.length <= 300);
    assert.equal(page.hasMorePages, page.pagingState !== null);
    seen.push(...page.rows.map((row) => row['c']));
    ({ pagingState } = page);
    pages++;
  } while (pagingState !== null);
  assert.equal(pages, 4);
  assert.deepEqual(
    seen,
    Array.from({ length: 1000 }, (_, c) => c),
  );
});

test('a paging state can be kept as text and used by another session', async () => {
  const first = await session.execute('SELECT c FROM numbers WHERE p = 1', undefined, {
    fetchSize: 990,
    pagingState: null,
  });
  const kept = first.pagingState?.toString('base64') ?? '';
  const other = await space.cluster.connect(space.keyspace);
  const rest = await other.execute('SELECT c FROM numbers WHERE p = 1', undefined, {
    pagingState: Buffer.from(kept, 'base64'),
  });
  assert.deepEqual(
    rest.rows.map((row) => row['c']),
    [990, 991, 992, 993, 994, 995, 996, 997, 998, 999],
  );
  await other.close();
});

test('an empty result that arrives early does not hang', async () => {
  for (const query of ['SELECT c FROM numbers WHERE p = 77', 'DELETE FROM numbers WHERE p = 77']) {
    const result = await session.execute(query);
    assert.equal(result.length, 0);
    assert.equal(result.one(), null);
    assert.deepEqual(result.all(), []);
  }
});

test('one result can be iterated nested: 9 pairs, not 3', async () => {
  const result = await session.execute('SELECT c FROM numbers WHERE p = 1 LIMIT 3');
  let pairs = 0;
  for (const a of result) for (const b of result) pairs += a === b ? 1 : 1;
  assert.equal(pairs, 9);
  for await (const a of result) for await (const b of result) pairs += a === b ? 1 : 1;
  assert.equal(pairs, 18);
  assert.equal(result.at(-1)?.['c'], 2);
  assert.equal(result.one()?.['c'], 0);
});

test('columns name keyspace, table and CQL type', async () => {
  const { columns } = await session.execute('SELECT c, name, writetime(name) FROM numbers WHERE p = 1 LIMIT 1');
  assert.deepEqual(
    columns.map(({ keyspace, table, name, type }) => [keyspace, table, name, type]),
    [
      [space.keyspace, 'numbers', 'c', 'int'],
      [space.keyspace, 'numbers', 'name', 'text'],
      [space.keyspace, 'numbers', 'writetime(name)', 'bigint'],
    ],
  );
});

test('rows as arrays', async () => {
  const result = await session.execute<unknown[]>('SELECT name, c FROM numbers WHERE p = ?', [1], {
    rowMode: 'array',
    fetchSize: 400,
  });
  assert.deepEqual(result.rows[999], ['n999', 999]);
});

test('columns named __proto__ and constructor do no harm', async () => {
  await session.execute('CREATE TABLE odd (id int PRIMARY KEY, "__proto__" text, "constructor" text, "toString" int)');
  await session.execute('INSERT INTO odd (id, "__proto__", "constructor", "toString") VALUES (?, ?, ?, ?)', [
    1,
    'p',
    'c',
    5,
  ]);
  for (const parameters of [undefined, [1]]) {
    const row = (
      await session.execute(`SELECT * FROM odd WHERE id = ${parameters === undefined ? '1' : '?'}`, parameters)
    ).one();
    assert.ok(row !== null);
    assert.deepEqual(Object.keys(row).sort(), ['__proto__', 'constructor', 'id', 'toString']);
    assert.equal(Object.getOwnPropertyDescriptor(row, '__proto__')?.value, 'p');
    assert.equal(Object.getOwnPropertyDescriptor(row, 'constructor')?.value, 'c');
    assert.equal(({} as Record<string, unknown>)['p'], undefined);
  }
});

test('rows survive JSON, spread and structuredClone', async () => {
  const row = (await session.execute('SELECT c, name FROM numbers WHERE p = ? AND c = ?', [1, 4])).one();
  const expected = { c: 4, name: 'n4' };
  assert.deepEqual(JSON.parse(JSON.stringify(row)), expected);
  assert.deepEqual({ ...row }, expected);
  assert.deepEqual(structuredClone(row), expected);
});

test('info tells coordinator, attempts, consistency level', async () => {
  const { contactPoints, port } = sharedNode();
  const { info } = await session.execute('SELECT c FROM numbers WHERE p = 1 LIMIT 1', undefined, {
    consistencyLevel: ConsistencyLevel.QUORUM,
  });
  assert.equal(info.coordinator, `${contactPoints[0] ?? ''}:${String(port)}`);
  assert.equal(info.attempts, 1);
  assert.equal(info.consistencyLevel, ConsistencyLevel.QUORUM);
  assert.equal(info.triedHosts.size, 0);
  assert.equal(info.speculativeExecutions, 0);
  assert.equal(info.tracingId, null);
  assert.equal(info.customPayload, null);
  assert.equal(info.isSchemaInAgreement, true);
  assert.deepEqual([...info.warnings], []);
});

test('the server’s warnings come with the result', async () => {
  const { info } = await session.execute('SELECT count(*) FROM numbers');
  assert.match(info.warnings.join('\n'), /[Aa]ggregation query used without partition key/);
});

test('a custom payload is sent and harmless where the server knows none', async () => {
  const result = await session.execute('SELECT c FROM numbers WHERE p = ? LIMIT 1', [1], {
    customPayload: { key: Buffer.from('value') },
  });
  assert.equal(result.length, 1);
});

test('a traced request has an id and a trace', async () => {
  const result = await session.execute('SELECT c FROM numbers WHERE p = ?', [1], { trace: true, fetchSize: 5000 });
  assert.match(result.info.tracingId ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-1/);
  const trace = await result.getQueryTrace();
  assert.equal(trace.tracingId, result.info.tracingId);
  assert.equal(trace.coordinator, sharedNode().contactPoints[0]);
  assert.ok(trace.durationMicros > 0);
  assert.ok(trace.events.length > 1);
  assert.ok(Math.abs(trace.startedAt.getTime() - Date.now()) < 600_000);
  assert.match(trace.parameters.get('query') ?? '', /SELECT c FROM numbers/);
});

const OWN_CODECS = ['int', 'uuid', 'timeuuid', 'timestamp', 'text', 'inet', 'map<text, text>'].map((type) => ({
  type,
  decode: (value: unknown) => ({ own: value }),
  encode: (): never => assert.fail('the driver binds a value of its own through a codec of the user'),
}));
const OWN_VALUES: Record<string, NonNullable<AsyncClusterOptions['values']>> = {
  'codecs of one’s own': { codecs: OWN_CODECS },
  'other forms': { int64: 'string', set: 'array', map: 'object' },
};

for (const [what, values] of Object.entries(OWN_VALUES)) {
  test(`the trace is the same with ${what} (codecs broke it)`, async () => {
    const cluster = new AsyncCluster({ ...space.options, values });
    try {
      const own = await cluster.connect(space.keyspace);
      const result = await own.execute('SELECT c FROM numbers WHERE p = 1 LIMIT 1', undefined, { trace: true });
      const trace = await result.getQueryTrace();
      assert.equal(trace.tracingId, result.info.tracingId);
      assert.equal(trace.coordinator, sharedNode().contactPoints[0]);
      assert.equal(typeof trace.requestType, 'string');
      assert.ok(Math.abs(trace.startedAt.getTime() - Date.now()) < 600_000);
      assert.ok(trace.durationMicros > 0);
      assert.match(trace.parameters.get('query') ?? '', /SELECT c FROM numbers/);
      assert.equal(typeof trace.client, 'string');
      assert.ok(trace.events.length > 1);
      for (const { activity, source, sourceElapsedMicros, thread, timestamp } of trace.events) {
        const kinds = [activity, source, sourceElapsedMicros, thread].map((value) => typeof value);
        assert.deepEqual(kinds, ['string', 'string', 'number', 'string']);
        assert.ok(Math.abs(timestamp.getTime() - Date.now()) < 600_000);
      }
    } finally {
      await cluster.shutdown();
    }
  });
}

test('the trace of a request that was not traced is a clear error', async () => {
  const result = await session.execute('SELECT c FROM numbers WHERE p = 1 LIMIT 1');
  await assert.rejects(
    result.getQueryTrace(),
    (error: Error) => error instanceof QueryError && error.message.includes('trace: true'),
  );
});

test('a timestamp given with a request orders the writes', async () => {
  const write = (name: string, timestamp: bigint): Promise<unknown> =>
    session.execute('INSERT INTO numbers (p, c, name) VALUES (?, ?, ?)', [2, 0, name], { timestamp });
  await write('new', 2000n);
  await write('old', 1000n);
  const row = (await session.execute('SELECT name, writetime(name) AS at FROM numbers WHERE p = 2 AND c = 0')).one();
  assert.deepEqual(row, { name: 'new', at: 2000n });
});

test('timestamps of the client are in microseconds of now and never equal', async () => {
  const before = BigInt(Date.now()) * 1000n;
  await Promise.all(
    Array.from({ length: 20 }, (_, c) =>
      session.execute('INSERT INTO numbers (p, c, name) VALUES (?, ?, ?)', [3, c, 'x']),
    ),
  );
  const { rows } = await session.execute<{ at: bigint }>('SELECT writetime(name) AS at FROM numbers WHERE p = 3');
  const times = rows.map((row) => row.at);
  assert.equal(new Set(times).size, 20);
  for (const at of times) assert.ok(at >= before && at < before + 60_000_000n);
});

test('nowInSeconds: a row with a TTL is gone for who asks later', async () => {
  await session.execute('INSERT INTO numbers (p, c, name) VALUES (?, ?, ?) USING TTL 1000', [4, 0, 'mortal']);
  const query = 'SELECT name FROM numbers WHERE p = ? AND c = 0';
  const now = Math.floor(Date.now() / 1000);
  assert.equal((await session.execute(query, [4], { nowInSeconds: now + 10 })).length, 1);
  assert.equal((await session.execute(query, [4], { nowInSeconds: now + 2000 })).length, 0);
});

test('consistency levels: a call’s beats a statement’s', async () => {
  const statement = new SimpleStatement('SELECT c FROM numbers WHERE p = 1 LIMIT 1', {
    consistencyLevel: ConsistencyLevel.ONE,
  });
  assert.equal((await session.execute(statement)).info.consistencyLevel, ConsistencyLevel.ONE);
  const { info } = await session.execute(statement, undefined, { consistencyLevel: ConsistencyLevel.ALL });
  assert.equal(info.consistencyLevel, ConsistencyLevel.ALL);
});

test('a simple statement with its own parameters, by position and by name', async () => {
  const positional = new SimpleStatement('SELECT name FROM numbers WHERE p = ? AND c = ?', { parameters: [1, 8] });
  assert.deepEqual((await session.execute(positional)).one(), { name: 'n8' });
  const named = new SimpleStatement('SELECT name FROM numbers WHERE p = :part AND c = :col', {
    parameters: { part: 1, col: 9 },
  });
  assert.deepEqual((await session.execute(named)).one(), { name: 'n9' });
  assert.deepEqual((await session.execute(named, { part: 1, col: 10 })).one(), { name: 'n10' });
});

test('a request to one host', async () => {
  const [host] = space.cluster.metadata.hosts;
  assert.ok(host !== undefined);
  for (const to of [host, `${host.address}:${String(host.port)}`]) {
    const { info } = await session.execute('SELECT c FROM numbers WHERE p = 1 LIMIT 1', undefined, { host: to });
    assert.equal(info.coordinator, `${host.address}:${String(host.port)}`);
  }
});
