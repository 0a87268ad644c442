import assert from 'node:assert/strict';
import Module from 'node:module';
import { after, before, test } from 'node:test';
import { AsyncCluster, ConfigurationError } from '../../../src/index.js';
import { instrument } from '../../../src/metrics/opentelemetry/index.js';
import { PrometheusMetricsCollector } from '../../../src/metrics/prometheus/index.js';

type Resolve = (name: string, ...rest: unknown[]) => string;

const loader = Module as unknown as { _resolveFilename: Resolve };
const resolve = loader._resolveFilename;

before(() => {
  loader._resolveFilename = (name, ...rest) => {
    if (name === 'prom-client' || name === '@opentelemetry/api') throw new Error(`Cannot find module '${name}'`);
    return resolve.call(Module, name, ...rest);
  };
});
after(() => {
  loader._resolveFilename = resolve;
});

test('without prom-client the entry can be imported; its first use names the package', () => {
  assert.throws(
    () => new PrometheusMetricsCollector(),
    (error) => error instanceof ConfigurationError && error.message.includes('npm install prom-client'),
  );
});

test('without @opentelemetry/api the entry can be imported; its first use names the package', async () => {
  await using cluster = new AsyncCluster();
  assert.throws(
    () => instrument(cluster),
    (error) => error instanceof ConfigurationError && error.message.includes('npm install @opentelemetry/api'),
  );
});
