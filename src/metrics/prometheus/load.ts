import type * as PromClient from 'prom-client';
import { loadPeer } from '../load-peer.js';

export type { PromClient };

/**
 * The optional peer dependency prom-client, default registry included.
 *
 * @throws ConfigurationError if it is not installed, or cannot be loaded.
 */
export function loadPromClient(): typeof PromClient {
  return loadPeer('PrometheusMetricsCollector', 'prom-client') as typeof PromClient;
}
