import type { ClusterCore } from '../cluster/cluster-core.js';
import type { Executor } from '../execution/executor.js';
import type { AsyncCluster } from './async-cluster.js';
import type { AsyncCassandraSession } from './async-session.js';
import type { ResolvedClusterOptions } from './options/index.js';

/** What a session has of its cluster. */
export interface SessionHome {
  readonly cluster: AsyncCluster;
  readonly core: ClusterCore;
  readonly executor: Executor;
  readonly options: ResolvedClusterOptions;
  readonly isClosed: () => boolean;
  readonly onClosed: (session: AsyncCassandraSession) => void;
}
