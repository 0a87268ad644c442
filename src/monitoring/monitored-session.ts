import { AsyncCluster } from '../session/async-cluster.js';
import type { AsyncCassandraSession } from '../session/async-session.js';
import { validateSignalOptions, type AsyncClusterOptions, type CloseOptions } from '../session/options/index.js';
import { ConnectionMonitor } from './connection-monitor.js';
import { RateLimitedSession } from './rate-limited-session.js';

/** Options of the cluster, and what the session and its monitor take. */
export interface MonitoredSessionOptions extends AsyncClusterOptions {
  /** Requests under way at the same time; the session is a RateLimitedSession then. Default: no limit. */
  readonly maxConcurrent?: number | undefined;
  /** Whether each host is sent a request before the session is handed out. Default true. */
  readonly warmup?: boolean | undefined;
  /** Aborts the call: it rejects with the signal's reason, and nothing is left open. No concern of the session's after. */
  readonly signal?: AbortSignal | undefined;
}

/** A session with everything around it. */
export interface MonitoredSession<S> extends AsyncDisposable {
  /** The connected session, limited if `maxConcurrent` was given. */
  readonly session: S;
  /** Not started: call its startMonitoring for looks at intervals. */
  readonly monitor: ConnectionMonitor;
  /** The session's cluster. */
  readonly cluster: AsyncCluster;
  /**
   * Stops the monitor, lets requests under way finish, closes session and cluster. Idempotent. An abort closes
   * everything at once, and rejects with the signal's reason.
   */
  close(options?: CloseOptions): Promise<void>;
}

/**
 * Connects, and makes a monitor for the session.
 *
 * @throws what the AsyncCluster's constructor and its connect throw, the signal's reason if it is aborted; nothing is left open then.
 */
export function createMonitoredSession(
  options: MonitoredSessionOptions & { readonly maxConcurrent: number },
): Promise<MonitoredSession<RateLimitedSession>>;
/** Without `maxConcurrent`, the session is a plain one. */
export function createMonitoredSession(
  options?: MonitoredSessionOptions & { readonly maxConcurrent?: undefined },
): Promise<MonitoredSession<AsyncCassandraSession>>;
/** With a `maxConcurrent` that may be undefined, the session is one or the other. */
export function createMonitoredSession(
  options?: MonitoredSessionOptions,
): Promise<MonitoredSession<AsyncCassandraSession | RateLimitedSession>>;
export async function createMonitoredSession(
  options: MonitoredSessionOptions = {},
): Promise<MonitoredSession<AsyncCassandraSession | RateLimitedSession>> {
  const { maxConcurrent, warmup = true, signal, ...clusterOptions } = options;
  const cluster = new AsyncCluster(clusterOptions);
  try {
    const inner = await cluster.connect(undefined, { signal });
    const session = maxConcurrent === undefined ? inner : new RateLimitedSession(inner, { maxConcurrent });
    const monitor = new ConnectionMonitor(inner);
    if (warmup) await monitor.warmupConnections({ signal });
    const close = async (ending: CloseOptions = {}): Promise<void> => {
      validateSignalOptions(ending, 'close()');
      await monitor.stopMonitoring();
      await cluster.shutdown(ending).finally(() => session.close());
    };
    return { session, monitor, cluster, close, [Symbol.asyncDispose]: () => close() };
  } catch (error) {
    await cluster.shutdown({ drainTimeoutMs: 0 });
    throw error;
  }
}
