import { createRequire } from 'node:module';
import type * as PromClient from 'prom-client';
import { ConfigurationError } from '../../errors.js';

export type { PromClient };

/**
 * The optional peer dependency prom-client: the very module that the application has, default registry included.
 *
 * @throws ConfigurationError if it is not installed.
 */
export function loadPromClient(): typeof PromClient {
  try {
    return createRequire(import.meta.url)('prom-client') as typeof PromClient;
  } catch (cause) {
    throw new ConfigurationError(
      'PrometheusMetricsCollector needs the package prom-client: install it with `npm install prom-client`',
      { cause },
    );
  }
}
