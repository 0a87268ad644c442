/** Errors of the operating system: of files and folders that cannot be used, say. */

import { ConfigurationError } from '../errors.js';
import { messageOf } from '../util/thrown.js';

/** The error of a setting that names something unusable; other errors stay as they are. */
export function unusable(what: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  return new ConfigurationError(`startCassandra: ${what} cannot be used: ${messageOf(error)}`, { cause: error });
}
