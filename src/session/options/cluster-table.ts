import { IdentityAddressTranslator } from '../../policies/address-translator.js';
import { ExponentialReconnectionPolicy } from '../../policies/reconnection.js';
import { AsyncRetryPolicy } from '../../policies/retry.js';
import { DCAwareRoundRobinPolicy } from '../../policies/round-robin.js';
import { NoSpeculativeExecution } from '../../policies/speculative.js';
import { MonotonicTimestampGenerator } from '../../policies/timestamps.js';
import { TokenAwarePolicy } from '../../policies/token-aware.js';
import {
  aBoolean,
  aName,
  anInteger,
  anObject,
  isObject,
  milliseconds,
  mustBe,
  mustBeSecret,
  withMethods,
  type OptionCheck,
} from '../../util/option-checks.js';
import type { AsyncClusterOptions, PoolingOptions } from './cluster-options.js';
import { POLICY_CHECKS } from './profiles.js';

/** An option: what it may be, what it is by default, and what it is for. */
export interface OptionRow<T> {
  readonly check: OptionCheck;
  /** Made anew for each cluster. Undefined: there is no default. */
  readonly byDefault: () => T;
  /** The default, as the documentation shows it. */
  readonly shown: string;
  readonly doc: string;
}

export type OptionTable<O> = { readonly [K in keyof O]-?: OptionRow<O[K]> };

function row<T>(check: OptionCheck, shown: string, byDefault: () => T, doc: string): OptionRow<T> {
  return { check, shown, byDefault, doc };
}

/** A number, a word or a boolean, which shows itself. */
function plain<T extends number | boolean | string>(check: OptionCheck, value: T, doc: string): OptionRow<T> {
  return row(check, typeof value === 'string' ? `'${value}'` : String(value), () => value, doc);
}

function without(check: OptionCheck, doc: string, shown = '–'): OptionRow<undefined> {
  return row(check, shown, () => undefined, doc);
}

const MAX_INTEGER = Number.MAX_SAFE_INTEGER;
/** Stream ids are positive int16s (native protocol v5, section 2.4.1.3). */
const MAX_STREAM_IDS = 32_767;

export const POOLING_TABLE: OptionTable<PoolingOptions> = {
  connectionsPerLocalHost: plain(anInteger(1, 1024), 1, 'Connections to each host of the local datacenter.'),
  connectionsPerRemoteHost: plain(anInteger(1, 1024), 1, 'Connections to each host of other datacenters that is used.'),
  maxRequestsPerConnection: plain(anInteger(1, MAX_STREAM_IDS), 2048, 'Requests under way on one connection.'),
  maxQueuedRequests: plain(
    anInteger(0, MAX_INTEGER),
    10_000,
    'Requests that wait for room on a host; those past it are refused as Overloaded.',
  ),
  queueTimeoutMs: row(
    milliseconds(0, 'as long as the request may take'),
    '–',
    () => 0,
    'How long a request waits for room.',
  ),
};

/** The one place where an option of a cluster is named, defaulted and checked. */
export const CLUSTER_TABLE: OptionTable<AsyncClusterOptions> = {
  contactPoints: row(
    mustBe('an array of at least one host', (value) => Array.isArray(value) && value.length > 0),
    "['127.0.0.1']",
    () => ['127.0.0.1'],
    '`host`, `host:port` or `[v6]:port`. Names are resolved again at each reconnect round.',
  ),
  port: plain(anInteger(1, 65_535), 9042, 'For contact points and peers that name none.'),
  localDatacenter: without(
    aName,
    'The datacenter to work with.',
    'that of the policy or else of the first contact point that answers',
  ),
  keyspace: without(aName, 'Default keyspace of sessions.'),
  authProvider: without(
    mustBeSecret(
      'an AuthProvider, such as new PlainTextAuthProvider(username, password)',
      (value) => isObject(value) && typeof value['initialResponse'] === 'function',
    ),
    'Answers when a server asks for credentials.',
  ),
  tls: row(
    mustBeSecret(
      'true, false, the options of tls.connect or a function that gives them',
      (value) => typeof value === 'boolean' || typeof value === 'function' || isObject(value),
    ),
    'false',
    () => false,
    'true, the options of tls.connect, or a function (it may be async) that is asked for them at each new connection. ' +
      'Certificate and host name are verified unless `rejectUnauthorized: false` turns that off.',
  ),
  loadBalancingPolicy: row(
    POLICY_CHECKS.loadBalancingPolicy,
    'new TokenAwarePolicy(new DCAwareRoundRobinPolicy())',
    () => new TokenAwarePolicy(new DCAwareRoundRobinPolicy()),
    'Which hosts get connections, and in what order they are tried.',
  ),
  retryPolicy: row(
    POLICY_CHECKS.retryPolicy,
    'new AsyncRetryPolicy()',
    () => new AsyncRetryPolicy(),
    'What follows a failed attempt.',
  ),
  reconnectionPolicy: row(
    POLICY_CHECKS.reconnectionPolicy,
    'new ExponentialReconnectionPolicy({ baseDelayMs: 1000, maxDelayMs: 60000 })',
    () => new ExponentialReconnectionPolicy(),
    'How long to wait before a lost host is tried again.',
  ),
  speculativeExecutionPolicy: row(
    POLICY_CHECKS.speculativeExecutionPolicy,
    'none',
    () => new NoSpeculativeExecution(),
    'When one more host is asked though the first has not answered yet. Idempotent statements only.',
  ),
  addressTranslator: row(
    withMethods('an AddressTranslator', 'translate'),
    'identity',
    () => new IdentityAddressTranslator(),
    "Turns a node's own address into the one under which it is reached.",
  ),
  timestampGenerator: row(
    withMethods('a TimestampGenerator', 'next'),
    'monotonic microseconds',
    () => new MonotonicTimestampGenerator(),
    'Gives each write its timestamp.',
  ),
  executionProfiles: row(anObject, '{}', () => ({}), 'Settings of requests by name; `default` holds for all others.'),
  protocolVersion: without(
    mustBe('5, the version that this client speaks', (value) => value === 5),
    'The version of the native protocol.',
    'negotiated',
  ),
  compression: without(
    mustBe("'lz4', the only compression of protocol v5", (value) => value === 'lz4'),
    'Needs the package lz4-napi.',
    'none',
  ),
  values: row(anObject, '{}', () => ({}), 'How values are read: int64, set, map and your own codecs.'),
  connectTimeoutMs: plain(milliseconds(1), 5000, 'For one connection, handshake included.'),
  controlConnectionTimeoutMs: plain(milliseconds(1), 2000, "For each of the control connection's own queries."),
  requestTimeoutMs: plain(
    milliseconds(0, 'no limit'),
    12_000,
    'The whole budget of a request: attempts, retries and speculation together; per page when paging.',
  ),
  idleHeartbeatIntervalMs: plain(milliseconds(0, 'none'), 30_000, 'Silence after which a sign of life is asked for.'),
  heartbeatTimeoutMs: plain(milliseconds(1), 5000, 'How long that sign may take.'),
  maxSchemaAgreementWaitMs: plain(milliseconds(0), 10_000, 'How long a schema change waits for all nodes.'),
  schemaEventRefreshWindowMs: plain(milliseconds(0), 2000, 'Schema events within this time are acted upon once.'),
  topologyEventRefreshWindowMs: plain(milliseconds(0), 10_000, 'The same for topology events.'),
  statusEventRefreshWindowMs: plain(milliseconds(0), 2000, 'The same for status events.'),
  pooling: row(anObject, 'see there', () => ({}), 'Connections to each host, and what waits for them.'),
  prepareOnAllHosts: plain(aBoolean, false, 'Prepare each statement on every host at once.'),
  reprepareOnUp: plain(aBoolean, true, 'Prepare the known statements on a host that comes up.'),
  maxPreparedStatements: plain(anInteger(1, MAX_INTEGER), 1000, 'Least recently used ones go first.'),
  applicationName: without(aName, 'Told to the server in STARTUP.'),
  applicationVersion: without(aName, 'Told to the server in STARTUP.'),
  metrics: without(
    withMethods('a MetricsMiddleware', 'recordQuery', 'recordPage', 'recordConnectionHealth', 'attachCluster'),
    'A MetricsMiddleware: its collectors are told of every execute, batch, prepare, stream and connect.',
  ),
  slowQueryMs: plain(
    milliseconds(0, 'none'),
    0,
    "Requests that take longer are told as event 'log' of level 'warn', with their text but without bound values.",
  ),
  logger: without(
    withMethods('a logger', 'debug', 'info', 'warn', 'error'),
    "A pino logger, or one like it (object, message): is given what the event 'log' tells.",
  ),
};
