/** The public API: everything that `async-cassandra` exports, by name. */

export {
  AlreadyExists,
  AsyncCassandraError,
  AuthenticationFailed,
  CasWriteUnknown,
  CdcWriteFailure,
  ConfigurationError,
  ConfigurationException,
  ConnectionClosed,
  ConnectionError,
  FunctionFailure,
  InvalidParameter,
  InvalidRequest,
  IsBootstrapping,
  NoHostAvailable,
  OperationTimedOut,
  Overloaded,
  ProtocolError,
  QueryError,
  ReadFailure,
  ReadTimeout,
  ServerError,
  SyntaxException,
  TruncateError,
  Unauthorized,
  Unavailable,
  WriteFailure,
  WriteTimeout,
  type ErrorFacts,
  type FailuresByHost,
  type ReplicaFacts,
  type ServerErrorFacts,
} from './errors.js';

export { AsyncCluster, type AuthOptions } from './session/async-cluster.js';
export type { ClusterHandle, ConnectOptions, ShutdownOptions } from './session/cluster-handle.js';
export { AsyncCassandraSession, type PrepareOptions, type Statement } from './session/async-session.js';
export type { ClusterLogger } from './session/logger.js';
export type {
  ClusterEventListener,
  ClusterEventName,
  ClusterEvents,
  SchemaChangedEvent,
} from './session/cluster-events.js';
export type { ConcurrentError, ConcurrentOptions, ConcurrentSummary } from './session/concurrent.js';
export type { Metadata, MetadataOptions } from './session/metadata.js';
export type {
  AsyncClusterOptions,
  CloseOptions,
  ExecuteOptions,
  ExecutionProfileOptions,
  PoolingOptions,
  SetKeyspaceOptions,
} from './session/options/index.js';
export type { ClusterStatistics, HostStatistics } from './session/statistics.js';
export type { ConnectionErrorKind, Counters } from './observe/counters.js';
export {
  InMemoryMetricsCollector,
  type InMemoryMetricsOptions,
  type InMemoryStats,
} from './observe/metrics/in-memory.js';
export { MetricsMiddleware } from './observe/metrics/middleware.js';
export { createMetricsSystem, type MetricsSystemOptions } from './observe/metrics/system.js';
export type {
  ConnectionMetrics,
  MetricsCollector,
  ObservedCluster,
  ObservedHost,
  ObservedStatistics,
  ObservedTotals,
  PageMetrics,
  QueryMetrics,
  QueryType,
} from './observe/metrics/types.js';
export type { TracedAttempt, TracedConnect, TracedOperation, TracedPrepare, TracedRequest } from './observe/tracing.js';
export type { LogEntry } from './cluster/settings.js';

export { ConnectionMonitor } from './monitoring/connection-monitor.js';
export type {
  CheckOptions,
  ConnectionMonitorOptions,
  MonitorCallback,
  MonitoringOptions,
} from './monitoring/connection-monitor.js';
export {
  HOST_STATUS_DOWN,
  HOST_STATUS_UNKNOWN,
  HOST_STATUS_UP,
  type ClusterMetrics,
  type ConnectionSummary,
  type HostMetrics,
  type HostStatus,
} from './monitoring/health.js';
export {
  createMonitoredSession,
  type MonitoredSession,
  type MonitoredSessionOptions,
} from './monitoring/monitored-session.js';
export { RateLimitedSession } from './monitoring/rate-limited-session.js';
export type { RateLimitMetrics, RateLimitOptions } from './monitoring/request-limiter.js';
export type { SessionSurface } from './monitoring/session-surface.js';

export { BatchStatement, type BatchStatementOptions } from './statement/batch-statement.js';
export { BoundStatement } from './statement/bound-statement.js';
export { PreparedStatement, type PreparedColumn, type PreparedParameter } from './statement/prepared-statement.js';
export { SimpleStatement, type SimpleStatementOptions } from './statement/simple-statement.js';
export type { CustomPayload, StatementOptions } from './statement/statement-options.js';
export type { Parameters } from './protocol/codec/bind-plan.js';
export { BatchType, ConsistencyLevel } from './protocol/constants.js';

export { AsyncResultSet, type Row } from './result/result-set.js';
export { AsyncStreamingResultSet } from './result/streaming-result-set.js';
export type { ColumnDefinition } from './result/column.js';
export type { ExecutionInfo } from './result/execution-info.js';
export type { QueryTrace, QueryTraceEvent, TraceOptions } from './result/query-trace.js';
export type { StreamConfig } from './result/stream-config.js';

export { Decimal } from './values/decimal.js';
export { CqlDuration } from './values/duration.js';
export { uuid } from './values/uuid.js';
export { maxTimeuuid, minTimeuuid, timeuuid, timeuuidDate } from './values/timeuuid.js';
export type { MapForm, SetForm } from './protocol/codec/collections.js';
export type { Int64Form } from './protocol/codec/numbers.js';
export type { ValueOptions } from './protocol/codec/registry.js';
export type { RowMode } from './protocol/codec/row-plan.js';
export type { CqlCodec } from './protocol/codec/user-codec.js';
export type { UserTypeClass } from './protocol/codec/user-type.js';

export { PlainTextAuthProvider, type AuthContext, type AuthProvider } from './connection/auth.js';
export type { TlsSource } from './connection/tls-source.js';
export type { Host } from './topology/host.js';
export { AggregateMetadata } from './topology/schema/aggregate-metadata.js';
export type { ColumnKind, ColumnMask, ColumnMetadata } from './topology/schema/column-metadata.js';
export { FunctionMetadata } from './topology/schema/function-metadata.js';
export { IndexMetadata } from './topology/schema/index-metadata.js';
export { KeyspaceMetadata } from './topology/schema/keyspace-metadata.js';
export type { ClusteringOrder } from './topology/schema/primary-key.js';
export { TableMetadata } from './topology/schema/table-metadata.js';
export type { TableOptions } from './topology/schema/table-options.js';
export { TriggerMetadata } from './topology/schema/trigger-metadata.js';
export { UserTypeMetadata, type UserTypeField } from './topology/schema/user-type-metadata.js';
export { MaterializedViewMetadata } from './topology/schema/view-metadata.js';
export { TokenRange } from './topology/token-range.js';

export {
  IdentityAddressTranslator,
  type AddressTranslator,
  type TranslatedAddress,
} from './policies/address-translator.js';
export { AllowListPolicy } from './policies/allow-list.js';
export type {
  ClusterView,
  HostDistance,
  LoadBalancingPolicy,
  QueryContext,
  QueryPlan,
} from './policies/load-balancing.js';
export {
  ConstantReconnectionPolicy,
  ExponentialReconnectionPolicy,
  type ExponentialReconnectionOptions,
  type ReconnectionPolicy,
  type ReconnectionSchedule,
} from './policies/reconnection.js';
export {
  AsyncRetryPolicy,
  FallthroughRetryPolicy,
  RetryDecision,
  type AsyncRetryPolicyOptions,
  type ReadTimeoutContext,
  type RequestErrorContext,
  type RetryAction,
  type RetryContext,
  type RetryPolicy,
  type RetryStatement,
  type UnavailableContext,
  type WriteTimeoutContext,
} from './policies/retry.js';
export { DCAwareRoundRobinPolicy, RoundRobinPolicy, type DCAwareRoundRobinOptions } from './policies/round-robin.js';
export {
  ConstantSpeculativeExecutionPolicy,
  NoSpeculativeExecution,
  PercentileSpeculativeExecutionPolicy,
  type ConstantSpeculativeExecutionOptions,
  type PercentileSpeculativeExecutionOptions,
  type SpeculativeExecutionPolicy,
} from './policies/speculative.js';
export {
  MonotonicTimestampGenerator,
  ServerSideTimestampGenerator,
  type MonotonicTimestampOptions,
  type TimestampGenerator,
} from './policies/timestamps.js';
export { TokenAwarePolicy, type TokenAwareOptions } from './policies/token-aware.js';
