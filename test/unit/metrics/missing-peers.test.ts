import assert from 'node:assert/strict';
import Module from 'node:module';
import { after, before, test } from 'node:test';
import { AsyncCluster, ConfigurationError } from '../../../src/index.js';
import { instrument } from '../../../src/metrics/opentelemetry/index.js';
import { PrometheusMetricsCollector } from '../../../src/metrics/prometheus/index.js';

type Resolve = (name: string, ...rest: unknown[]) => string;

const loader = Module as unknown as { _resolveFilename: Resolve };
const resolve = loader._resolveFilename;
let problem: Error = new Error('none yet');

before(() => {
  loader._resolveFilename = (name, ...rest) => {
    if (name === 'prom-client' || name === '@opentelemetry/api') throw problem;
    return resolve.call(Module, name, ...rest);
  };
});
after(() => {
  loader._resolveFilename = resolve;
});

function missing(name: string): Error {
  return Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
}

function says(...texts: readonly string[]): (error: unknown) => boolean {
  return (error) => error instanceof ConfigurationError && texts.every((text) => error.message.includes(text));
}

test('without prom-client the entry can be imported; its first use names the package', () => {
  problem = missing('prom-client');
  assert.throws(() => new PrometheusMetricsCollector(), says('npm install prom-client', 'external'));
});

test('without @opentelemetry/api the entry can be imported; its first use names the package', async () => {
  await using cluster = new AsyncCluster();
  problem = missing('@opentelemetry/api');
  assert.throws(() => instrument(cluster), says('npm install @opentelemetry/api', 'external'));
});

test('a package that is there but cannot be loaded is not taken for one that is missing', () => {
  for (const odd of [new Error('it is broken'), missing('what it asks for')]) {
    problem = odd;
    const isTold = says(`could not be loaded: ${odd.message}`);
    assert.throws(
      () => new PrometheusMetricsCollector(),
      (error: Error) => isTold(error) && !error.message.includes('npm install') && error.cause === odd,
    );
  }
});
