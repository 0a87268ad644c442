import { createRequire } from 'node:module';
import { ConfigurationError } from '../errors.js';
import { packageProblem } from '../util/package-problem.js';

/**
 * An optional peer dependency, at its first use: the very module that the application has. `user` is what needs it.
 *
 * @throws ConfigurationError if it is not installed, or cannot be loaded.
 */
export function loadPeer(user: string, name: string): unknown {
  try {
    return createRequire(import.meta.url)(name);
  } catch (cause) {
    const problem = `${user} ${packageProblem(name, cause)}`;
    throw new ConfigurationError(`${problem}. Bundlers must leave both it and async-cassandra out (external)`, {
      cause,
    });
  }
}
