import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { ConfigurationError } from '../../../src/index.js';
import { attributesAtEnd } from '../../../src/metrics/opentelemetry/attributes.js';
import { PrometheusMetricsCollector } from '../../../src/metrics/prometheus/index.js';

test('all that is wrong with a PrometheusMetricsCollector is said at once', () => {
  const wrong = { registery: new Registry(), registry: {}, labels: { host: 'a' }, buckets: [1, '2'] };
  assert.throws(
    () => new PrometheusMetricsCollector(wrong as never),
    new ConfigurationError(
      'PrometheusMetricsCollector: unknown option registery: did you mean registry?; ' +
        'registry must be a Registry of prom-client; got an object without registerMetric(), getSingleMetric(); ' +
        "labels must not be called host: these are the metrics' own; " +
        'buckets must be an array of numbers of seconds; got an array',
    ),
  );
  assert.throws(() => new PrometheusMetricsCollector({ labels: 'a' as never }), /labels must be an object; got 'a'/);
  assert.doesNotThrow(() => new PrometheusMetricsCollector({ registry: new Registry(), labels: {}, buckets: [1] }));
});

test("an error's odd name, which may hold anything, is no attribute of a span", () => {
  const error = Object.assign(new Error('x'), { name: 'secret of\na user' });
  assert.equal(attributesAtEnd({ error } as never)['error.type'], 'Error');
});
