import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConfigurationError,
  createMetricsSystem,
  InMemoryMetricsCollector,
  type QueryMetrics,
} from '../../../src/index.js';

function query(changes: Partial<QueryMetrics> = {}): QueryMetrics {
  return {
    queryHash: 'a',
    queryType: 'simple',
    durationMs: 1,
    success: true,
    timestamp: new Date(),
    parametersCount: 0,
    resultSize: 0,
    ...changes,
  };
}

test('percentiles, averages and rates of what was recorded', () => {
  const memory = new InMemoryMetricsCollector();
  for (let ms = 100; ms >= 1; ms--) memory.recordQuery(query({ durationMs: ms, queryHash: ms <= 60 ? 'a' : 'b' }));
  const { queryPerformance, topQueries, errorSummary } = memory.getStats();
  assert.deepEqual(
    { ...queryPerformance, queriesPerSecond: 0 },
    {
      totalQueries: 100,
      recentQueries5min: 100,
      minDurationMs: 1,
      avgDurationMs: 50.5,
      maxDurationMs: 100,
      p50Ms: 50,
      p95Ms: 95,
      p99Ms: 99,
      successRate: 1,
      queriesPerSecond: 0,
    },
  );
  assert.ok(queryPerformance.queriesPerSecond > 0 && queryPerformance.queriesPerSecond <= 100);
  assert.deepEqual(topQueries, [
    { queryHash: 'a', count: 60, avgDurationMs: 30.5 },
    { queryHash: 'b', count: 40, avgDurationMs: 80.5 },
  ]);
  assert.deepEqual(errorSummary, {});
});

test('only the latest maxEntries count for durations and success; totals count all', () => {
  const memory = new InMemoryMetricsCollector({ maxEntries: 10 });
  for (let i = 0; i < 1000; i++)
    memory.recordQuery(query({ durationMs: 500, success: false, errorType: 'ReadTimeout' }));
  for (let i = 0; i < 8; i++) memory.recordQuery(query({ durationMs: 2 }));
  const { queryPerformance, errorSummary } = memory.getStats();
  assert.equal(queryPerformance.totalQueries, 1008);
  assert.equal(queryPerformance.recentQueries5min, 1008);
  assert.equal(queryPerformance.p50Ms, 2);
  assert.equal(queryPerformance.maxDurationMs, 500);
  assert.ok(Math.abs(queryPerformance.successRate - 0.8) < 1e-9);
  assert.deepEqual(errorSummary, { ReadTimeout: 1000 });
});

test('the last five minutes are those of the records, whenever they are told', () => {
  const memory = new InMemoryMetricsCollector();
  const MINUTE_MS = 60_000;
  for (const minutes of [10, 7, 5.1, 4.9, 2, 0]) {
    memory.recordQuery(query({ timestamp: new Date(Date.now() - minutes * MINUTE_MS) }));
  }
  const { totalQueries, recentQueries5min, queriesPerSecond } = memory.getStats().queryPerformance;
  assert.equal(totalQueries, 6);
  assert.equal(recentQueries5min, 3);
  assert.ok(Math.abs(queriesPerSecond - 3 / 294) < 1e-3, String(queriesPerSecond));
});

test('a record from the future, or without a date, counts as now and hides no other', () => {
  const memory = new InMemoryMetricsCollector();
  const inAYear = new Date(Date.now() + 365 * 86_400_000);
  const noDates = [inAYear, new Date(NaN), undefined, 'yesterday'];
  for (const timestamp of [...noDates, new Date()]) memory.recordQuery(query({ timestamp: timestamp as Date }));
  assert.equal(memory.getStats().queryPerformance.recentQueries5min, 5);
});

test('without a query every figure is a number, and clear() comes back to that', () => {
  const memory = new InMemoryMetricsCollector();
  const empty = memory.getStats();
  assert.equal(empty.queryPerformance.p99Ms, 0);
  assert.equal(empty.queryPerformance.successRate, 1);
  memory.recordQuery(query({ success: false }));
  memory.recordConnectionHealth({
    host: '10.0.0.1:9042',
    isHealthy: true,
    lastCheck: new Date(),
    responseTimeMs: 3,
    errorCount: 1,
    totalQueries: 7,
  });
  assert.deepEqual(memory.getStats().connectionHealth, {
    '10.0.0.1:9042': { isHealthy: true, responseTimeMs: 3, errorCount: 1, totalQueries: 7 },
  });
  memory.clear();
  assert.deepEqual(memory.getStats(), empty);
});

test('names of errors do not fill the memory', () => {
  const memory = new InMemoryMetricsCollector();
  for (let i = 0; i < 5000; i++) memory.recordQuery(query({ success: false, errorType: `Error${String(i)}` }));
  const { errorSummary } = memory.getStats();
  assert.ok(Object.keys(errorSummary).length <= 1001);
  assert.equal(errorSummary['others'], 4000);
});

test('wrong options are refused', () => {
  assert.throws(() => new InMemoryMetricsCollector({ maxEntries: 0 }), ConfigurationError);
  assert.throws(() => createMetricsSystem({ backend: 'redis' as 'memory' }), /'memory' or 'none'/);
  assert.throws(
    () => new InMemoryMetricsCollector({ maxEntrys: 5 } as object),
    /^ConfigurationError: InMemoryMetricsCollector: unknown option maxEntrys: did you mean maxEntries\?$/,
  );
  assert.throws(
    () => createMetricsSystem({ prometeus: 1, prometheus: { getStats: () => null } } as object),
    new ConfigurationError(
      'createMetricsSystem: unknown option prometeus: did you mean prometheus?; ' +
        'prometheus must be a MetricsCollector; got an object without recordQuery(), recordConnectionHealth()',
    ),
  );
});
