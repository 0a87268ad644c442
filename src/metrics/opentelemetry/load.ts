import type * as Api from '@opentelemetry/api';
import { loadPeer } from '../load-peer.js';

export type { Api };

/**
 * The optional peer dependency @opentelemetry/api.
 *
 * @throws ConfigurationError if it is not installed, or cannot be loaded.
 */
export function loadApi(): typeof Api {
  return loadPeer('instrument()', '@opentelemetry/api') as typeof Api;
}
