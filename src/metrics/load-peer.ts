import { createRequire } from 'node:module';
import { ConfigurationError } from '../errors.js';
import { messageOf } from '../util/thrown.js';

/**
 * An optional peer dependency, at its first use: the very module that the application has. `user` is what needs it.
 *
 * @throws ConfigurationError if it is not installed, or cannot be loaded.
 */
export function loadPeer(user: string, name: string): unknown {
  try {
    return createRequire(import.meta.url)(name);
  } catch (cause) {
    const problem = isMissing(cause, name)
      ? `install it with \`npm install ${name}\``
      : `it could not be loaded: ${messageOf(cause)}`;
    throw new ConfigurationError(
      `${user} needs the package ${name}: ${problem}. Bundlers must leave both it and async-cassandra out (external)`,
      { cause },
    );
  }
}

/** Not something that the package itself asks for. */
function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'MODULE_NOT_FOUND' &&
    error.message.includes(`'${name}'`)
  );
}
