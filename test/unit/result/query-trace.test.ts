import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OperationTimedOut } from '../../../src/errors.js';
import { readQueryTrace, type TraceQuery } from '../../../src/result/query-trace.js';
import { timeuuid } from '../../../src/values/timeuuid.js';

const STARTED = new Date('2026-01-02T03:04:05.000Z');
const ID = '7e1f0000-0000-1000-8000-000000000000';

function session(duration: number | null, parameters: unknown = new Map([['query', 'SELECT 1']])): object {
  return {
    coordinator: '127.0.0.1',
    request: 'Execute CQL3 query',
    started_at: STARTED,
    duration,
    parameters,
    client: '10.0.0.1',
  };
}

/** Sessions as they are seen look by look, then events. */
function server(looks: (object | null)[], events: object[] = []): TraceQuery & { looks: number } {
  const query = (text: string): Promise<never[]> => {
    assert.ok(text.endsWith(` WHERE session_id = ${ID}`));
    if (text.includes('system_traces.events')) return Promise.resolve(events as never[]);
    const look = looks[Math.min(run.looks++, looks.length - 1)];
    return Promise.resolve((look === null || look === undefined ? [] : [look]) as never[]);
  };
  const run = Object.assign(query, { looks: 0 });
  return run;
}

const EVENT = {
  event_id: timeuuid(STARTED),
  activity: 'Parsing',
  source: '127.0.0.1',
  source_elapsed: 12,
  thread: 'Native-1',
};

test('a trace is waited for until its duration is there', async () => {
  const run = server([null, session(null), session(345)], [EVENT]);
  const trace = await readQueryTrace(ID, run, { intervalMs: 1 });
  assert.equal(run.looks, 3);
  assert.deepEqual(trace, {
    tracingId: ID,
    coordinator: '127.0.0.1',
    requestType: 'Execute CQL3 query',
    startedAt: STARTED,
    durationMicros: 345,
    parameters: new Map([['query', 'SELECT 1']]),
    client: '10.0.0.1',
    events: [
      { activity: 'Parsing', source: '127.0.0.1', sourceElapsedMicros: 12, thread: 'Native-1', timestamp: STARTED },
    ],
  });
});

test('a session without parameters is a trace without parameters', async () => {
  assert.equal((await readQueryTrace(ID, server([session(1, null)], [EVENT]))).parameters.size, 0);
});

test('a session that is there before its events: they are waited for, as long as there is time', async () => {
  const events: object[] = [];
  const run = server([session(1)], events);
  const reading = readQueryTrace(ID, run, { intervalMs: 1 });
  setTimeout(() => events.push(EVENT), 20);
  assert.equal((await reading).events.length, 1);
  assert.ok(run.looks > 1);
  const without = await readQueryTrace(ID, server([session(1)]), { maxWaitMs: 20, intervalMs: 1 });
  assert.deepEqual(without.events, [], 'better than nothing');
});

test('a trace that stays incomplete is a timeout, not a hang', async () => {
  await assert.rejects(
    readQueryTrace(ID, server([session(null)]), { maxWaitMs: 20, intervalMs: 1 }),
    (error: unknown) => error instanceof OperationTimedOut && error.timeoutMs === 20,
  );
});

test('an abort ends the waiting with its own reason', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const waiting = readQueryTrace(ID, server([null]), { intervalMs: 400, signal: controller.signal });
  setImmediate(() => {
    controller.abort(reason);
  });
  await assert.rejects(waiting, (error: unknown) => error === reason);
});

test("the query's own error comes through", async () => {
  const error = new Error('no such table');
  await assert.rejects(
    readQueryTrace(ID, () => Promise.reject(error)),
    (got: unknown) => got === error,
  );
});
