import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNativeError } from 'node:util/types';
import {
  AlreadyExists,
  AuthenticationFailed,
  BatchStatement,
  CasWriteUnknown,
  CdcWriteFailure,
  ConfigurationException,
  ConnectionClosed,
  ConsistencyLevel,
  FunctionFailure,
  InvalidRequest,
  IsBootstrapping,
  NoHostAvailable,
  Overloaded,
  ProtocolError,
  QueryError,
  ReadFailure,
  ReadTimeout,
  RetryDecision,
  ServerError,
  SyntaxException,
  TruncateError,
  Unauthorized,
  Unavailable,
  WriteFailure,
  WriteTimeout,
  FallthroughRetryPolicy,
  type UnavailableContext,
} from '../../src/index.js';
import {
  closeConnection,
  delay,
  error,
  hold,
  reactions,
  rows,
  type Reaction,
  type ReactionLike,
} from '../../src/testing/index.js';
import { bench, benchOf, chain, failure, seen, until } from './support.js';

const READ = 'SELECT v FROM t';
const WRITE = "INSERT INTO t (k) VALUES ('x')";

test('every error code reaches the caller as its class, with its fields, code and coordinator', async () => {
  await using one = await bench({ retryPolicy: new FallthroughRetryPolicy() });
  const cases: [Parameters<typeof error>[0], Parameters<typeof error>[1], number, unknown, Record<string, unknown>][] =
    [
      ['SERVER_ERROR', {}, 0x0000, ServerError, {}],
      ['PROTOCOL_ERROR', {}, 0x000a, ProtocolError, {}],
      [
        'UNAVAILABLE',
        { consistency: 4, required: 2, alive: 1 },
        0x1000,
        Unavailable,
        { consistency: 4, requiredReplicas: 2, aliveReplicas: 1 },
      ],
      ['OVERLOADED', {}, 0x1001, Overloaded, { notExecuted: false }],
      ['IS_BOOTSTRAPPING', {}, 0x1002, IsBootstrapping, {}],
      ['TRUNCATE_ERROR', {}, 0x1003, TruncateError, {}],
      [
        'WRITE_TIMEOUT',
        { consistency: 4, received: 1, required: 2, writeType: 'BATCH' },
        0x1100,
        WriteTimeout,
        { consistency: 4, received: 1, required: 2, writeType: 'BATCH', contentions: undefined },
      ],
      [
        'WRITE_TIMEOUT',
        { writeType: 'CAS', contentions: 7 },
        0x1100,
        WriteTimeout,
        { writeType: 'CAS', contentions: 7 },
      ],
      [
        'READ_TIMEOUT',
        { consistency: 6, received: 1, required: 2, dataPresent: true },
        0x1200,
        ReadTimeout,
        { consistency: 6, received: 1, required: 2, dataRetrieved: true },
      ],
      [
        'READ_FAILURE',
        { received: 1, required: 2, failures: { '10.0.0.1': 1, '::1': 5 } },
        0x1300,
        ReadFailure,
        { received: 1, required: 2, dataRetrieved: false },
      ],
      [
        'FUNCTION_FAILURE',
        { keyspace: 'k', functionName: 'f', argumentTypes: ['int', 'text'] },
        0x1400,
        FunctionFailure,
        { keyspace: 'k', functionName: 'f', argumentTypes: ['int', 'text'] },
      ],
      [
        'WRITE_FAILURE',
        { failures: { '10.0.0.1': 1 }, writeType: 'VIEW' },
        0x1500,
        WriteFailure,
        { writeType: 'VIEW' },
      ],
      ['CDC_WRITE_FAILURE', {}, 0x1600, CdcWriteFailure, {}],
      [
        'CAS_WRITE_UNKNOWN',
        { consistency: 8, received: 1, required: 2 },
        0x1700,
        CasWriteUnknown,
        { consistency: 8, received: 1, required: 2 },
      ],
      ['SYNTAX_ERROR', {}, 0x2000, SyntaxException, {}],
      ['UNAUTHORIZED', {}, 0x2100, Unauthorized, {}],
      ['INVALID', {}, 0x2200, InvalidRequest, {}],
      ['CONFIG_ERROR', {}, 0x2300, ConfigurationException, {}],
      ['ALREADY_EXISTS', { keyspace: 'k', table: 't' }, 0x2400, AlreadyExists, { keyspace: 'k', table: 't' }],
      [0x7777, {}, 0x7777, ServerError, {}],
    ];
  for (const [name, fields, code, type, facts] of cases) {
    const rule = one.node.on(READ, error(name, { message: 'what it says', ...fields }));
    const reason = await failure(one.session.execute(READ));
    rule.remove();
    assert.ok(reason instanceof QueryError);
    assert.equal(reason.constructor, type, String(name));
    assert.equal(reason.message, 'what it says');
    assert.equal(reason.protocolCode, code);
    assert.equal(reason.coordinator, one.node.contactPoint);
    for (const [field, value] of Object.entries(facts)) {
      assert.deepEqual((reason as unknown as Record<string, unknown>)[field], value, `${String(name)}.${field}`);
    }
    if (reason instanceof ReadFailure)
      assert.deepEqual(
        [...reason.failures],
        [
          ['10.0.0.1', 1],
          ['::1', 5],
        ],
      );
    assert.match(reason.stack ?? '', /retries\.test/, "the caller's stack is kept");
  }
  one.node.on(READ, error('BAD_CREDENTIALS', { message: 'token expired' }));
  const reason = await failure(one.session.execute(READ));
  assert.ok(reason instanceof AuthenticationFailed);
  assert.equal(reason.message, 'token expired');
  assert.equal(one.node.counts.connections, 2, 'no error of a request costs the connection');
});

/** What the nodes do to every attempt, how often two of them must have seen it, and how it ends ('' for well). */
interface Verdict {
  readonly fault: string;
  readonly reaction: ReactionLike;
  readonly read: [number[], string];
  readonly write: [number[], string];
  readonly idempotentWrite: [number[], string];
}

const possiblyExecuted = (fault: string, reaction: ReactionLike, name: string): Verdict => ({
  fault,
  reaction,
  read: [[1, 1], name],
  write: [[1, 0], name],
  idempotentWrite: [[1, 1], name],
});
const notExecuted = (fault: string, reaction: ReactionLike, name: string): Verdict => ({
  fault,
  reaction,
  read: [[1, 1], name],
  write: [[1, 1], name],
  idempotentWrite: [[1, 1], name],
});
const never = (fault: string, reaction: ReactionLike, name: string): Verdict => ({
  fault,
  reaction,
  read: [[1, 0], name],
  write: [[1, 0], name],
  idempotentWrite: [[1, 0], name],
});

const VERDICTS: Verdict[] = [
  possiblyExecuted('ServerError', error('SERVER_ERROR'), 'ServerError'),
  possiblyExecuted(
    'Overloaded in the middle of a write',
    error('OVERLOADED', { message: 'Too many in flight hints: 1' }),
    'Overloaded',
  ),
  possiblyExecuted('TruncateError', error('TRUNCATE_ERROR'), 'TruncateError'),
  possiblyExecuted('an unknown code', error(0x7777), 'ServerError'),
  notExecuted('IsBootstrapping', error('IS_BOOTSTRAPPING'), 'IsBootstrapping'),
  notExecuted(
    'Overloaded before execution',
    error('OVERLOADED', { message: 'Request breached global limit of 1 bytes/second' }),
    'Overloaded',
  ),
  never('CasWriteUnknown', error('CAS_WRITE_UNKNOWN'), 'CasWriteUnknown'),
  never('ReadFailure', error('READ_FAILURE'), 'ReadFailure'),
  never('WriteFailure', error('WRITE_FAILURE'), 'WriteFailure'),
  never('CdcWriteFailure', error('CDC_WRITE_FAILURE'), 'CdcWriteFailure'),
  never('FunctionFailure', error('FUNCTION_FAILURE'), 'FunctionFailure'),
  never('a syntax error', error('SYNTAX_ERROR'), 'SyntaxException'),
  never('an invalid request', error('INVALID'), 'InvalidRequest'),
  never('Unauthorized', error('UNAUTHORIZED'), 'Unauthorized'),
  never('a protocol error', error('PROTOCOL_ERROR'), 'ProtocolError'),
  {
    fault: 'ReadTimeout with too few answers',
    reaction: error('READ_TIMEOUT', { received: 1, required: 2 }),
    read: [[1, 0], 'ReadTimeout'],
    write: [[1, 0], 'ReadTimeout'],
    idempotentWrite: [[1, 0], 'ReadTimeout'],
  },
  {
    fault: 'ReadTimeout with the data there: the same host again, three times',
    reaction: error('READ_TIMEOUT', { received: 1, required: 2, dataPresent: true }),
    read: [[4, 0], 'ReadTimeout'],
    write: [[4, 0], 'ReadTimeout'],
    idempotentWrite: [[4, 0], 'ReadTimeout'],
  },
  {
    fault: 'WriteTimeout SIMPLE',
    reaction: error('WRITE_TIMEOUT', { writeType: 'SIMPLE' }),
    read: [[1, 0], 'WriteTimeout'],
    write: [[1, 0], 'WriteTimeout'],
    idempotentWrite: [[4, 0], 'WriteTimeout'],
  },
  never('WriteTimeout COUNTER', error('WRITE_TIMEOUT', { writeType: 'COUNTER' }), 'WriteTimeout'),
  never('WriteTimeout CAS', error('WRITE_TIMEOUT', { writeType: 'CAS' }), 'WriteTimeout'),
  never('WriteTimeout VIEW', error('WRITE_TIMEOUT', { writeType: 'VIEW' }), 'WriteTimeout'),
  never('WriteTimeout CDC', error('WRITE_TIMEOUT', { writeType: 'CDC' }), 'WriteTimeout'),
  {
    fault: 'Unavailable: the next host once, then the same',
    reaction: error('UNAVAILABLE'),
    read: [[1, 3], 'Unavailable'],
    write: [[1, 3], 'Unavailable'],
    idempotentWrite: [[1, 3], 'Unavailable'],
  },
  possiblyExecuted('the connection lost after the request was written', closeConnection(), 'NoHostAvailable'),
  possiblyExecuted(
    'the connection reset after the request was written',
    closeConnection({ reset: true }),
    'NoHostAvailable',
  ),
];

test('verdicts of AsyncRetryPolicy: what each of two nodes sees', async (t) => {
  await using all = await benchOf(2);
  const run = async (verdict: Verdict, kind: 'read' | 'write' | 'idempotentWrite', query: string): Promise<void> => {
    const [counts, name] = verdict[kind];
    const text = `${query} /* ${verdict.fault} ${kind} */`;
    for (const node of all.nodes) node.on(text, verdict.reaction);
    const options = kind === 'idempotentWrite' ? { isIdempotent: true } : {};
    const reason = await failure(all.session.execute(text, undefined, options));
    const lost = verdict.fault.includes('the connection');
    if (lost) assert.ok(reason instanceof ConnectionClosed || reason instanceof NoHostAvailable, reason.name);
    else assert.equal(reason.name, name);
    assert.deepEqual(seen(all.nodes, text), counts, `${verdict.fault}, ${kind}`);
    if (lost) await until(() => all.nodes.every((node) => node.connections.length > 0));
    if (lost) await ready(all);
  };
  for (const verdict of VERDICTS) {
    await t.test(verdict.fault, async () => {
      await run(verdict, 'read', READ);
      await run(verdict, 'write', WRITE);
      await run(verdict, 'idempotentWrite', WRITE);
    });
  }
});

/** Each node answers again. */
async function ready(all: Awaited<ReturnType<typeof benchOf>>): Promise<void> {
  for (const host of all.cluster.metadata.hosts) {
    for (let left = 100; ; left--) {
      const worked = await all.session.execute('SELECT ping', undefined, { host }).then(
        () => true,
        () => false,
      );
      if (worked) break;
      assert.ok(left > 0, 'it does not come back');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

test('a non-idempotent prepared write, a batch and a counter are never sent twice', async () => {
  await using all = await benchOf(3);
  const prepared = await all.session.prepare('UPDATE t SET c = c + ? WHERE k = ?');
  for (const node of all.nodes) {
    node.on('UPDATE t SET c = c + ? WHERE k = ?', error('SERVER_ERROR'));
    node.on('BATCH', error('OVERLOADED'));
  }
  await failure(all.session.execute(prepared, ['1', 'k']));
  assert.equal(
    seen(all.nodes, prepared.query).reduce((a, b) => a + b),
    1,
  );
  await failure(all.session.executeBatch(new BatchStatement().add(WRITE).add(WRITE)));
  assert.equal(
    all.nodes.reduce((sum, node) => sum + (node.counts.opcodes['BATCH'] ?? 0), 0),
    1,
  );
  const idempotent = new BatchStatement({ isIdempotent: true }).add(WRITE);
  await failure(all.session.executeBatch(idempotent));
  assert.equal(
    all.nodes.reduce((sum, node) => sum + (node.counts.opcodes['BATCH'] ?? 0), 0),
    4,
  );
});

test('a SELECT marked as not idempotent is not retried; marked nothing it is', async () => {
  await using all = await benchOf(3);
  for (const node of all.nodes) node.on(READ, error('SERVER_ERROR'));
  await failure(all.session.execute(READ, undefined, { isIdempotent: false }));
  assert.deepEqual(seen(all.nodes, READ), [1, 0, 0]);
  await failure(all.session.execute(READ));
  assert.deepEqual(seen(all.nodes, READ), [2, 1, 1]);
});

test('retries are bounded by maxRetries', async () => {
  await using all = await benchOf(6);
  for (const node of all.nodes) node.on(READ, error('SERVER_ERROR'));
  await failure(all.session.execute(READ));
  assert.deepEqual(seen(all.nodes, READ), [1, 1, 1, 1, 0, 0]);
});

test('the second host answers: the result tells what happened', async () => {
  await using all = await benchOf(2);
  all.nodes[0]?.on(READ, error('SERVER_ERROR', { message: 'broken disk' }));
  all.nodes[1]?.on(READ, reactions.rows([{ v: 'ok' }]));
  const { rows, info } = await all.session.execute(READ);
  assert.deepEqual(rows, [{ v: 'ok' }]);
  assert.equal(info.attempts, 2);
  assert.equal(info.coordinator, all.nodes[1]?.contactPoint);
});

test('a result of several pages tells of the hosts that failed for any of them', async () => {
  await using all = await benchOf(3);
  const [first, second, third] = all.nodes;
  assert.ok(first && second && third);
  const page = (tag: number, next: string | null): Reaction =>
    rows([{ tag }], { columns: { tag: 'int' }, pagingState: next });
  // The first page is had of the second node, the next one of the third, the last one of the first.
  first.on(READ, ({ pagingState }) => (pagingState?.toString() === '2' ? page(3, null) : error('SERVER_ERROR')));
  second.on(READ, ({ pagingState }) => (pagingState === null ? page(1, '1') : error('OVERLOADED')));
  third.on(READ, page(2, '2'));
  const { rows: got, info } = await all.session.execute(READ);
  assert.deepEqual(
    got.map(({ tag }) => tag),
    [1, 2, 3],
  );
  const tried = [...info.triedHosts].map(([host, { name }]) => [host, name]);
  assert.deepEqual(tried, [
    [first.contactPoint, 'ServerError'],
    [second.contactPoint, 'Overloaded'],
  ]);
  assert.equal(info.attempts, 6);
});

test('requests that were never written go on, idempotent or not: queued at a node that dies', async () => {
  await using all = await benchOf(3, { pooling: { maxRequestsPerConnection: 1 } });
  const [first] = all.nodes;
  for (const node of all.nodes) node.on('SELECT slow', hold());
  const slow = all.nodes.map(() => all.session.execute('SELECT slow', undefined, { isIdempotent: false }));
  await until(() => all.nodes.every((node) => node.held.length === 1));
  const written = slow.shift();
  const writes = Array.from({ length: 20 }, () => all.session.execute(WRITE));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(seen(all.nodes, WRITE), [0, 0, 0], 'all of them stand in line at the first node');
  const lost = failure(written ?? Promise.resolve());
  await first?.stop();
  assert.ok((await lost) instanceof ConnectionClosed);
  for (const node of all.nodes) node.release();
  await Promise.all([...slow, ...writes]);
  const counts = seen(all.nodes, WRITE);
  assert.equal(counts[0], 0);
  assert.equal((counts[1] ?? 0) + (counts[2] ?? 0), 20, 'each was sent once');
});

test('requests to a node that is known to be dead go to the next host', async () => {
  await using all = await benchOf(2);
  const [first, second] = all.nodes;
  await first?.stop();
  await until(() => all.cluster.metadata.hosts.some((host) => !host.isUp));
  const results = await Promise.all(Array.from({ length: 50 }, () => all.session.execute(WRITE)));
  assert.equal(results.length, 50);
  assert.deepEqual(seen(second === undefined ? [] : [second], WRITE), [50]);
});

test('the retry budget stops a storm', async () => {
  await using all = await benchOf(2, { requestTimeoutMs: 20_000 });
  for (const node of all.nodes) node.on(READ, error('SERVER_ERROR'));
  const requests = 2000;
  await Promise.all(Array.from({ length: requests }, () => failure(all.session.execute(READ), 20_000)));
  const sent = seen(all.nodes, READ).reduce((a, b) => a + b);
  assert.ok(sent >= requests + 100 && sent <= requests * 1.2 + 110, String(sent));
});

test('a retry counts once it is sent: not where no host is left for it, nor while it stands in line', async () => {
  await using all = await benchOf(2, { pooling: { maxRequestsPerConnection: 1 }, requestTimeoutMs: 20_000 });
  const [first, second] = all.nodes;
  const counted = (): unknown => {
    const { totals, hosts } = all.cluster.statistics;
    return [totals.retries, [...totals.retriesByCause], hosts.map(({ retries }) => retries)];
  };
  for (const node of all.nodes) node.on(READ, error('SERVER_ERROR'));
  for (let i = 0; i < 5; i++) await failure(all.session.execute(READ, undefined, { host: first?.contactPoint ?? '' }));
  assert.deepEqual(counted(), [0, [], [0, 0]]);
  await failure(all.session.execute(READ));
  assert.deepEqual(counted(), [1, [['ServerError', 1]], [1, 0]]);

  second?.on('SELECT slow', hold());
  const slow = all.session.execute('SELECT slow', undefined, { host: second?.contactPoint ?? '' });
  await second?.waitFor('SELECT slow');
  assert.equal((await failure(all.session.execute(READ, undefined, { timeoutMs: 50 }))).name, 'OperationTimedOut');
  assert.deepEqual(counted(), [1, [['ServerError', 1]], [1, 0]]);
  const inLine = failure(all.session.execute(READ), 20_000);
  await until(() => all.cluster.statistics.hosts[1]?.queued === 1, 'the retry in line');
  assert.deepEqual(counted(), [1, [['ServerError', 1]], [1, 0]]);
  second?.release();
  await Promise.all([slow, inLine]);
  assert.deepEqual(counted(), [2, [['ServerError', 2]], [2, 0]]);
});

test('retries that were never sent do not use up the budget of those that could be', async () => {
  await using all = await benchOf(2);
  const [first, second] = all.nodes;
  first?.on(READ, error('SERVER_ERROR'));
  second?.on(READ, rows([{ v: 1 }]));
  const host = first?.contactPoint ?? '';
  await Promise.all(Array.from({ length: 300 }, () => failure(all.session.execute(READ, undefined, { host }))));
  assert.deepEqual((await all.session.execute(READ)).rows, [{ v: 1 }]);
});

test('"Server is shutting down" drains the connection; the request and later ones go to another node', async () => {
  await using all = await benchOf(2);
  const [first, second] = all.nodes;
  first?.on(WRITE, error('OVERLOADED', { message: 'Server is shutting down' }));
  first?.on('SELECT slow', hold().rows([{ v: 'slow' }]));
  const slow = all.session.execute('SELECT slow');
  await first?.waitFor('SELECT slow');
  const { info } = await all.session.execute(WRITE);
  assert.equal(info.coordinator, second?.contactPoint);
  first?.release();
  assert.deepEqual((await slow).rows, [{ v: 'slow' }], 'what was under way there finishes');
});

test('the request timeout is the whole budget: attempts and retries together', async () => {
  await using all = await benchOf(3);
  for (const node of all.nodes) node.on(READ, delay(300).error('SERVER_ERROR'));
  const start = performance.now();
  const reason = await failure(all.session.execute(READ, undefined, { timeoutMs: 500 }));
  const took = performance.now() - start;
  assert.equal(reason.name, 'OperationTimedOut');
  assert.ok(took >= 495, String(took));
});

test('a retry policy that throws, or decides nothing, or lies: a clear error for its own request alone', async () => {
  await using all = await benchOf(2);
  const [first] = all.nodes;
  first?.on(READ, error('SERVER_ERROR'));
  first?.on('SELECT cut', closeConnection());
  const broken = new Error('policy bug');
  const throwing = {
    onReadTimeout: () => {
      throw broken;
    },
    onWriteTimeout: () => {
      throw broken;
    },
    onUnavailable: () => {
      throw broken;
    },
    onRequestError: () => {
      throw broken;
    },
  };
  const undecided = {
    onReadTimeout: () => undefined as unknown as RetryDecision,
    onWriteTimeout: () => undefined as unknown as RetryDecision,
    onUnavailable: () => undefined as unknown as RetryDecision,
    onRequestError: () => undefined as unknown as RetryDecision,
  };
  for (const retryPolicy of [throwing, undecided]) {
    const reason = await failure(all.session.execute(READ, undefined, { retryPolicy }));
    assert.ok(reason instanceof QueryError);
    assert.match(reason.message, /retry policy/);
    // A lost connection asks the policy about each of its requests: one policy must not keep the others from hearing.
    const own = all.session.execute('SELECT cut', undefined, { retryPolicy });
    first?.on('SELECT other', hold());
    const others = Array.from({ length: 20 }, () => all.session.execute('SELECT other'));
    assert.match((await failure(own)).message, /retry policy/);
    assert.equal((await Promise.all(others)).length, 20);
    await until(() => (first?.connections.length ?? 0) > 0);
    await ready(all);
  }
});

test('a retry at another consistency level: the policy and the result are told the level of the attempt', async () => {
  await using all = await benchOf(2);
  const { QUORUM, TWO, ONE } = ConsistencyLevel;
  for (const node of all.nodes) {
    node.on({ statement: READ, nth: 1 }, error('UNAVAILABLE'));
    node.on({ statement: READ, nth: 2 }, reactions.rows([{ v: 1 }]));
    node.on({ statement: WRITE, nth: 1 }, error('UNAVAILABLE'));
  }
  const told: ConsistencyLevel[] = [];
  class Lowering extends FallthroughRetryPolicy {
    override onUnavailable(context?: UnavailableContext): RetryDecision {
      told.push(context?.consistency ?? ConsistencyLevel.ANY);
      return told.length === 1 ? RetryDecision.retryNextHost(TWO) : RetryDecision.retrySameHost(ONE);
    }
  }
  const options = { consistencyLevel: QUORUM, retryPolicy: new Lowering() };
  const sent = (statement: string): number[] =>
    all.nodes.flatMap(({ requests }) =>
      requests.flatMap((request) => (request.statements.includes(statement) ? [request.consistency ?? -1] : [])),
    );
  const read = await all.session.execute(READ, undefined, options);
  assert.deepEqual(told, [QUORUM, TWO]);
  assert.deepEqual(sent(READ), [QUORUM, TWO, ONE]);
  assert.equal(read.info.consistencyLevel, ONE);
  told.length = 0;
  const written = await all.session.executeBatch(new BatchStatement().add(WRITE), options);
  assert.deepEqual(told, [QUORUM, TWO]);
  assert.deepEqual(sent(WRITE), [QUORUM, TWO, ONE]);
  assert.equal(written.info.consistencyLevel, ONE);
});

test('requests of one lost connection: each caller gets an error of its own, with its own stack', async () => {
  await using one = await bench();
  one.node.on(/^INSERT/, hold());
  one.node.on('SELECT cut', closeConnection());
  const alpha = async (): Promise<void> => {
    await one.session.execute('INSERT alpha');
  };
  const beta = async (): Promise<void> => {
    await one.session.execute('INSERT beta');
  };
  const gamma = async (): Promise<void> => {
    await one.session.execute('INSERT gamma');
  };
  const reasons = [alpha, beta, gamma].map(async (call) => [await failure(call()), call.name] as const);
  await until(() => one.node.held.length === 3);
  await failure(one.session.execute('SELECT cut'));
  const host = one.node.contactPoint;
  const errors = new Set<Error>();
  for (const [reason, caller] of await Promise.all(reasons)) {
    errors.add(reason);
    assert.ok(reason instanceof ConnectionClosed);
    assert.ok(isNativeError(reason));
    assert.deepEqual([reason.name, reason.code, reason.host], ['ConnectionClosed', 'ERR_CONNECTION_CLOSED', host]);
    assert.match(reason.stack ?? '', /^ConnectionClosed: The connection to .* is lost: .*\n +at /);
    assert.match(reason.stack ?? '', new RegExp(`at async ${caller} `));
    assert.doesNotMatch(reason.stack ?? '', new RegExp(`at async (?!${caller} )(alpha|beta|gamma)`));
  }
  assert.equal(errors.size, 3);
});

test('a retry policy that always retries is stopped by the plan, the deadline or the budget', async () => {
  await using all = await benchOf(2);
  for (const node of all.nodes) node.on(READ, error('SERVER_ERROR'));
  const always = (decision: RetryDecision) => ({
    onReadTimeout: () => decision,
    onWriteTimeout: () => decision,
    onUnavailable: () => decision,
    onRequestError: () => decision,
  });
  await failure(all.session.execute(READ, undefined, { retryPolicy: always(RetryDecision.RETRY_NEXT_HOST) }));
  assert.deepEqual(seen(all.nodes, READ), [1, 1]);
  await failure(all.session.execute(READ, undefined, { retryPolicy: always(RetryDecision.RETRY_SAME_HOST) }));
  assert.ok((seen(all.nodes, READ)[0] ?? 0) <= 110);
  const ignored = await all.session.execute(READ, undefined, { retryPolicy: always(RetryDecision.IGNORE) });
  assert.deepEqual(ignored.rows, []);
});

test('a retry policy that returns a promise is told so; that the promise rejects ends no process', async () => {
  const decide = (): RetryDecision => Promise.reject(new Error('mine')) as unknown as RetryDecision;
  const retryPolicy = { onReadTimeout: decide, onWriteTimeout: decide, onUnavailable: decide, onRequestError: decide };
  await using one = await bench({ retryPolicy });
  one.node.on('SELECT a', error('SERVER_ERROR'));
  const reason = await failure(one.session.execute('SELECT a'));
  assert.ok(reason instanceof QueryError);
  assert.match(chain(reason).map(String).join(), /has to return a RetryDecision/);
  // An unhandled rejection would be told by now, and fail the test.
  await new Promise((resolve) => setTimeout(resolve, 10));
});
