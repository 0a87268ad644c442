import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConfigurationError,
  createMetricsSystem,
  InMemoryMetricsCollector,
  MetricsMiddleware,
  type MetricsCollector,
  type ObservedCluster,
  type QueryMetrics,
} from '../../../src/index.js';
import { rejectedThenable } from '../../support/thenable.js';

const QUERY: QueryMetrics = {
  queryHash: 'a',
  queryType: 'simple',
  durationMs: 1,
  success: true,
  timestamp: new Date(),
  parametersCount: 0,
  resultSize: 0,
};
const CLUSTER = { statistics: { hosts: [] } } as unknown as ObservedCluster;

function broken(fail: () => never): MetricsCollector {
  return { recordQuery: fail, recordConnectionHealth: fail, getStats: fail };
}

test('collectors that throw or reject harm neither the caller nor the others, and are told of once each', async () => {
  const memory = new InMemoryMetricsCollector();
  const throwing = broken(() => {
    throw new Error('it threw');
  });
  const rejecting: MetricsCollector = { ...throwing, recordQuery: () => Promise.reject(new Error('it rejected')) };
  const foreign = {
    ...throwing,
    recordQuery: () => rejectedThenable(new Error('its thenable rejected')) as never,
  };
  const middleware = new MetricsMiddleware([throwing, rejecting, foreign, memory]);
  const told: unknown[] = [];
  middleware.attachCluster(CLUSTER, (_message, error) => told.push((error as Error).message));
  for (let i = 0; i < 5; i++) middleware.recordQuery(QUERY);
  await new Promise(setImmediate);
  assert.equal(memory.getStats().queryPerformance.totalQueries, 5);
  assert.deepEqual(told, ['it threw', 'it rejected', 'its thenable rejected']);
  assert.equal(((await middleware.getStats()) as { topQueries: unknown[] }).topQueries.length, 1);
});

test('disable() records nothing until enable()', () => {
  const memory = new InMemoryMetricsCollector();
  const middleware = new MetricsMiddleware([memory]);
  middleware.disable();
  middleware.recordQuery(QUERY);
  assert.equal(memory.getStats().queryPerformance.totalQueries, 0);
  middleware.enable();
  middleware.recordQuery(QUERY);
  assert.equal(memory.getStats().queryPerformance.totalQueries, 1);
});

test('what is no collector is refused, with what it lacks', () => {
  assert.throws(
    () => new MetricsMiddleware([{ recordQuery: () => undefined } as unknown as MetricsCollector]),
    (error) => error instanceof ConfigurationError && error.message.includes('recordConnectionHealth(), getStats()'),
  );
});

test('createMetricsSystem: memory by default, none on request', async () => {
  const [first] = createMetricsSystem().collectors;
  assert.ok(first instanceof InMemoryMetricsCollector);
  assert.deepEqual(createMetricsSystem({ backend: 'none' }).collectors, []);
  assert.equal(await createMetricsSystem({ backend: 'none' }).getStats(), null);
});
