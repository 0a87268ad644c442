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
        'buckets must be an array of numbers of seconds, each greater than the one before; got an array',
    ),
  );
  assert.throws(() => new PrometheusMetricsCollector({ labels: 'a' as never }), /labels must be an object; got 'a'/);
  assert.doesNotThrow(() => new PrometheusMetricsCollector({ registry: new Registry(), labels: {}, buckets: [1] }));
});

test('buckets ascend, and labels are such as Prometheus takes', () => {
  const refused = (options: object, message: RegExp): void => {
    const make = (): unknown => new PrometheusMetricsCollector({ registry: new Registry(), ...options });
    assert.throws(make, (error) => error instanceof ConfigurationError && message.test(error.message));
  };
  for (const buckets of [[1, 0.1, 0.01], [0.1, 0.1], [0.1, '1'], [NaN], [1, Infinity]]) {
    refused(
      { buckets },
      /^PrometheusMetricsCollector: buckets must be .* each greater than the one before; got an array$/,
    );
  }
  refused(
    { labels: { 'bad-name': 'x', '1st': 'y', good: 'z' } },
    /: labels must have names of .*; got 'bad-name', '1st'$/,
  );
  refused({ labels: { c: 5, d: undefined, e: 'f' } }, /: labels must be strings; got c: 5, d: undefined$/);
  assert.doesNotThrow(
    () =>
      new PrometheusMetricsCollector({ registry: new Registry(), labels: { _a1: '', B: 'b' }, buckets: [0.1, 0.2, 7] }),
  );
});

test("an error's odd name, which may hold anything, is no attribute of a span", () => {
  const error = Object.assign(new Error('x'), { name: 'secret of\na user' });
  assert.equal(attributesAtEnd({ error } as never)['error.type'], 'Error');
});
