import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueryError } from '../../../src/errors.js';
import type { QueryTrace } from '../../../src/result/query-trace.js';
import { AsyncResultSet, attachTraceReader } from '../../../src/result/result-set.js';
import { INFO, N, state } from './support.js';

function result(rows: { n: number }[], pagingState: Buffer | null = null): AsyncResultSet<{ n: number }> {
  return new AsyncResultSet(rows, [N], pagingState, INFO);
}

const THREE = [{ n: 1 }, { n: 2 }, { n: 3 }];

test('rows can be had in every way', async () => {
  const set = result(THREE);
  assert.equal(set.rows, THREE);
  assert.equal(set.all(), THREE);
  assert.equal(set.one(), THREE[0]);
  assert.equal(set.length, 3);
  assert.equal(set.at(-1), THREE[2]);
  assert.equal(set.at(3), undefined);
  assert.deepEqual([...set], THREE);
  const seen: unknown[] = [];
  for await (const row of set) seen.push(row);
  assert.deepEqual(seen, THREE);
});

test('an empty result has no first row and ends every loop', async () => {
  const set = new AsyncResultSet([], [], null, INFO);
  assert.equal(set.one(), null);
  assert.deepEqual(set.columns, []);
  assert.equal(set.wasApplied, true);
  for await (const row of set) assert.fail(String(row));
});

test('nested iteration of one result yields every pair (3 pairs of 9 were seen)', async () => {
  const set = result(THREE);
  let sync = 0;
  for (const a of set) for (const b of set) sync += a.n * b.n;
  assert.equal(sync, 36);
  let pairs = 0;
  for await (const a of set) for await (const b of set) pairs += a.n * b.n;
  assert.equal(pairs, 36);
});

test('a loop that is left does not end the next one', async () => {
  const set = result(THREE);
  for await (const row of set) {
    assert.equal(row.n, 1);
    break;
  }
  const seen: number[] = [];
  for await (const row of set) seen.push(row.n);
  assert.deepEqual(seen, [1, 2, 3]);
});

test('the paging state comes out, with columns (they never did)', () => {
  const set = result(THREE, state(1));
  assert.deepEqual(set.pagingState, state(1));
  assert.equal(set.hasMorePages, true);
  assert.equal(result(THREE).hasMorePages, false);
  assert.deepEqual(set.columns, [{ keyspace: 'ks', table: 't', name: 'n', type: 'int' }]);
  assert.equal(set.columns, set.columns);
});

test('facts are put together once, when they are asked for', () => {
  let made = 0;
  const set = new AsyncResultSet([], [], null, {
    coordinator: INFO.coordinator,
    toExecutionInfo: () => {
      made++;
      return INFO;
    },
  });
  assert.equal(made, 0);
  assert.equal(set.info, INFO);
  assert.equal(set.info.coordinator, '127.0.0.1:9042');
  assert.equal(made, 1);
});

test('wasApplied is what the server said, whatever the rows are made of', () => {
  const of = (...applied: [boolean?]): boolean =>
    new AsyncResultSet([['odd']], [N], null, INFO, 9, ...applied).wasApplied;
  assert.equal(of(true), true);
  assert.equal(of(false), false);
  assert.equal(of(), true);
});

test('the trace of a request that was not traced is a clear error', async () => {
  await assert.rejects(result(THREE).getQueryTrace(), (error: unknown) => {
    assert.ok(error instanceof QueryError);
    return /not traced.*trace: true/.test(error.message);
  });
});

test('the trace of a traced request is read by its id', async () => {
  const set = new AsyncResultSet([], [], null, { ...INFO, tracingId: 'abc' });
  await assert.rejects(set.getQueryTrace(), QueryError);
  const trace = { tracingId: 'abc' } as QueryTrace;
  attachTraceReader(set, (id) => {
    assert.equal(id, 'abc');
    return Promise.resolve(trace);
  });
  assert.equal(await set.getQueryTrace(), trace);
});

test('reading a trace ends with the reason of its signal, however long the server takes to write it', async () => {
  const set = new AsyncResultSet([], [], null, { ...INFO, tracingId: 'abc' });
  attachTraceReader(set, () => new Promise(() => undefined));
  const aborting = new AbortController();
  const reason = new Error('not wanted any more');
  const reading = set.getQueryTrace({ signal: aborting.signal });
  aborting.abort(reason);
  await assert.rejects(reading, reason);
});
