/** The one text for machines that cannot fetch or run Cassandra as they are. */

import { ConfigurationError } from '../errors.js';

/** `problem` says what is missing; the text goes on with everything that would help. */
export function cannotRun(problem: string, java: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(
    `${problem}. Three ways out: ` +
      `install JDK ${java} and Maven (the artifacts are then fetched once); ` +
      `or unpack a Cassandra and name its folder in CASSANDRA_HOME (a JDK is still needed to run it); ` +
      'or name a running cluster in CASSANDRA_CONTACT_POINTS (host[:port],… with its datacenter in CASSANDRA_LOCAL_DC)',
    cause === undefined ? undefined : { cause },
  );
}
