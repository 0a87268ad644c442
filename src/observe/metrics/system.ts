import { ConfigurationError } from '../../errors.js';
import { InMemoryMetricsCollector } from './in-memory.js';
import { MetricsMiddleware } from './middleware.js';
import type { MetricsCollector } from './types.js';

/** What the middleware is made of. */
export interface MetricsSystemOptions {
  /** 'memory' keeps an InMemoryMetricsCollector, the first of `collectors`; 'none' does not. Default 'memory'. */
  readonly backend?: 'memory' | 'none' | undefined;
  /** A PrometheusMetricsCollector of `async-cassandra/metrics/prometheus`. */
  readonly prometheus?: MetricsCollector | undefined;
}

const KNOWN = new Set(['backend', 'prometheus']);

/**
 * A middleware with the collectors that are asked for, to be given to a cluster as `metrics`.
 *
 * @throws ConfigurationError for an unknown backend or option.
 */
export function createMetricsSystem(options: MetricsSystemOptions = {}): MetricsMiddleware {
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) {
      throw new ConfigurationError(`createMetricsSystem: unknown option ${name}; known are backend and prometheus`);
    }
  }
  const { backend = 'memory', prometheus } = options;
  const given: unknown = backend;
  if (given !== 'memory' && given !== 'none') {
    throw new ConfigurationError(`createMetricsSystem: backend must be 'memory' or 'none'; got '${String(given)}'`);
  }
  return new MetricsMiddleware([
    ...(backend === 'memory' ? [new InMemoryMetricsCollector()] : []),
    ...(prometheus === undefined ? [] : [prometheus]),
  ]);
}
