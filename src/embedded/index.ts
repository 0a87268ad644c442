/** `async-cassandra/embedded`: a real Apache Cassandra for tests and tours, without Docker. */

import { fetchedArtifacts, unpackedArtifacts } from './artifacts.js';
import { LocalCassandra } from './cluster.js';
import { useRunningCluster } from './running-cluster.js';
import { findJdk } from './jdk.js';
import { resolveOptions, type EmbeddedOptions } from './options.js';
import type { EmbeddedCassandra } from './types.js';

export type { EmbeddedOptions } from './options.js';
export type { AddNodeOptions, CassandraNode, EmbeddedCassandra, EmbeddedTls, StartNodeOptions } from './types.js';

/**
 * Starts Apache Cassandra and resolves when it answers.
 *
 * The artifacts are fetched once by Maven into `$ASYNC_CASSANDRA_CACHE`, by default `~/.cache/async-cassandra`;
 * `CASSANDRA_HOME` names an unpacked Cassandra to run instead. `CASSANDRA_CONTACT_POINTS` names a running cluster to
 * use (with `CASSANDRA_PORT` for those without a port, and `CASSANDRA_LOCAL_DC`): then nothing is started, and options
 * that describe nodes do not apply. The nodes end with this process at the latest, however it ends.
 *
 * @throws ConfigurationError for unknown or wrong options, for a `directory` that cannot be used or that another process
 *   (or this one) uses, and when no Java, no Maven or no such version is found.
 * @throws ConnectionError when a node does not get ready: its last log lines are in the message, and the log stays.
 */
export async function startCassandra(options: EmbeddedOptions = {}): Promise<EmbeddedCassandra> {
  const resolved = resolveOptions(options);
  resolved.signal?.throwIfAborted();
  const { env } = process;
  const running = env['CASSANDRA_CONTACT_POINTS'];
  if (running !== undefined && running.trim() !== '') return useRunningCluster(running, env, resolved);
  const home = env['CASSANDRA_HOME'];
  const fetching = { env, log: (line: string) => resolved.log?.(line, ''), signal: resolved.signal };
  const unpacked = home === undefined || home === '' ? undefined : unpackedArtifacts(home, resolved.askedVersion);
  // Java first: it is found out in a moment, and fetching for nothing takes longer.
  const jdk = await findJdk(unpacked?.version ?? resolved.version);
  const artifacts = unpacked ?? (await fetchedArtifacts(resolved.version, fetching));
  return LocalCassandra.start(resolved, artifacts, jdk);
}
