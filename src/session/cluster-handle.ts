import type { UserTypeClass } from '../protocol/codec/user-type.js';
import type { ClusterEventListener, ClusterEventName } from './cluster-events.js';
import type { Metadata } from './metadata.js';
import type { ClusterStatistics } from './statistics.js';

/** Options of `connect`. */
export interface ConnectOptions {
  /** For the whole of it, in milliseconds; 0 or Infinity for no limit but connectTimeoutMs for each host. */
  readonly timeoutMs?: number | undefined;
  /** Aborts the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `shutdown`. */
export interface ShutdownOptions {
  /** How long requests under way may take to finish, in milliseconds; Infinity for no limit but their own. Default 5000. */
  readonly drainTimeoutMs?: number | undefined;
  /**
   * Ends the wait for requests under way: they fail, every connection is closed at once, and the call rejects with the
   * signal's reason.
   */
  readonly signal?: AbortSignal | undefined;
}

/** A cluster as its sessions (of class S) know it; AsyncCluster is the one. */
export interface ClusterHandle<S> extends AsyncDisposable {
  /** True from the first call of `shutdown` on. */
  readonly isClosed: boolean;
  /** What is known of hosts and schema. */
  readonly metadata: Metadata;
  /** Numbers of this moment; a new object each time. */
  readonly statistics: ClusterStatistics;
  /** A session, in the keyspace if one is given. */
  connect(keyspace?: string, options?: ConnectOptions): Promise<S>;
  /** Refuses new requests, waits for those under way, closes the sockets. Idempotent. */
  shutdown(options?: ShutdownOptions): Promise<void>;
  /** The same as `shutdown`. */
  close(options?: ShutdownOptions): Promise<void>;
  /** Rows give instances of `cls` for values of the user type; instances bind. */
  registerUserType(keyspace: string, typeName: string, cls: UserTypeClass): void;
  /** Calls `listener` at each such event, until `off`. */
  on<K extends ClusterEventName>(name: K, listener: ClusterEventListener<K>): this;
  /** Takes a listener out again. */
  off<K extends ClusterEventName>(name: K, listener: ClusterEventListener<K>): this;
}
