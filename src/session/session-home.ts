import type { ClusterCore } from '../cluster/cluster-core.js';
import type { Executor } from '../execution/executor.js';
import type { CallObserver } from './call-observer.js';
import type { ClusterHandle } from './cluster-handle.js';
import type { ResolvedClusterOptions } from './options/index.js';

/** What a session (of class S) has of its cluster. */
export interface SessionHome<S> {
  readonly cluster: ClusterHandle<S>;
  readonly core: ClusterCore;
  readonly executor: Executor;
  readonly options: ResolvedClusterOptions;
  readonly observer: CallObserver;
  readonly isClosed: () => boolean;
  readonly onClosed: (session: S) => void;
}
