import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { test } from 'node:test';
import {
  AsyncCluster,
  BatchStatement,
  ConfigurationError,
  InvalidParameter,
  InvalidRequest,
  OperationTimedOut,
  Overloaded,
  QueryError,
  type PreparedStatement,
  type PrepareOptions,
} from '../../src/index.js';
import {
  closeConnection,
  delay,
  drop,
  error,
  hold,
  reactions,
  type FakeColumn,
  type FakeNode,
  type NodeIdentity,
} from '../../src/testing/index.js';
import { bench, benchOf, chain, failure, InOrder, QUICK, seen, SOON_MS, until, type Bench } from './support.js';

const QUERY = 'SELECT a FROM t WHERE k = ?';
const INSERT = 'INSERT INTO t (k) VALUES (?)';

function scripted(node: FakeNode): void {
  node.prepared(QUERY, { columns: [{ name: 'a', type: 'int' }], parameters: [{ name: 'k', type: 'text' }] });
  node.on(QUERY, reactions.rows([{ a: 1 }]));
}

test('UNPREPARED answered for ever: a few PREPAREs and a clear error, not 37,000 in 3 s', async () => {
  await using one = await bench();
  one.node.on(QUERY, error('UNPREPARED'));
  const reason = await failure(one.session.execute(QUERY, ['x'], { timeoutMs: 0 }));
  assert.ok(reason instanceof QueryError);
  assert.match(reason.message, /does not know the prepared statement/);
  assert.ok((one.node.counts.prepares.get(QUERY) ?? 0) <= 4, String(one.node.counts.prepares.get(QUERY)));
  await using other = await bench();
  other.node.on('BATCH', (request) => error('UNPREPARED', { id: request.batch[0]?.id ?? Buffer.alloc(1) }));
  const batch = new BatchStatement().add(INSERT, ['a']);
  assert.match((await failure(other.session.executeBatch(batch))).message, /does not know/);
});

test('UNPREPARED with an id that nobody prepared: a clear error', async () => {
  await using one = await bench();
  scripted(one.node);
  await one.session.execute(QUERY, ['x']);
  one.node.on(QUERY, error('UNPREPARED', { id: Buffer.from('no such id') }));
  assert.match((await failure(one.session.execute(QUERY, ['x']))).message, /does not know/);
  one.node.on('SELECT plain', error('UNPREPARED', { id: Buffer.from('what') }));
  assert.match((await failure(one.session.execute('SELECT plain'))).message, /does not know/);
});

test('prepared again under another id: a clear error', async () => {
  await using one = await bench();
  scripted(one.node);
  await one.session.execute(QUERY, ['x']);
  one.node.forgetPrepared();
  const other = (await one.session.prepare('SELECT b FROM t')).query;
  one.node.on({ opcode: 'PREPARE', query: QUERY }, (request) =>
    reactions.answer(0x08, preparedBody(`another id ${request.query ?? ''} ${other}`)),
  );
  const reason = await failure(one.session.execute(QUERY, ['x']));
  assert.ok(reason instanceof QueryError);
  assert.match(reason.message, /got another id/);
});

/** RESULT/Prepared without markers and columns. */
function preparedBody(id: string): Buffer {
  const short = (text: string): Buffer => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)]);
  const int = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };
  return Buffer.concat([int(4), short(id.slice(0, 16)), short('metadata'), int(0), int(0), int(0), int(4), int(0)]);
}

test('a thousand executes of a forgotten statement share one PREPARE', async () => {
  await using one = await bench({ requestTimeoutMs: 20_000 });
  scripted(one.node);
  await one.session.execute(QUERY, ['x']);
  one.node.forgetPrepared();
  one.node.on({ opcode: 'PREPARE', query: QUERY }, delay(30));
  const results = await Promise.all(Array.from({ length: 1000 }, () => one.session.execute(QUERY, ['x'])));
  assert.ok(results.every((result) => result.rows.length === 1));
  assert.equal(one.node.counts.prepares.get(QUERY), 2);
});

test('more executes of a forgotten statement than stream ids: all are answered, and each runs once', async () => {
  await using one = await bench({ pooling: { maxRequestsPerConnection: 8 } });
  scripted(one.node);
  const prepared = await one.session.prepare(QUERY);
  one.node.forgetPrepared();
  one.node.on({ opcode: 'PREPARE', query: QUERY }, hold());
  const running = Array.from({ length: 100 }, () => one.session.execute(prepared, ['x']));
  await until(() => one.node.held.length === 1);
  one.node.release();
  for (const { rows } of await Promise.all(running)) assert.deepEqual(rows, [{ a: 1 }]);
  assert.equal(one.node.counts.prepares.get(QUERY), 2);
  // Those that were refused, of which there are no more than ids, and all of them.
  assert.equal(one.node.counts.opcodes['EXECUTE'], 8 + 100);
});

test('requests behind a re-prepare keep their room: the line stays bounded, and who gives up makes way', async () => {
  const pooling = { maxRequestsPerConnection: 4, maxQueuedRequests: 6 };
  await using one = await bench({ pooling });
  scripted(one.node);
  const prepared = await one.session.prepare(QUERY);
  one.node.forgetPrepared();
  one.node.on({ opcode: 'PREPARE', query: QUERY }, hold());
  const leaving = new AbortController();
  const { signal } = leaving;
  const impatient = Array.from({ length: 3 }, () => failure(one.session.execute(prepared, ['x'], { signal })));
  const running = Array.from({ length: 7 }, () => one.session.execute(prepared, ['x']));
  // One behind the preparation and six in line.
  await until(() => one.node.held.length === 1);
  for (let i = 0; i < 3; i++) {
    const reason = await failure(one.session.execute(prepared, ['x']));
    assert.ok(reason instanceof Overloaded, String(reason));
    assert.equal(reason.notExecuted, true);
  }
  leaving.abort();
  await Promise.all(impatient);
  // The PREPARE itself takes one of the ids.
  await until(() => one.cluster.statistics.hosts[0]?.queued === 4, 'two more behind the preparation');
  const late = Array.from({ length: 2 }, () => one.session.execute(prepared, ['x']));
  assert.equal((await failure(one.session.execute(prepared, ['x']))).name, 'Overloaded');
  one.node.release();
  for (const { rows } of await Promise.all([...running, ...late])) assert.deepEqual(rows, [{ a: 1 }]);
  for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 4 }, () => one.session.execute(prepared, ['x'])));
  assert.equal(one.node.counts.connections, 2);
});

test('executes of more forgotten statements than stream ids: PREPAREs and what waits for them find room', async () => {
  await using one = await bench({ pooling: { maxRequestsPerConnection: 4 } });
  const texts = Array.from({ length: 40 }, (_, i) => `SELECT a FROM t${String(i)} WHERE k = ?`);
  const prepared = await Promise.all(texts.map((text) => one.session.prepare(text)));
  one.node.forgetPrepared();
  await Promise.all(prepared.flatMap((each) => [1, 2, 3].map(() => one.session.execute(each, ['x']))));
  for (const text of texts) assert.equal(one.node.counts.prepares.get(text), 2, text);
});

test('a connection that drains during a re-prepare: who waited there goes on over the next connection', async () => {
  await using one = await bench();
  scripted(one.node);
  const prepared = await one.session.prepare(QUERY);
  one.node.forgetPrepared();
  one.node.on({ opcode: 'PREPARE', query: QUERY }, hold());
  const running = Array.from({ length: 5 }, () => one.session.execute(prepared, ['x']));
  await until(() => one.node.held.length === 1);
  one.node.on('SELECT bye', error('OVERLOADED', { message: 'Server is shutting down' }));
  await failure(one.session.execute('SELECT bye'));
  one.node.release();
  for (const { rows } of await Promise.all(running)) assert.deepEqual(rows, [{ a: 1 }]);
});

test('callers who share a preparation that fails, or a start-up, have an error each', async () => {
  await using one = await bench();
  one.node.on({ opcode: 'PREPARE', query: QUERY }, delay(10).error('SYNTAX_ERROR', { message: 'no such thing' }));
  const reasons = await Promise.all([
    failure(one.session.execute(QUERY, [1])),
    failure(one.session.execute(QUERY, [1])),
    failure(one.session.prepare(QUERY)),
  ]);
  assert.equal(one.node.requests.filter(({ opcodeName }) => opcodeName === 'PREPARE').length, 1);
  assert.equal(new Set(reasons).size, 3);
  for (const { message } of reasons) assert.match(message, /no such thing/);
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: ['127.0.0.1:1'] });
  const [unreachable, too] = await Promise.all([failure(cluster.connect()), failure(cluster.connect())]);
  assert.notEqual(unreachable, too);
  assert.deepEqual([unreachable.name, too.name], ['NoHostAvailable', 'NoHostAvailable']);
});

test('a thousand first executes of one text share one PREPARE', async () => {
  await using one = await bench({ requestTimeoutMs: 20_000 });
  scripted(one.node);
  await Promise.all(Array.from({ length: 1000 }, () => one.session.execute(QUERY, ['x'])));
  assert.equal(one.node.counts.prepares.get(QUERY), 1);
});

test('a shared re-prepare keeps each request to its own timeout', async () => {
  await using one = await bench({ requestTimeoutMs: 20_000 });
  scripted(one.node);
  await one.session.execute(QUERY, ['x']);
  one.node.forgetPrepared();
  one.node.on({ opcode: 'PREPARE', query: QUERY }, hold());
  const start = performance.now();
  const short = failure(one.session.execute(QUERY, ['x'], { timeoutMs: 60 }));
  const long = one.session.execute(QUERY, ['x']);
  assert.equal((await short).name, 'OperationTimedOut');
  assert.ok(performance.now() - start < SOON_MS);
  one.node.release();
  assert.deepEqual((await long).rows, [{ a: 1 }], 'the first request to give up does not take the others with it');
});

test('a PREPARE without an answer locks nobody out once its callers have left, and keeps no shutdown waiting', async () => {
  for (const options of [() => ({ timeoutMs: 30 }), () => ({ timeoutMs: 0, signal: AbortSignal.timeout(30) })]) {
    const one = await bench({ requestTimeoutMs: 20_000 });
    scripted(one.node);
    const lost = one.node.on({ opcode: 'PREPARE' }, drop());
    const start = performance.now();
    await failure(one.session.prepare(QUERY, options()));
    await failure(one.session.execute(QUERY, ['x'], options()));
    await one.node.waitFor({ opcode: 'PREPARE' }, 2);
    lost.remove();
    assert.deepEqual((await one.session.execute(QUERY, ['x'])).rows, [{ a: 1 }]);
    one.node.on({ opcode: 'PREPARE' }, drop());
    await failure(one.session.prepare('SELECT another', options()));
    await one.cluster.shutdown();
    assert.ok(performance.now() - start < SOON_MS);
    await one.node.close();
  }
});

test('a stream whose time is up leaves the preparation that it has joined: its signal has a reason of the same kind', async () => {
  await using one = await bench({ requestTimeoutMs: 1000 });
  one.node.on({ opcode: 'PREPARE' }, drop());
  const first = failure(one.session.prepare(QUERY));
  assert.ok((await failure(one.session.executeStream(QUERY, ['x'], { timeoutMs: 50 }))) instanceof OperationTimedOut);
  assert.ok((await first) instanceof OperationTimedOut);
});

test('a PREPARE that takes longer than its callers wait is kept when it is answered', async () => {
  await using one = await bench({ requestTimeoutMs: 20_000 });
  scripted(one.node);
  one.node.on({ opcode: 'PREPARE' }, hold());
  assert.ok((await failure(one.session.execute(QUERY, ['x'], { timeoutMs: 30 }))) instanceof OperationTimedOut);
  await until(() => one.node.held.length === 1, 'the PREPARE');
  one.node.release();
  await until(() => one.cluster.statistics.preparedStatements === 1, 'the statement');
  assert.deepEqual((await one.session.execute(QUERY, ['x'])).rows, [{ a: 1 }]);
  assert.equal(one.node.counts.prepares.get(QUERY), 1);
});

test('a caller that joined a preparation and times out sends no further one', async () => {
  await using one = await bench({ requestTimeoutMs: 20_000 });
  one.node.on({ opcode: 'PREPARE' }, hold());
  const texts = Array.from({ length: 40 }, (_, number) => `SELECT ${String(number)}`);
  await Promise.all(
    texts.flatMap((text) => [
      failure(one.session.prepare(text, { timeoutMs: 20 })),
      failure(one.session.prepare(text, { timeoutMs: 30 })),
    ]),
  );
  await one.session.execute('SELECT something else');
  assert.deepEqual([...new Set(texts.map((text) => one.node.counts.prepares.get(text)))], [1]);
});

test('who joins a preparation late, or has all the time, begins a new one when its time is up', async () => {
  await using one = await bench({ requestTimeoutMs: 400 });
  scripted(one.node);
  one.node.on({ opcode: 'PREPARE', times: 2 }, drop());
  const first = failure(one.session.prepare(QUERY));
  await one.node.waitFor({ opcode: 'PREPARE' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const late = failure(one.session.execute(QUERY, ['x'], { timeoutMs: 390 }));
  const patient = one.session.execute(QUERY, ['x'], { timeoutMs: 0 });
  assert.ok((await first) instanceof OperationTimedOut);
  assert.ok((await late) instanceof OperationTimedOut, 'the second answer is lost as well');
  assert.deepEqual((await patient).rows, [{ a: 1 }]);
  assert.equal(one.node.counts.prepares.get(QUERY), 3);
});

test('prepareOnAllHosts asks each host once', async () => {
  await using all = await benchOf(3, { prepareOnAllHosts: true });
  for (const node of all.nodes) scripted(node);
  await all.session.prepare(QUERY);
  assert.deepEqual(
    all.nodes.map(({ counts }) => counts.opcodes['PREPARE']),
    [1, 1, 1],
  );
});

test('a statement that the nodes do not agree on is not kept: once they do, its text works again', async () => {
  await using all = await benchOf(2, { prepareOnAllHosts: true });
  const scriptedAs = (node: FakeNode | undefined, type: string): void => {
    node?.prepared(INSERT, { parameters: [{ name: 'k', type }] });
  };
  const [first, second] = all.nodes;
  scriptedAs(first, 'int');
  scriptedAs(second, 'text');
  assert.match((await failure(all.session.execute(INSERT, [5]))).message, /prepare it again/);
  scriptedAs(second, 'int');
  await all.session.execute(INSERT, [5]);
  assert.equal(all.cluster.statistics.preparedStatements, 1);
});

/**
 * A statement of a table that has come back with another type, on a node that has forgotten the statement: its PREPARE is
 * held. A text of four bytes would be taken for an int.
 */
async function preparedAsText({ node, session }: Bench): Promise<PreparedStatement> {
  node.prepared(INSERT, { parameters: [{ name: 'k', type: 'text' }] });
  const statement = await session.prepare(INSERT);
  await session.execute(statement, ['x']);
  node.prepared(INSERT, { parameters: [{ name: 'k', type: 'int' }] });
  node.forgetPrepared();
  node.on({ opcode: 'PREPARE', query: INSERT }, hold());
  return statement;
}

test('requests that come during a re-prepare wait for it: a table that came back with other types gets none of them', async () => {
  await using one = await bench({ requestTimeoutMs: 20_000 });
  const statement = await preparedAsText(one);
  const executed = (): number => one.node.counts.opcodes['EXECUTE'] ?? 0;
  const first = failure(one.session.execute(statement, ['four']), 20_000);
  await until(() => one.node.held.length === 1, 'the PREPARE');
  const sent = executed();
  const others = [
    ...Array.from({ length: 20 }, () => one.session.execute(statement, ['four'])),
    one.session.executeBatch(new BatchStatement().add(statement, ['four'])),
  ].map((outcome) => failure(outcome, 20_000));
  const impatient = failure(one.session.execute(statement, ['four'], { timeoutMs: 50 }));
  assert.equal((await impatient).name, 'OperationTimedOut');
  await one.session.execute('SELECT something else');
  one.node.release();
  for (const reason of await Promise.all([first, ...others])) assert.match(reason.message, /prepare it again/);
  assert.equal(executed(), sent);
  assert.equal(one.node.counts.opcodes['BATCH'] ?? 0, 0);
});

test('requests in line when their table turns out to have other types get none of their values stored', async () => {
  await using one = await bench({ requestTimeoutMs: 20_000, pooling: { maxRequestsPerConnection: 2 } });
  const statement = await preparedAsText(one);
  const calls = Array.from({ length: 6 }, () => failure(one.session.execute(statement, ['four']), 20_000));
  await until(() => one.node.held.length === 1, 'the PREPARE');
  await until(() => (one.cluster.statistics.hosts[0]?.queued ?? 0) >= 4, 'the line');
  const sent = one.node.counts.opcodes['EXECUTE'];
  one.node.release();
  for (const reason of await Promise.all(calls)) assert.match(reason.message, /prepare it again/);
  assert.equal(one.node.counts.opcodes['EXECUTE'], sent);
});

test('a re-prepare on another connection to the same node is waited for: the node has one cache for all', async () => {
  await using one = await bench({ requestTimeoutMs: 20_000, pooling: { connectionsPerLocalHost: 2 } });
  await until(() => one.cluster.statistics.hosts[0]?.openConnections === 2, 'both connections');
  const statement = await preparedAsText(one);
  const first = failure(one.session.execute(statement, ['four']), 20_000);
  await until(() => one.node.held.length === 1, 'the PREPARE');
  const sent = one.node.counts.opcodes['EXECUTE'];
  const others = Array.from({ length: 8 }, () => failure(one.session.execute(statement, ['four']), 20_000));
  await one.session.execute('SELECT something else');
  one.node.release();
  for (const reason of await Promise.all([first, ...others])) assert.match(reason.message, /prepare it again/);
  assert.equal(one.node.counts.opcodes['EXECUTE'], sent);
});

test('a re-prepare that is lost with its connection does not concern who waited for it on another one', async () => {
  await using one = await bench({ requestTimeoutMs: 20_000, pooling: { connectionsPerLocalHost: 2 } });
  await until(() => one.cluster.statistics.hosts[0]?.openConnections === 2, 'both connections');
  scripted(one.node);
  const statement = await one.session.prepare(QUERY);
  one.node.forgetPrepared();
  one.node.on({ opcode: 'PREPARE', query: QUERY, times: 1 }, hold().closeConnection());
  const first = one.session.execute(statement, ['x']);
  await until(() => one.node.held.length === 1, 'the PREPARE');
  const others = Array.from({ length: 8 }, () => one.session.execute(statement, ['x']));
  await one.session.execute('SELECT something else');
  one.node.release();
  const outcomes = await Promise.allSettled([first, ...others]);
  const answered = outcomes.filter(({ status }) => status === 'fulfilled').length;
  // Those that waited on the connection itself are lost with it: there is no other host.
  assert.ok(answered >= 3 && answered < outcomes.length, `${String(answered)} answered`);
});

test('a node that cannot prepare again: the next one executes', async () => {
  for (const fault of [error('OVERLOADED'), error('SERVER_ERROR'), closeConnection()]) {
    await using all = await benchOf(2);
    for (const node of all.nodes) scripted(node);
    await all.session.execute(QUERY, ['x']);
    all.nodes[0]?.forgetPrepared();
    all.nodes[0]?.on({ opcode: 'PREPARE', query: QUERY }, fault);
    const { info } = await all.session.execute(QUERY, ['x'], { isIdempotent: false });
    assert.equal(info.coordinator, all.nodes[1]?.contactPoint);
  }
});

test('a table that was dropped since: the error of the PREPARE, not of UNPREPARED', async () => {
  await using one = await bench();
  scripted(one.node);
  await one.session.execute(QUERY, ['x']);
  one.node.forgetPrepared();
  one.node.on({ opcode: 'PREPARE', query: QUERY }, error('INVALID', { message: 'unconfigured table t' }));
  const reason = await failure(one.session.execute(QUERY, ['x']));
  assert.ok(reason instanceof InvalidRequest);
  assert.equal(reason.message, 'unconfigured table t');
});

test('UNPREPARED in a batch names one of several: each is prepared again once', async () => {
  await using one = await bench();
  const texts = ['a', 'b', 'c', 'd'].map((table) => `INSERT INTO ${table} (k) VALUES (?)`);
  const batch = new BatchStatement();
  for (const text of texts) batch.add(text, ['x']);
  await one.session.executeBatch(batch);
  one.node.forgetPrepared();
  await one.session.executeBatch(batch);
  for (const text of texts) assert.equal(one.node.counts.prepares.get(text), 2, text);
  assert.equal(one.node.counts.opcodes['BATCH'], 1 + texts.length + 1);
});

test('every host of the plan may have forgotten the statement', async () => {
  await using all = await benchOf(4);
  for (const node of all.nodes) scripted(node);
  await all.session.execute(QUERY, ['x']);
  for (const node of all.nodes) {
    node.forgetPrepared();
    if (node !== all.nodes[3]) {
      node.on({ statement: QUERY, when: (request) => request.prepared !== null }, error('SERVER_ERROR'));
    }
  }
  const { rows } = await all.session.execute(QUERY, ['x']);
  assert.deepEqual(rows, [{ a: 1 }]);
});

test('METADATA_CHANGED: columns and id change together, and the request is not executed again', async () => {
  await using one = await bench();
  scripted(one.node);
  const prepared = await one.session.prepare(QUERY);
  assert.deepEqual((await one.session.execute(prepared, ['x'])).rows, [{ a: 1 }]);
  const altered = [
    { name: 'b', type: 'text' },
    { name: 'a', type: 'int' },
  ];
  one.node.on(QUERY, reactions.rows([{ b: 'new', a: 2 }], { columns: altered }));
  const before = seen([one.node], QUERY)[0] ?? 0;
  const results = await Promise.all(Array.from({ length: 50 }, () => one.session.execute(prepared, ['x'])));
  for (const result of results) {
    assert.deepEqual(result.rows, [{ b: 'new', a: 2 }]);
    assert.deepEqual(
      result.columns.map((column) => column.name),
      ['b', 'a'],
    );
  }
  assert.equal(seen([one.node], QUERY)[0], before + 50);
  const last = one.node.requests.at(-1)?.resultMetadataId?.toString('hex');
  await one.session.execute(prepared, ['x']);
  const now = one.node.requests.at(-1);
  assert.notEqual(now?.resultMetadataId?.toString('hex'), last);
  assert.equal(now?.skipMetadata, true);
});

test('METADATA_CHANGED while requests with the old columns are under way: each answer is read by its own', async () => {
  await using one = await bench();
  scripted(one.node);
  const prepared = await one.session.prepare(QUERY);
  one.node.on(QUERY, hold().rows([{ a: 1 }]));
  const old = Array.from({ length: 5 }, () => one.session.execute(prepared, ['x']));
  await until(() => one.node.held.length === 5);
  one.node.on(QUERY, reactions.rows([{ b: 'new' }], { columns: { b: 'text' } }));
  assert.deepEqual((await one.session.execute(prepared, ['x'])).rows, [{ b: 'new' }]);
  one.node.release();
  for (const result of await Promise.all(old)) assert.deepEqual(result.rows, [{ a: 1 }]);
});

test('rows without metadata that the client has no columns for: a clear error', async () => {
  await using one = await bench();
  // Rows: NO_METADATA, 3 columns, 1 row of nulls.
  const body = Buffer.concat([Buffer.from([0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 1]), Buffer.alloc(12, 0xff)]);
  one.node.on('SELECT odd', reactions.answer(0x08, body));
  const reason = await failure(one.session.execute('SELECT odd'));
  assert.match(reason.message, /metadata/);
  scripted(one.node);
  await one.session.execute(QUERY, ['x']);
  one.node.on(QUERY, reactions.answer(0x08, body));
  assert.match((await failure(one.session.execute(QUERY, ['x']))).message, /metadata/);
});

test('prepared without columns (LIST ROLES): the skip flag is never set, the rows are there', async () => {
  await using one = await bench();
  const text = 'LIST ROLES OF ?';
  one.node.prepared(text, { columns: [], parameters: [{ name: 'role', type: 'text' }] });
  one.node.on(text, reactions.rows([{ role: 'admin' }], { columns: { role: 'text' } }));
  const prepared = await one.session.prepare(text);
  for (let i = 0; i < 3; i++) {
    assert.deepEqual((await one.session.execute(prepared, ['x'])).rows, [{ role: 'admin' }]);
    assert.equal(one.node.requests.at(-1)?.skipMetadata, false);
  }
});

test('10,000 statements through a cache of 100: bounded, and all of them right', async () => {
  await using one = await bench({ maxPreparedStatements: 100, requestTimeoutMs: 20_000 });
  let done = 0;
  await one.session.executeConcurrent('SELECT warm', [[]]);
  const texts = Array.from({ length: 10_000 }, (_, i) => `SELECT ${String(i)} FROM t WHERE k = ?`);
  const queue = texts.values();
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      for (const text of queue) {
        await one.session.execute(text, ['x']);
        done++;
      }
    }),
  );
  assert.equal(done, 10_000);
  for (let i = 9_950; i < 10_000; i++) await one.session.execute(texts[i] ?? '', ['x']);
  assert.equal(one.node.counts.prepares.get(texts[9_999] ?? ''), 1, 'the youngest are kept');
  await one.session.execute(texts[0] ?? '', ['x']);
  assert.equal(one.node.counts.prepares.get(texts[0] ?? ''), 2, 'the oldest are not');
});

test('a failed PREPARE is not kept', async () => {
  await using one = await bench();
  const rule = one.node.on('PREPARE', error('INVALID', { message: 'no table' }));
  const reasons = await Promise.all([failure(one.session.execute(QUERY, ['x'])), failure(one.session.prepare(QUERY))]);
  for (const reason of reasons) assert.ok(chain(reason)[0] instanceof InvalidRequest);
  rule.remove();
  scripted(one.node);
  assert.deepEqual((await one.session.execute(QUERY, ['x'])).rows, [{ a: 1 }]);
});

test('a shared PREPARE keeps each caller to its own time, and has that of the most patient', async () => {
  await using one = await bench({ requestTimeoutMs: 20_000 });
  scripted(one.node);
  one.node.on({ opcode: 'PREPARE', query: QUERY }, hold());
  const short = failure(one.session.execute(QUERY, ['x'], { timeoutMs: 60 }));
  const patient = one.session.execute(QUERY, ['x']);
  const other = failure(one.session.prepare(QUERY, { timeoutMs: 70 }));
  for (const [outcome, timeoutMs] of [
    [short, 60],
    [other, 70],
  ] as const) {
    const reason = await outcome;
    assert.ok(reason instanceof OperationTimedOut);
    assert.equal(reason.timeoutMs, timeoutMs);
  }
  one.node.release();
  assert.equal((await patient).rows.length, 1);
  assert.equal(one.node.counts.prepares.get(QUERY), 1);
});

test('the time that the preparation of a text takes is part of its time', async () => {
  await using one = await bench();
  scripted(one.node);
  one.node.on({ opcode: 'PREPARE', query: QUERY }, delay(1000));
  for (const statement of [QUERY, 'BATCH', 'SELECT held']) one.node.on(statement, hold());
  const ended: string[] = [];
  const note = async (name: string, outcome: Promise<unknown>): Promise<void> => {
    const reason = await failure(outcome);
    assert.ok(reason instanceof OperationTimedOut);
    assert.equal(reason.timeoutMs, name === 'neither' ? 2000 : 1300);
    ended.push(name);
  };
  await Promise.all([
    note('text', one.session.execute(QUERY, ['x'], { timeoutMs: 1300 })),
    note('batch', one.session.executeBatch(new BatchStatement().add(QUERY, ['x']), { timeoutMs: 1300 })),
    // Between what the others have in all and what they would have from their preparation on.
    note('neither', one.session.execute('SELECT held', undefined, { timeoutMs: 2000 })),
  ]);
  assert.deepEqual(ended.slice(0, 2).sort(), ['batch', 'text']);
});

test('a PREPARE is not kept to the host that its first caller named', async () => {
  await using all = await benchOf(2, { loadBalancingPolicy: new InOrder() });
  const [first, second] = all.nodes;
  assert.ok(first !== undefined && second !== undefined);
  for (const node of all.nodes) scripted(node);
  second.on({ opcode: 'PREPARE', query: QUERY }, hold());
  const pinned = all.session.execute(QUERY, ['x'], { host: second.contactPoint });
  assert.equal((await all.session.execute(QUERY, ['x'])).info.coordinator, first.contactPoint);
  await until(() => second.held.length === 1, 'the PREPARE that its own node needs');
  second.release();
  assert.equal((await pinned).info.coordinator, second.contactPoint);
});

test('prepare() refuses options that it does not know and values that are none, before anything is sent', async () => {
  await using one = await bench();
  const wrong: readonly [unknown, RegExp][] = [
    [{ timeout: 1 }, /^Options of prepare\(\): unknown option timeout: it is called timeoutMs here/],
    [{ keySpace: 'ks' }, /unknown option keySpace: did you mean keyspace\?/],
    [{ consistencyLevel: 1 }, /unknown option consistencyLevel: known are customPayload, timeoutMs, keyspace, signal/],
    [{ keyspace: 5, timeoutMs: -1 }, /keyspace must be a string that is not empty; got 5; timeoutMs must be/],
    [{ signal: 5 }, /signal must be an AbortSignal/],
    [{ customPayload: { a: 'x' } }, /customPayload must be an object whose values are Buffers/],
    [null, /the options must be an object; got null/],
  ];
  for (const [options, message] of wrong) {
    const reason = await failure(one.session.prepare(QUERY, options as PrepareOptions));
    assert.ok(reason instanceof ConfigurationError, String(reason));
    assert.match(reason.message, message);
  }
  assert.equal(one.node.counts.prepares.get(QUERY), undefined);
  const signal = new AbortController().signal;
  await one.session.prepare(QUERY, { keyspace: 'ks', timeoutMs: 0, customPayload: { a: Buffer.of(1) }, signal });
});

// ---- the schema changes --------------------------------------------------------------------------------------------

const TYPED = 'INSERT INTO ks.t (v) VALUES (?)';

/** A node whose statement has a marker of this type from now on. */
function retype(one: Bench, type: FakeColumn['type']): void {
  one.node.prepared(TYPED, { parameters: [{ keyspace: 'ks', table: 't', name: 'v', type }] });
}

const USER_TYPE = (...names: string[]): FakeColumn['type'] => ({
  kind: 'udt',
  keyspace: 'ks',
  name: 'y',
  fields: names.map((name) => ({ name, type: { kind: 'scalar', name: 'int' } })),
  frozen: true,
});

/** Resolves when the client has heard of the change. */
async function change(one: Bench, target: 'TABLE' | 'TYPE' | 'KEYSPACE', name?: string): Promise<void> {
  const heard = new Promise((resolve) => one.cluster.on('schemaChanged', resolve));
  one.node.pushSchema({ change: 'UPDATED', target, keyspace: 'ks', ...(name === undefined ? {} : { name }) });
  await heard;
}

function lastValue(one: Bench): string | undefined {
  const value = one.node.requests.findLast(({ opcodeName }) => opcodeName === 'EXECUTE')?.values[0];
  return Buffer.isBuffer(value) ? value.toString('hex') : undefined;
}

test('a table was made anew with another type: a text executed before takes values of the new type', async () => {
  await using one = await bench();
  retype(one, 'text');
  await one.session.execute(TYPED, ['x']);
  retype(one, 'int');
  await change(one, 'TABLE', 't');
  await one.session.execute(TYPED, [5]);
  assert.equal(lastValue(one), '00000005');
});

test('a user type got a field: a text executed before writes it', async () => {
  await using one = await bench();
  retype(one, USER_TYPE('a'));
  await one.session.execute(TYPED, [{ a: 1 }]);
  const held = await one.session.prepare(TYPED);
  retype(one, USER_TYPE('a', 'b'));
  await change(one, 'TYPE', 'y');
  await one.session.execute(TYPED, [{ a: 1, b: 2 }]);
  assert.equal(lastValue(one), '00000004000000010000000400000002');
  // A statement that the program holds knows the old fields alone: it refuses others, rather than to lose them.
  const refused = await failure(one.session.execute(held, [{ a: 1, b: 2 }]));
  assert.match(refused.message, /Parameter 'v' \(y\): expected an object with fields of y \('a'\), got one with 'b'/);
  await one.session.execute(held, [{ a: 1 }]);
});

test('a held statement is compared with the table that was made anew, though no node says that it does not know it', async () => {
  await using one = await bench();
  retype(one, 'text');
  const held = await one.session.prepare(TYPED);
  await one.session.execute(held, ['x']);
  const bound = held.bind(['four']);
  retype(one, 'int');
  await change(one, 'TABLE', 't');
  // Somebody has prepared the text anew since: the node knows its id again.
  await one.session.execute(TYPED, [5]);
  const stale = [
    () => one.session.execute(held, ['four']),
    () => one.session.execute(bound),
    () => one.session.executeBatch(new BatchStatement().add(held, ['four'])),
    () => one.session.execute(held, ['four']),
  ];
  for (const execute of stale) assert.match((await failure(execute())).message, /prepare it again/);
  assert.equal(lastValue(one), '00000005');
});

test('of two held statements of one text, of before and after their table was made anew, only the old one is refused', async () => {
  await using one = await bench();
  retype(one, 'text');
  const old = await one.session.prepare(TYPED);
  retype(one, 'int');
  await change(one, 'TABLE', 't');
  const fresh = await one.session.prepare(TYPED);
  await change(one, 'TABLE', 't');
  const calls = Array.from({ length: 5 }, async () => {
    const refused = failure(one.session.execute(old, ['four']));
    await one.session.execute(fresh, [6]);
    assert.match((await refused).message, /prepare it again/);
  });
  await Promise.all(calls);
  assert.equal(lastValue(one), '00000006');
});

test('a held statement whose table was altered, but not its types, is executed; its types are compared once', async () => {
  await using one = await bench();
  retype(one, 'text');
  const held = await one.session.prepare(TYPED);
  await one.session.execute(held, ['x']);
  const { prepares } = one.node.counts;
  const before = prepares.get(TYPED) ?? 0;
  await change(one, 'TABLE', 't');
  await Promise.all(Array.from({ length: 20 }, () => one.session.execute(held, ['y'])));
  await one.session.executeBatch(new BatchStatement().add(held, ['y']).add(held, ['z']));
  assert.equal(prepares.get(TYPED), before + 1);
  assert.equal(lastValue(one), Buffer.from('y').toString('hex'));
});

test('a value that fits neither: its own error, and no other that nobody hears', async () => {
  await using one = await bench();
  retype(one, 'int');
  const held = await one.session.prepare(TYPED);
  retype(one, 'text');
  await change(one, 'TABLE', 't');
  // Where a rejection is not heard, the test runner fails.
  assert.ok((await failure(one.session.execute(held, ['a text']))) instanceof InvalidParameter);
  await until(() => one.node.counts.prepares.get(TYPED) === 2, 'the PREPARE');
  await one.session.execute('SELECT something else');
  assert.match((await failure(one.session.execute(held, [5]))).message, /prepare it again/);
});

test('an answer of before a change says nothing of the types after it', async () => {
  await using one = await bench({ schemaEventRefreshWindowMs: 3_600_000 });
  retype(one, 'text');
  const held = await one.session.prepare(TYPED);
  const { prepares } = one.node.counts;
  const before = prepares.get(TYPED) ?? 0;
  await change(one, 'TABLE', 't');
  one.node.on({ opcode: 'PREPARE', query: TYPED, times: 1 }, hold());
  const running = one.session.execute(held, ['x']);
  await until(() => one.node.held.length === 1, 'the PREPARE');
  await change(one, 'TABLE', 't');
  one.node.release();
  await running;
  assert.equal(prepares.get(TYPED), before + 2);
});

test('a subscriber of the prepare channel may execute the very statement that is prepared again', async () => {
  await using one = await bench();
  retype(one, 'text');
  const held = await one.session.prepare(TYPED);
  await change(one, 'TABLE', 't');
  const within: Promise<unknown>[] = [];
  const onStart = (): void => {
    within.push(one.session.execute(held, ['within']));
  };
  const channel = 'tracing:async-cassandra:prepare:start';
  diagnostics.subscribe(channel, onStart);
  try {
    await one.session.execute(held, ['x']);
  } finally {
    diagnostics.unsubscribe(channel, onStart);
  }
  await Promise.all(within);
  assert.equal(within.length, 1);
});

test('the statements of a batch whose table was altered are prepared side by side, as far as there is room', async () => {
  const texts = Array.from({ length: 20 }, (_, i) => `${TYPED} USING TIMESTAMP ${String(i)}`);
  for (const [room, most] of [
    [2048, 8],
    [4, 3],
  ] as const) {
    await using one = await bench({ pooling: { maxRequestsPerConnection: room } });
    for (const text of texts)
      one.node.prepared(text, { parameters: [{ keyspace: 'ks', table: 't', name: 'v', type: 'text' }] });
    const batch = new BatchStatement();
    for (const text of texts) batch.add(await one.session.prepare(text), ['x']);
    await change(one, 'TABLE', 't');
    one.node.on({ opcode: 'PREPARE' }, hold());
    const running = one.session.executeBatch(batch);
    await until(() => one.node.held.length >= most, 'PREPAREs');
    assert.ok(one.node.held.length <= most + 1, String(one.node.held.length));
    one.node.on({ opcode: 'PREPARE' }, delay(0));
    one.node.release();
    await running;
  }
});

test('what another table or type had done to it costs no statement its preparation', async () => {
  await using one = await bench();
  retype(one, USER_TYPE('a'));
  await one.session.execute(TYPED, [{ a: 1 }]);
  const before = one.node.counts.prepares.get(TYPED);
  await change(one, 'TABLE', 'other');
  await change(one, 'TYPE', 'other');
  await change(one, 'KEYSPACE');
  await one.session.execute(TYPED, [{ a: 1 }]);
  assert.equal(one.node.counts.prepares.get(TYPED), before);
});

test('a node that had not heard of the change yet prepared the statement: it is prepared once more later', async () => {
  await using one = await bench({ schemaEventRefreshWindowMs: 50 });
  retype(one, 'text');
  await one.session.execute(TYPED, ['x']);
  await change(one, 'TABLE', 't');
  await one.session.execute(TYPED, ['x']);
  retype(one, 'int');
  const { prepares } = one.node.counts;
  assert.equal(prepares.get(TYPED), 2);
  await until(() => one.cluster.statistics.preparedStatements === 0, 'the statement being forgotten');
  await one.session.execute(TYPED, [5]);
  assert.equal(lastValue(one), '00000005');
});

test('a change that nobody told, as the control connection was away: statements are prepared anew', async () => {
  await using one = await bench();
  retype(one, 'text');
  await one.session.execute(TYPED, ['x']);
  retype(one, 'int');
  const identity: { -readonly [K in keyof NodeIdentity]: NodeIdentity[K] } = one.node.identity;
  identity.schemaVersion = '6b6b6b6b-0000-1000-8000-000000000000';
  one.node.closeConnections();
  await until(() => one.cluster.statistics.preparedStatements === 0, 'the statement being forgotten');
  await one.session.execute(TYPED, [5]);
  assert.equal(lastValue(one), '00000005');
});

test('a statement whose table was made anew: its error showed the password in the text', async () => {
  await using one = await bench();
  const query = "UPDATE users SET password = 'hunter2' WHERE id = ?";
  const typed = (type: string): void => {
    one.node.prepared(query, { parameters: [{ name: 'id', type }] });
    one.node.on(query, reactions.void());
  };
  typed('int');
  const held = await one.session.prepare(query);
  typed('text');
  one.node.forgetPrepared();
  // Found by the node's answer; and then known before anything is sent.
  for (let i = 0; i < 2; i++) {
    const { message } = await failure(one.session.execute(held, [1]));
    assert.match(message, /prepare it again\. The statement is: UPDATE users SET password = '\*\*\*' WHERE id = \?$/);
  }
});

test('a user type was made anew with its fields in another order: values encoded before are not stored by the new one', async () => {
  await using one = await bench();
  retype(one, USER_TYPE('a', 'b'));
  const held = await one.session.prepare(TYPED);
  await one.session.execute(held, [{ a: 1, b: 2 }]);
  retype(one, USER_TYPE('b', 'a'));
  one.node.forgetPrepared();
  assert.match((await failure(one.session.execute(held, [{ a: 1, b: 2 }]))).message, /prepare it again/);
  await one.session.execute(TYPED, [{ a: 1, b: 2 }]);
  assert.equal(lastValue(one), '00000004000000020000000400000001');
});
