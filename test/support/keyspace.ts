import { AsyncCluster, type AsyncCassandraSession, type AsyncClusterOptions } from '../../src/index.js';
import { sharedNode } from './nodes.js';

export interface Workspace {
  readonly cluster: AsyncCluster;
  readonly session: AsyncCassandraSession;
  readonly keyspace: string;
  readonly options: AsyncClusterOptions;
  close(): Promise<void>;
}

export interface WorkspaceOptions {
  readonly version?: string;
  readonly options?: AsyncClusterOptions;
}

/** A keyspace of its own for one test file, with a session in it; `close` drops it. */
export async function openWorkspace(keyspace: string, settings: WorkspaceOptions = {}): Promise<Workspace> {
  const options: AsyncClusterOptions = { ...sharedNode(settings.version), ...settings.options };
  const cluster = new AsyncCluster(options);
  const session = await cluster.connect();
  const quoted = `"${keyspace}"`;
  // Dropping takes a flush of every table.
  const slow = { timeoutMs: 60_000 };
  await session.execute(`DROP KEYSPACE IF EXISTS ${quoted}`, undefined, slow);
  await session.execute(
    `CREATE KEYSPACE ${quoted} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
    undefined,
    slow,
  );
  await session.setKeyspace(keyspace);
  return {
    cluster,
    session,
    keyspace,
    options,
    close: async () => {
      await session.execute(`DROP KEYSPACE IF EXISTS ${quoted}`, undefined, slow);
      await cluster.shutdown();
    },
  };
}
