import { ConfigurationError } from '../../errors.js';
import { mustBe, optionProblems, withMethods, type OptionChecks } from '../../util/option-checks.js';
import { InMemoryMetricsCollector } from './in-memory.js';
import { COLLECTOR_METHODS, MetricsMiddleware } from './middleware.js';
import type { MetricsCollector } from './types.js';

/** What the middleware is made of. */
export interface MetricsSystemOptions {
  /** 'memory' keeps an InMemoryMetricsCollector, the first of `collectors`; 'none' does not. Default 'memory'. */
  readonly backend?: 'memory' | 'none' | undefined;
  /** A PrometheusMetricsCollector of `async-cassandra/metrics/prometheus`. */
  readonly prometheus?: MetricsCollector | undefined;
}

const CHECKS: OptionChecks = {
  backend: mustBe("'memory' or 'none'", (value) => value === 'memory' || value === 'none'),
  prometheus: withMethods('a MetricsCollector', ...COLLECTOR_METHODS),
};

/**
 * A middleware with the collectors that are asked for, to be given to a cluster as `metrics`.
 *
 * @throws ConfigurationError for an unknown backend or option, and for what is no collector.
 */
export function createMetricsSystem(options: MetricsSystemOptions = {}): MetricsMiddleware {
  const problems = optionProblems(options, CHECKS);
  if (problems.length > 0) throw new ConfigurationError(`createMetricsSystem: ${problems.join('; ')}`);
  const { backend = 'memory', prometheus } = options;
  return new MetricsMiddleware([
    ...(backend === 'memory' ? [new InMemoryMetricsCollector()] : []),
    ...(prometheus === undefined ? [] : [prometheus]),
  ]);
}
