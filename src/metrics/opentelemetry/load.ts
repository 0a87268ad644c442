import { createRequire } from 'node:module';
import type * as Api from '@opentelemetry/api';
import { ConfigurationError } from '../../errors.js';

export type { Api };

/**
 * The optional peer dependency @opentelemetry/api.
 *
 * @throws ConfigurationError if it is not installed.
 */
export function loadApi(): typeof Api {
  try {
    return createRequire(import.meta.url)('@opentelemetry/api') as typeof Api;
  } catch (cause) {
    throw new ConfigurationError(
      'instrument() needs the package @opentelemetry/api: install it with `npm install @opentelemetry/api`',
      { cause },
    );
  }
}
