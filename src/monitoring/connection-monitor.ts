import { clusterIsClosed, sessionIsClosed } from '../connection/closed.js';
import { AsyncCassandraError, ConfigurationError } from '../errors.js';
import { FallthroughRetryPolicy } from '../policies/retry.js';
import { ConsistencyLevel, PROTOCOL_VERSION } from '../protocol/constants.js';
import { noSuchHost } from '../session/no-such-host.js';
import { validateSignalOptions, type CloseOptions } from '../session/options/index.js';
import type { HostStatistics } from '../session/statistics.js';
import type { Host } from '../topology/host.js';
import { throwIfAborted } from '../util/abort.js';
import { callHook } from '../util/hook-outcome.js';
import {
  aFunction,
  isObject,
  milliseconds,
  optionProblems,
  withMethods,
  type OptionChecks,
} from '../util/option-checks.js';
import { messageOf } from '../util/thrown.js';
import { within } from '../util/within.js';
import { appMetricsOf } from './app-metrics.js';
import {
  HOST_STATUS_DOWN,
  HOST_STATUS_UNKNOWN,
  HOST_STATUS_UP,
  type ClusterMetrics,
  type ConnectionSummary,
  type HostMetrics,
  type HostStatus,
} from './health.js';
import { withoutLimit } from './rate-limited-session.js';
import type { SessionSurface } from './session-surface.js';

/** Told of each look at the cluster. Nobody waits for it. */
export type MonitorCallback = (metrics: ClusterMetrics) => unknown;

/** Limits of a look at the hosts. */
export interface ConnectionMonitorOptions {
  /** How long a host may take to answer a probe, and collectors to give their numbers, in ms. Default 5000. */
  readonly probeTimeoutMs?: number | undefined;
  /**
   * Told when a callback throws or rejects. Default: a warning of the process, once for each callback; the same if this
   * function itself fails.
   */
  readonly onCallbackError?: ((error: unknown) => void) | undefined;
}

/** Options of one look. */
export interface CheckOptions {
  /** Ends the look early: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How often `startMonitoring` looks. */
export interface MonitoringOptions {
  /** From the end of one look to the beginning of the next, in milliseconds. Default 60000. */
  readonly intervalMs?: number | undefined;
}

const aSession = withMethods('a session', 'execute');
const PROBE = 'SELECT release_version FROM system.local';
const DEFAULT_PROBE_TIMEOUT_MS = 5000;
const DEFAULT_INTERVAL_MS = 60_000;
/** A probe tells of one attempt at one host. */
const NO_RETRIES = new FallthroughRetryPolicy();
const CHECKS: OptionChecks = { probeTimeoutMs: milliseconds(1), onCallbackError: aFunction };
const MONITORING_CHECKS: OptionChecks = { intervalMs: milliseconds(1) };

/**
 * Looks at the hosts of a session's cluster: each is asked itself, all at the same time, each with a deadline. Given a
 * RateLimitedSession it asks past the limit: what is asked is how the hosts do, not how long the line is.
 */
export class ConnectionMonitor implements AsyncDisposable {
  readonly #session: SessionSurface;
  readonly #probeTimeoutMs: number;
  readonly #onCallbackError: ((error: unknown) => void) | null;
  readonly #callbacks = new Set<MonitorCallback>();
  /** Functions of the user's whose failure the process was warned of. */
  readonly #warned = new WeakSet<object>();
  #running: { readonly stop: AbortController; readonly done: Promise<void> } | null = null;

  /** @throws ConfigurationError for wrong options, or something that is no session. */
  constructor(session: SessionSurface, options: ConnectionMonitorOptions = {}) {
    const isSession = aSession(session) === null && isObject(session.cluster);
    if (!isSession)
      throw new ConfigurationError('ConnectionMonitor needs a session of cluster.connect(), or one around it');
    const problems = optionProblems(options, CHECKS);
    if (problems.length > 0) throw new ConfigurationError(`ConnectionMonitor: ${problems.join('; ')}`);
    this.#session = withoutLimit(session);
    this.#probeTimeoutMs = options.probeTimeoutMs ?? DEFAULT_PROBE_TIMEOUT_MS;
    this.#onCallbackError = options.onCallbackError ?? null;
  }

  /** True between startMonitoring and stopMonitoring, unless the session was closed meanwhile. */
  get isMonitoring(): boolean {
    return this.#running !== null;
  }

  /** Told of each look that monitoring takes. Returns a function that takes the callback off again. */
  addCallback(callback: MonitorCallback): () => void {
    const given: unknown = callback;
    if (typeof given !== 'function') throw new ConfigurationError('addCallback() needs a function');
    this.#callbacks.add(callback);
    return () => {
      this.#callbacks.delete(callback);
    };
  }

  /**
   * Asks this host, by its Host or as 'address:port', and no other. That it does not answer is a finding, not an error.
   *
   * @throws ConfigurationError if the cluster has no such host, ConnectionError if the session is closed, the signal's
   * reason.
   */
  async checkHostHealth(host: Host | string, options: CheckOptions = {}): Promise<HostMetrics> {
    this.#checkOpen();
    const known = this.#find(host);
    const begun = performance.now();
    try {
      await this.#session.execute(PROBE, undefined, {
        host: known,
        timeoutMs: this.#probeTimeoutMs,
        consistencyLevel: ConsistencyLevel.ONE,
        retryPolicy: NO_RETRIES,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
      return this.#describe(known, HOST_STATUS_UP, performance.now() - begun, null);
    } catch (error) {
      throwIfAborted(options.signal);
      this.#checkOpen();
      return this.#describe(known, this.#statusAfter(known, error), null, messageOf(error));
    }
  }

  /** Asks every host, all at the same time. */
  async getClusterMetrics(options: CheckOptions = {}): Promise<ClusterMetrics> {
    this.#checkOpen();
    const { cluster } = this.#session;
    const [appMetrics, ...hosts] = await Promise.all([
      appMetricsOf(this.#session, this.#probeTimeoutMs, options.signal),
      ...cluster.metadata.hosts.map((host) => this.checkHostHealth(host, options)),
    ]);
    const count = (status: HostStatus): number => hosts.filter((host) => host.status === status).length;
    return {
      timestamp: new Date(),
      clusterName: cluster.metadata.clusterName,
      protocolVersion: PROTOCOL_VERSION,
      hosts,
      totalConnections: hosts.reduce((sum, { connectionCount }) => sum + connectionCount, 0),
      healthyHosts: count(HOST_STATUS_UP),
      unhealthyHosts: count(HOST_STATUS_DOWN),
      appMetrics,
    };
  }

  /**
   * Sends one request over a connection to each host that the load balancing policy uses, all at the same time, so that
   * later requests find connections open and routes warm. Hosts that do not answer are no error: the result tells.
   */
  async warmupConnections(options: CheckOptions = {}): Promise<readonly HostMetrics[]> {
    this.#checkOpen();
    return Promise.all(this.#session.cluster.metadata.hosts.map((host) => this.checkHostHealth(host, options)));
  }

  /**
   * Looks at the cluster now and then every `intervalMs`, and tells the callbacks. Does nothing if it is doing so
   * already. Does not keep the process alive; ends by itself when the session is closed.
   */
  startMonitoring(options: MonitoringOptions = {}): void {
    const problems = optionProblems(options, MONITORING_CHECKS);
    if (problems.length > 0) throw new ConfigurationError(`startMonitoring: ${problems.join('; ')}`);
    this.#checkOpen();
    if (this.#running !== null) return;
    const stop = new AbortController();
    const done = this.#watch(options.intervalMs ?? DEFAULT_INTERVAL_MS, stop.signal).finally(() => {
      if (this.#running?.stop === stop) this.#running = null;
    });
    this.#running = { stop, done };
  }

  /** Ends it: a look under way is given up, and no callback is called any more. Idempotent. */
  async stopMonitoring(options: CloseOptions = {}): Promise<void> {
    validateSignalOptions(options, 'stopMonitoring()');
    const running = this.#running;
    this.#running = null;
    running?.stop.abort();
    throwIfAborted(options.signal);
    if (running !== null) await within(running.done, options);
  }

  /** `stopMonitoring()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopMonitoring();
  }

  /** What the client knows now, without asking anybody. */
  getConnectionSummary(): ConnectionSummary {
    const { hosts, maxRequestsPerConnection } = this.#session.cluster.statistics;
    const upHosts = hosts.filter(({ host }) => host.isUp).length;
    return {
      totalHosts: hosts.length,
      upHosts,
      downHosts: hosts.length - upHosts,
      protocolVersion: PROTOCOL_VERSION,
      openConnections: hosts.reduce((sum, { openConnections }) => sum + openConnections, 0),
      inFlight: hosts.reduce((sum, { inFlight }) => sum + inFlight, 0),
      maxRequestsPerConnection,
    };
  }

  #checkOpen(): void {
    if (this.#session.cluster.isClosed) throw clusterIsClosed();
    if (this.#session.isClosed) throw sessionIsClosed();
  }

  #find(host: Host | string): Host {
    const { metadata } = this.#session.cluster;
    const found =
      typeof host === 'string' ? metadata.getHost(host) : metadata.hosts.find((candidate) => candidate.id === host.id);
    if (found !== undefined) return found;
    throw noSuchHost(host, metadata.hosts);
  }

  /** A host that the client has no connection to and that nothing failed with is one that the policy leaves out. */
  #statusAfter(host: Host, error: unknown): HostStatus {
    const isLeftOut = host.isUp && this.#numbersOf(host)?.openConnections === 0 && !hasCause(error, host);
    return isLeftOut ? HOST_STATUS_UNKNOWN : HOST_STATUS_DOWN;
  }

  #numbersOf(host: Host): HostStatistics | undefined {
    return this.#session.cluster.statistics.hosts.find((one) => one.host.id === host.id);
  }

  #describe(host: Host, status: HostStatus, latencyMs: number | null, lastError: string | null): HostMetrics {
    const { address, port, datacenter, rack, releaseVersion } = host;
    const numbers = this.#numbersOf(host);
    return {
      address,
      port,
      datacenter,
      rack,
      status,
      releaseVersion,
      connectionCount: numbers?.openConnections ?? 0,
      inFlight: numbers?.inFlight ?? 0,
      latencyMs,
      lastError,
      lastCheck: new Date(),
    };
  }

  async #watch(intervalMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#session.isClosed) {
      try {
        const metrics = await this.getClusterMetrics({ signal });
        this.#tell(metrics, signal);
      } catch {
        // Stopped or closed, which the loop's condition sees: that hosts do not answer is no error here.
      }
      await pause(intervalMs, signal);
    }
  }

  #tell(metrics: ClusterMetrics, signal: AbortSignal): void {
    for (const callback of [...this.#callbacks]) {
      if (signal.aborted) return;
      // Async, so that a callback which throws at once is one that rejects.
      const called = (async (): Promise<unknown> => callback(metrics))();
      called.catch((error: unknown) => {
        this.#report(callback, error);
      });
    }
  }

  #report(callback: MonitorCallback, error: unknown): void {
    const onCallbackError = this.#onCallbackError;
    if (onCallbackError === null) {
      this.#warn(callback, `A callback of a ConnectionMonitor failed: ${messageOf(error)}`);
      return;
    }
    const onFailure = (failure: unknown): void => {
      this.#warn(onCallbackError, `The onCallbackError of a ConnectionMonitor failed: ${messageOf(failure)}`);
    };
    callHook(onCallbackError, onFailure, error);
  }

  /** Once for each function: it would fail at every look. */
  #warn(about: object, text: string): void {
    if (this.#warned.has(about)) return;
    this.#warned.add(about);
    process.emitWarning(text, 'AsyncCassandraWarning');
  }
}

/** True if the error tells what went wrong with this very host. */
function hasCause(error: unknown, host: Host): boolean {
  if (!(error instanceof AsyncCassandraError)) return false;
  const errors = (error as { readonly errors?: unknown }).errors;
  return !(errors instanceof Map) || errors.has(host.endpoint);
}

/** Resolves after the time, or when the signal is aborted. Keeps no process alive. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    timer.unref();
    signal.addEventListener('abort', end);
  });
}
