import type { ClusterEventListener, ClusterEventName } from './cluster-events.js';
import type { Metadata } from './metadata.js';
import type { ClusterStatistics } from './statistics.js';

export interface ConnectOptions {
  /** For the whole of it; 0 for no limit but connectTimeoutMs for each host. */
  readonly timeoutMs?: number | undefined;
  /** Aborts the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface ShutdownOptions {
  /** How long requests under way may take to finish. Default 5000. */
  readonly drainTimeoutMs?: number | undefined;
}

/** A cluster as its sessions (of class S) know it; AsyncCluster is the one. */
export interface ClusterHandle<S> extends AsyncDisposable {
  readonly isClosed: boolean;
  readonly metadata: Metadata;
  readonly statistics: ClusterStatistics;
  connect(keyspace?: string, options?: ConnectOptions): Promise<S>;
  shutdown(options?: ShutdownOptions): Promise<void>;
  close(options?: ShutdownOptions): Promise<void>;
  registerUserType(keyspace: string, typeName: string, cls: new () => object): void;
  on<K extends ClusterEventName>(name: K, listener: ClusterEventListener<K>): this;
  off<K extends ClusterEventName>(name: K, listener: ClusterEventListener<K>): this;
}
