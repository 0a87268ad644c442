import { ClusterCore, type ClusterListener } from '../cluster/cluster-core.js';
import type { ConnectAttempt, LogEntry } from '../cluster/settings.js';
import { PlainTextAuthProvider } from '../connection/auth.js';
import { clusterIsClosed } from '../connection/closed.js';
import type { Unverified } from '../connection/tls-source.js';
import { ConfigurationError, OperationTimedOut } from '../errors.js';
import { rejectSharedFromCaller } from '../execution/caller-stack.js';
import { Executor } from '../execution/executor.js';
import type { MetricsMiddleware } from '../observe/metrics/middleware.js';
import type { UserTypeClass } from '../protocol/codec/user-type.js';
import type { Host } from '../topology/host.js';
import { onAbort, throwIfAborted } from '../util/abort.js';
import {
  anAbortSignal,
  isObject,
  MAX_TIMER_MS,
  milliseconds,
  optionProblems,
  orInfinity,
  showValue,
  type OptionCheck,
  type OptionChecks,
} from '../util/option-checks.js';
import { SharedWork } from '../util/shared-work.js';
import { within, type Limits } from '../util/within.js';
import { AsyncCassandraSession, sessionInternalsOf } from './async-session.js';
import { CallObserver } from './call-observer.js';
import { ClusterEmitter, type ClusterEventListener, type ClusterEventName } from './cluster-events.js';
import type { ClusterHandle, ConnectOptions, ShutdownOptions } from './cluster-handle.js';
import { toClusterSettings } from './cluster-settings.js';
import { writeLog } from './logger.js';
import { Metadata } from './metadata.js';
import { validateClusterOptions, type AsyncClusterOptions, type ResolvedClusterOptions } from './options/index.js';
import type { SessionHome } from './session-home.js';
import { readStatistics, type ClusterStatistics } from './statistics.js';

/** Options of `AsyncCluster.createWithAuth`: the cluster's, and a name with its password. */
export type AuthOptions = AsyncClusterOptions & {
  readonly contactPoints: readonly string[];
  readonly username: string;
  readonly password: string;
};

const CONNECT_OPTION_CHECKS = {
  timeoutMs: orInfinity(milliseconds(0, 'no limit')),
  signal: anAbortSignal,
} as const satisfies { readonly [K in keyof ConnectOptions]-?: OptionCheck };

const SHUTDOWN_OPTION_CHECKS = {
  drainTimeoutMs: orInfinity(milliseconds(0, 'close at once')),
  signal: anAbortSignal,
} as const satisfies { readonly [K in keyof ShutdownOptions]-?: OptionCheck };

const TLS_WARNINGS: Readonly<Record<Unverified, string>> = {
  certificate:
    'TLS certificates are not verified (rejectUnauthorized: false): anybody in between can read and change everything',
  name:
    'TLS: the host name is checked by the given checkServerIdentity alone: if it lets every name pass, so can anybody in ' +
    'between who has a certificate of the same authority',
};

/**
 * A Cassandra cluster: its options, its hosts, the connections that its sessions share. Opens nothing before `connect`.
 *
 * @example
 * await using cluster = new AsyncCluster({ contactPoints: ['127.0.0.1'] });
 * await using session = await cluster.connect('my_keyspace');
 */
export class AsyncCluster implements ClusterHandle<AsyncCassandraSession> {
  readonly #options: ResolvedClusterOptions;
  readonly #emitter = new ClusterEmitter();
  readonly #core: ClusterCore;
  readonly #executor: Executor;
  readonly #observer: CallObserver;
  readonly #sessions = new Set<AsyncCassandraSession>();
  readonly #metadata: Metadata;
  #starting: SharedWork<void> | null = null;
  readonly #toldOfTls = new Set<Unverified>();
  #closing: Promise<void> | null = null;

  /** @throws ConfigurationError naming everything that is wrong with the options. */
  constructor(options: AsyncClusterOptions = {}) {
    const resolved = validateClusterOptions(options);
    this.#options = resolved;
    const listener: ClusterListener = {
      onHost: (change, host) => {
        if (change === 'hostDown') this.#recordHostDown(host);
        this.#emitter.emit(change, host);
      },
      onSchemaChanged: ({ change, target, keyspace, name, arguments: types }) => {
        this.#emitter.emit('schemaChanged', {
          change: change as 'CREATED' | 'UPDATED' | 'DROPPED',
          target,
          keyspace,
          ...(name === undefined ? {} : { name }),
          ...(types === undefined ? {} : { arguments: types }),
        });
      },
      log: (entry) => {
        this.#log(entry);
      },
    };
    const policies = [...new Set([...resolved.profiles.values()].map((profile) => profile.loadBalancingPolicy))];
    const settings = toClusterSettings(resolved, {
      owner: this,
      onConnect: resolved.metrics === null ? null : this.#recordConnect.bind(this, resolved.metrics),
      onUnverified: (what) => {
        this.#warnOfTls(what);
      },
    });
    this.#core = new ClusterCore(settings, policies, listener);
    this.#executor = new Executor(this.#core, resolved.timestampGenerator, {
      onAllHosts: resolved.prepareOnAllHosts,
      onUp: resolved.reprepareOnUp,
    });
    this.#metadata = new Metadata(this.#core);
    this.#observer = new CallObserver({
      metrics: resolved.metrics,
      slowQueryMs: resolved.slowQueryMs,
      log: listener.log,
      cluster: this,
    });
  }

  /** A cluster with user name and password. Throws ConfigurationError as the constructor does. */
  static createWithAuth(options: AuthOptions): AsyncCluster {
    if (!isObject(options)) {
      throw new ConfigurationError(
        `createWithAuth() needs an object with contactPoints, username and password; got ${showValue(options)}`,
      );
    }
    const { username, password, ...rest } = options;
    if ('authProvider' in rest) {
      throw new ConfigurationError('createWithAuth makes the authProvider itself: leave that option out');
    }
    return new AsyncCluster({ ...rest, authProvider: new PlainTextAuthProvider(username, password) });
  }

  /** True from the first call of `shutdown` on. */
  get isClosed(): boolean {
    return this.#closing !== null;
  }

  /** What is known of hosts and schema. See Metadata. */
  get metadata(): Metadata {
    return this.#metadata;
  }

  /** The client's own numbers: connections, requests in flight and in line, limits, totals. Read at this moment. */
  get statistics(): ClusterStatistics {
    return readStatistics(this.#core, this.#executor.preparer.size);
  }

  #log(entry: LogEntry): void {
    const { logger } = this.#options;
    if (logger !== null) writeLog(logger, entry);
    this.#emitter.emit('log', entry);
  }

  // ---- what metrics are told ---------------------------------------------------------------------------------------

  #recordConnect(metrics: MetricsMiddleware, { endpoint, durationMs, succeeded }: ConnectAttempt): void {
    const host = this.#core.hosts.find((known) => known.endpoint === endpoint);
    // An attempt that fails says little of a host that has other connections.
    this.#recordHealth(metrics, endpoint, succeeded || host?.isUp === true, durationMs);
  }

  #recordHostDown(host: Host): void {
    const { metrics } = this.#options;
    // A host that gets no connections is down because the cluster says so: nothing would tell collectors that it is up.
    const isUsed = [...this.#core.poolsOf(host)].length > 0;
    if (metrics !== null && isUsed) this.#recordHealth(metrics, host.endpoint, false, 0);
  }

  #recordHealth(metrics: MetricsMiddleware, endpoint: string, isHealthy: boolean, responseTimeMs: number): void {
    const stats = this.#core.hosts.find((known) => known.endpoint === endpoint)?.stats;
    metrics.recordConnectionHealth({
      host: endpoint,
      isHealthy,
      lastCheck: new Date(),
      responseTimeMs,
      errorCount: stats?.errors ?? 0,
      totalQueries: stats?.requests ?? 0,
    });
  }

  /** Calls `listener` at each such event, until `off`. What it throws is told as an event 'log' and harms nothing. */
  on<K extends ClusterEventName>(name: K, listener: ClusterEventListener<K>): this {
    this.#emitter.on(name, listener);
    return this;
  }

  /** Takes a listener out again; one that is not there is no error. */
  off<K extends ClusterEventName>(name: K, listener: ClusterEventListener<K>): this {
    this.#emitter.off(name, listener);
    return this;
  }

  /**
   * Rows give instances of `cls` for this user-defined type, and instances can be bound. Before or after connect. How
   * instances are made: see UserTypeClass.
   *
   * @throws ConfigurationError unless both names are there and `cls` is a class.
   */
  registerUserType(keyspace: string, typeName: string, cls: UserTypeClass): void {
    this.#core.settings.registry.registerUserType(keyspace, typeName, cls);
  }

  /**
   * A session, in `keyspace` or in the cluster's default one. Calls at the same time share one start-up; after a
   * failure it can be called again.
   *
   * @throws AuthenticationFailed, NoHostAvailable (with each host's cause), ConnectionError, InvalidRequest for an
   * unknown keyspace, OperationTimedOut after `timeoutMs`, ConfigurationError for wrong options.
   */
  async connect(keyspace?: string, options: ConnectOptions = {}): Promise<AsyncCassandraSession> {
    checkOptions('connect()', options, CONNECT_OPTION_CHECKS);
    const { timeoutMs = 0, signal } = options;
    throwIfAborted(signal);
    this.#checkOpen();
    if (keyspace !== undefined && (typeof keyspace !== 'string' || keyspace === '')) {
      throw new ConfigurationError('The keyspace given to connect() must be a name');
    }
    const error = (): Error =>
      new OperationTimedOut(`connect() took longer than its ${String(timeoutMs)} ms`, { timeoutMs });
    const limits = { timeout: { ms: timeoutMs === 0 ? Infinity : timeoutMs, error }, signal };
    const opening = this.#open(keyspace ?? this.#options.keyspace, limits).catch(rejectSharedFromCaller);
    return within(opening, { ...limits, discard: (session) => void session.close() });
  }

  /**
   * All who connect at the same time wait for one start-up. One that everybody had left before this call may have met a
   * node at its worst: if it fails, that is not the word on this call.
   */
  async #start(limits: Limits<void>): Promise<void> {
    const starting = (this.#starting ??= this.#beginStart());
    const { isAbandoned } = starting;
    try {
      await starting.wait(limits);
    } catch (error) {
      if (!isAbandoned || !starting.isOver || this.isClosed) throw error;
      await this.#start(limits);
    }
  }

  #beginStart(): SharedWork<void> {
    const starting = new SharedWork<void>();
    starting.begin(async () => {
      try {
        await this.#core.start();
      } catch (error) {
        this.#starting = null;
        throw error;
      }
    });
    return starting;
  }

  async #open(keyspace: string | null, limits: Limits<void>): Promise<AsyncCassandraSession> {
    this.#options.metrics?.attachCluster(this, (message, error) => {
      this.#log({ level: 'error', message, error });
    });
    await this.#start(limits);
    this.#checkOpen();
    const group = await this.#core.acquire(keyspace);
    if (this.#closing !== null) {
      this.#core.release(group);
      this.#checkOpen();
    }
    const home: SessionHome<AsyncCassandraSession> = {
      cluster: this,
      core: this.#core,
      executor: this.#executor,
      options: this.#options,
      observer: this.#observer,
      isClosed: () => this.#closing !== null,
      onClosed: (session) => this.#sessions.delete(session),
    };
    const session = new AsyncCassandraSession(home, group);
    this.#sessions.add(session);
    return session;
  }

  #warnOfTls(what: Unverified): void {
    if (this.#toldOfTls.has(what)) return;
    this.#toldOfTls.add(what);
    this.#log({ level: 'warn', message: TLS_WARNINGS[what] });
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw clusterIsClosed();
  }

  /**
   * Refuses new requests, lets those under way finish or time out, and closes every socket. Idempotent: the first call's
   * `drainTimeoutMs` counts, and any call's signal. Leaves no timer and no handle behind.
   *
   * @throws ConfigurationError for wrong options, and nothing is closed then; the signal's reason if it is aborted, and
   * everything is closed at once then.
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    checkOptions('shutdown()', options, SHUTDOWN_OPTION_CHECKS);
    const { drainTimeoutMs = 5000, signal } = options;
    this.#closing ??= this.#shutDown(Math.min(drainTimeoutMs, MAX_TIMER_MS));
    const stopListening = onAbort(signal, () => {
      this.#core.endDrain();
    });
    throwIfAborted(signal);
    return within(this.#closing, { signal }).finally(stopListening);
  }

  async #shutDown(drainTimeoutMs: number): Promise<void> {
    for (const session of this.#sessions) sessionInternalsOf(session).onClusterClosed();
    await this.#core.close(drainTimeoutMs);
    this.#options.metrics?.detachCluster(this);
    this.#sessions.clear();
  }

  /** The same as `shutdown`. */
  close(options?: ShutdownOptions): Promise<void> {
    return this.shutdown(options);
  }

  /** `shutdown()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}

function checkOptions(call: string, options: unknown, checks: OptionChecks): void {
  const problems = optionProblems(options, checks, { timeout: 'durations end in Ms, and are in milliseconds' });
  if (problems.length > 0) throw new ConfigurationError(`Options of ${call}: ${problems.join('; ')}`);
}
