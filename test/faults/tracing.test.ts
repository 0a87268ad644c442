import assert from 'node:assert/strict';
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import {
  BatchStatement,
  ConsistencyLevel,
  type TracedAttempt,
  type TracedConnect,
  type TracedPrepare,
  type TracedRequest,
} from '../../src/index.js';
import { error, hold, rows } from '../../src/testing/index.js';
import { bench, benchOf, failure } from './support.js';

type Event<T> = readonly [event: string, payload: T];

/** Writes down what a channel tells, until it is disposed. */
function listen<T extends object>(name: string): Disposable & { readonly events: Event<T>[]; ended(): T[] } {
  const events: Event<T>[] = [];
  const on =
    (event: string) =>
    (payload: T): void =>
      void events.push([event, payload]);
  const subscribers = {
    start: on('start'),
    end: on('end'),
    asyncStart: on('asyncStart'),
    asyncEnd: on('asyncEnd'),
    error: on('error'),
  };
  const channel = tracingChannel<unknown, T>(`async-cassandra:${name}`);
  channel.subscribe(subscribers);
  return {
    events,
    ended: () => events.filter(([event]) => event === 'asyncEnd').map(([, payload]) => payload),
    [Symbol.dispose]() {
      channel.unsubscribe(subscribers);
    },
  };
}

test('requests: what is told at the start and at the end, and no value', async () => {
  await using one = await bench();
  const { node, session, cluster } = one;
  node.on(/FROM users/, rows(Array.from({ length: 3 }, (_, id) => ({ id }))));
  node.on(/FROM bad/, error('INVALID'));
  node.prepared(/INSERT/, { parameters: [{ name: 'a', type: 'text' }] });
  using requests = listen<TracedRequest>('request');
  await session.execute('SELECT * FROM users', undefined, { consistencyLevel: ConsistencyLevel.QUORUM, fetchSize: 77 });
  await session.execute('INSERT INTO t (a) VALUES (?)', ['secret']);
  await session.executeBatch(new BatchStatement().add('INSERT INTO t (a) VALUES (?)', ['secret']).add('DELETE x'));
  const caught = await failure(session.execute('SELECT * FROM bad'));
  const stream = await session.executeStream('SELECT * FROM users', undefined, { fetchSize: 2 });
  for await (const row of stream) assert.ok(row);

  const [select, insert, batch, bad, page1, page2] = requests.ended();
  assert.deepEqual(
    { ...select, durationMs: 0 },
    {
      cluster,
      queryType: 'simple',
      statement: 'SELECT * FROM users',
      keyspace: null,
      consistencyLevel: ConsistencyLevel.QUORUM,
      fetchSize: 77,
      parametersCount: 0,
      host: node.contactPoint,
      attempts: 1,
      speculativeExecutions: 0,
      rowCount: 3,
      durationMs: 0,
    },
  );
  assert.ok((select?.durationMs ?? 0) > 0);
  assert.equal(insert?.queryType, 'prepared');
  assert.equal(insert.parametersCount, 1);
  assert.equal(batch?.statement, 'INSERT INTO t (a) VALUES (?); DELETE x');
  assert.equal(batch.batchSize, 2);
  assert.equal(bad?.error, caught);
  assert.equal(bad.host, node.contactPoint);
  assert.deepEqual([page1?.queryType, page1?.pageNumber, page1?.rowCount], ['stream', 1, 2]);
  assert.deepEqual([page2?.queryType, page2?.pageNumber, page2?.rowCount], ['stream', 2, 1]);
  assert.deepEqual(
    requests.events.filter(([, payload]) => payload === bad).map(([event]) => event),
    ['start', 'end', 'error', 'asyncStart', 'asyncEnd'],
  );
  const text = requests.events.map(([, { cluster: _cluster, ...rest }]) => JSON.stringify(rest)).join();
  assert.doesNotMatch(text, /secret/);
  assert.match(caught.stack ?? '', /tracing\.test\.ts/, 'the stack of the caller is kept');
});

test('attempts: each with its host, number and outcome', async () => {
  await using two = await benchOf(2);
  const [first, second] = two.nodes;
  assert.ok(first !== undefined && second !== undefined);
  first.on(/FROM t/, error('OVERLOADED'));
  first.on(/FROM held/, hold());
  using attempts = listen<TracedAttempt>('attempt');
  await two.session.execute('SELECT * FROM t');
  await failure(two.session.execute('SELECT * FROM held', undefined, { timeoutMs: 30 }));
  await failure(two.session.execute('SELECT * FROM held', undefined, { signal: AbortSignal.timeout(20) }));
  assert.deepEqual(
    attempts
      .ended()
      .map((attempt) => [
        attempt.host,
        attempt.attempt,
        attempt.statement,
        (attempt.error as Error | undefined)?.name,
        attempt.isAbandoned,
      ]),
    [
      [first.contactPoint, 1, 'SELECT * FROM t', 'Overloaded', undefined],
      [second.contactPoint, 2, 'SELECT * FROM t', undefined, undefined],
      [first.contactPoint, 1, 'SELECT * FROM held', 'OperationTimedOut', undefined],
      [first.contactPoint, 1, 'SELECT * FROM held', undefined, true],
    ],
  );
  first.release();
});

test('prepares and connects: those that are really made', async () => {
  using connects = listen<TracedConnect>('connect');
  using prepares = listen<TracedPrepare>('prepare');
  await using one = await bench();
  const { node, session } = one;
  await Promise.all([session.prepare('SELECT a'), session.prepare('SELECT a')]);
  await session.execute('SELECT a', []);
  node.forgetPrepared();
  await session.execute('SELECT a', []);
  assert.deepEqual(
    prepares
      .ended()
      .map(({ statement, isRepeated, host, durationMs }) => [statement, isRepeated, host, (durationMs ?? 0) > 0]),
    [
      ['SELECT a', false, node.contactPoint, true],
      ['SELECT a', true, node.contactPoint, true],
    ],
  );
  assert.ok(connects.ended().length >= 2);
  for (const { host, error: failed, durationMs } of connects.ended()) {
    assert.equal(host, node.contactPoint);
    assert.equal(failed, undefined);
    assert.ok((durationMs ?? 0) > 0);
  }
  await node.stop();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(connects.events.some(([event, { error: failed }]) => event === 'error' && failed instanceof Error));
});

test('a custom payload that a subscriber adds travels with the request, beside the own one', async () => {
  await using one = await bench();
  const start = (request: unknown): void => {
    (request as TracedRequest).customPayload = { traceparent: Buffer.from('00-x') };
  };
  subscribe('tracing:async-cassandra:request:start', start);
  try {
    await one.session.execute('SELECT 1', undefined, { customPayload: { mine: Buffer.from('1') } });
  } finally {
    unsubscribe('tracing:async-cassandra:request:start', start);
  }
  const sent = one.node.requests.find(({ query }) => query === 'SELECT 1')?.customPayload;
  assert.deepEqual(Object.keys(sent ?? {}).sort(), ['mine', 'traceparent']);
});
