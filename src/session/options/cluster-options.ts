import type { AuthProvider } from '../../connection/auth.js';
import type { TlsSource } from '../../connection/tls-source.js';
import type { MetricsMiddleware } from '../../observe/metrics/middleware.js';
import type { AddressTranslator } from '../../policies/address-translator.js';
import type { LoadBalancingPolicy } from '../../policies/load-balancing.js';
import type { ReconnectionPolicy } from '../../policies/reconnection.js';
import type { RetryPolicy } from '../../policies/retry.js';
import type { SpeculativeExecutionPolicy } from '../../policies/speculative.js';
import type { TimestampGenerator } from '../../policies/timestamps.js';
import type { ValueOptions } from '../../protocol/codec/registry.js';
import type { ClusterLogger } from '../logger.js';
import type { ExecutionProfileOptions } from './profiles.js';

/** Connections to each host, and what waits for them. */
export interface PoolingOptions {
  /** To each host of the local datacenter. Default 1. */
  readonly connectionsPerLocalHost?: number | undefined;
  /** To each host of other datacenters, if the load balancing policy uses any. Default 1. */
  readonly connectionsPerRemoteHost?: number | undefined;
  /** Requests under way on one connection, up to 32767. Default 2048. */
  readonly maxRequestsPerConnection?: number | undefined;
  /** Requests that wait for room on a host's connections; those past it are refused as Overloaded. Default 10000. */
  readonly maxQueuedRequests?: number | undefined;
  /** How long a request waits for room, in milliseconds; 0 or none: as long as its own deadline allows. */
  readonly queueTimeoutMs?: number | undefined;
}

/** The options of a cluster. Durations are in milliseconds. */
export interface AsyncClusterOptions {
  /** `host`, `host:port` or `[v6]:port`. Names are resolved again at each reconnect round. Default ['127.0.0.1']. */
  readonly contactPoints?: readonly string[] | undefined;
  /** For contact points and peers that name none. Default 9042. */
  readonly port?: number | undefined;
  /** Default: the one that `loadBalancingPolicy` names, else that of the first contact point that answers. */
  readonly localDatacenter?: string | undefined;
  /** Default keyspace of sessions. */
  readonly keyspace?: string | undefined;
  /** Such as `new PlainTextAuthProvider(username, password)`. */
  readonly authProvider?: AuthProvider | undefined;
  /**
   * True, the options of tls.connect, or a function that gives them, or a promise of them, anew for each connection
   * (certificates that are rotated; open connections stay). Certificate and host name are verified unless
   * `rejectUnauthorized: false` turns that off. Default false.
   */
  readonly tls?: boolean | TlsSource | undefined;
  /** Default `new TokenAwarePolicy(new DCAwareRoundRobinPolicy())`. */
  readonly loadBalancingPolicy?: LoadBalancingPolicy | undefined;
  /** Default `new AsyncRetryPolicy()`. */
  readonly retryPolicy?: RetryPolicy | undefined;
  /** Default `new ExponentialReconnectionPolicy({ baseDelayMs: 1000, maxDelayMs: 60000 })`. */
  readonly reconnectionPolicy?: ReconnectionPolicy | undefined;
  /** For idempotent statements only. Default: none. */
  readonly speculativeExecutionPolicy?: SpeculativeExecutionPolicy | undefined;
  /** Default: every node is reached under the address that it names. */
  readonly addressTranslator?: AddressTranslator | undefined;
  /** Default: the client's clock in microseconds, made monotonic. */
  readonly timestampGenerator?: TimestampGenerator | undefined;
  /** Settings of requests by name; `default` holds for all that name no other. */
  readonly executionProfiles?: Readonly<Record<string, ExecutionProfileOptions>> | undefined;
  /** 5 is the only version that this client speaks. */
  readonly protocolVersion?: number | undefined;
  /** Needs the package lz4-napi. Default: none. */
  readonly compression?: 'lz4' | undefined;
  /** How values are read, and your own codecs. */
  readonly values?: ValueOptions | undefined;
  /** For one connection, handshake included. Default 5000. */
  readonly connectTimeoutMs?: number | undefined;
  /** For each of the control connection's own queries. Default 2000. */
  readonly controlConnectionTimeoutMs?: number | undefined;
  /** The whole budget of a request: attempts, retries and speculation; per page when paging. 0: none. Default 12000. */
  readonly requestTimeoutMs?: number | undefined;
  /** How long a connection may be silent before it is asked for a sign of life. Default 30000. */
  readonly idleHeartbeatIntervalMs?: number | undefined;
  /** How long that sign may take. Default 5000. */
  readonly heartbeatTimeoutMs?: number | undefined;
  /** How long a schema change waits for all nodes to know of it. Default 10000. */
  readonly maxSchemaAgreementWaitMs?: number | undefined;
  /** Schema events within this time are acted upon once. Default 2000. */
  readonly schemaEventRefreshWindowMs?: number | undefined;
  /** Topology events within this time are acted upon once. Default 10000. */
  readonly topologyEventRefreshWindowMs?: number | undefined;
  /** Status events within this time are acted upon once. Default 2000. */
  readonly statusEventRefreshWindowMs?: number | undefined;
  /** Sizes of pools and queues. See PoolingOptions. */
  readonly pooling?: PoolingOptions | undefined;
  /** Prepare each statement on every host at once, not on each when it is first needed there. Default false. */
  readonly prepareOnAllHosts?: boolean | undefined;
  /** Prepare the known statements on a host that comes up. Default true. */
  readonly reprepareOnUp?: boolean | undefined;
  /** How many prepared statements are kept, the least recently used thrown out first. Default 1000. */
  readonly maxPreparedStatements?: number | undefined;
  /** Told to the server, which shows it in system_views.clients. */
  readonly applicationName?: string | undefined;
  /** Sent to servers, which show it in system_views.clients. */
  readonly applicationVersion?: string | undefined;
  /** A MetricsMiddleware, from `createMetricsSystem` or of your own. */
  readonly metrics?: MetricsMiddleware | undefined;
  /** Requests that take longer, in ms, are told as event 'log' of level 'warn', without bound values. 0: none. */
  readonly slowQueryMs?: number | undefined;
  /** A pino logger, or one like it: is given what the event 'log' tells. */
  readonly logger?: ClusterLogger | undefined;
}
