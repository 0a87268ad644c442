import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectTypeOf } from 'expect-type';
import type { AddNodeOptions, EmbeddedOptions, StartNodeOptions } from '../../src/embedded/index.js';
import type {
  AsyncClusterOptions,
  AsyncRetryPolicyOptions,
  BatchStatementOptions,
  CheckOptions,
  CloseOptions,
  ConcurrentOptions,
  ConnectionMonitorOptions,
  ConnectOptions,
  CqlCodec,
  DCAwareRoundRobinOptions,
  ExecuteOptions,
  ExecutionProfileOptions,
  ExponentialReconnectionOptions,
  InMemoryMetricsOptions,
  MetadataOptions,
  MetricsSystemOptions,
  MonitoredSessionOptions,
  MonitoringOptions,
  MonotonicTimestampOptions,
  PoolingOptions,
  PrepareOptions,
  RateLimitOptions,
  RetryDecision,
  SetKeyspaceOptions,
  ShutdownOptions,
  SimpleStatementOptions,
  StatementOptions,
  StreamConfig,
  TokenAwareOptions,
  TraceOptions,
  ValueOptions,
} from '../../src/index.js';
import type { InstrumentOptions } from '../../src/metrics/opentelemetry/index.js';
import type { PrometheusMetricsOptions } from '../../src/metrics/prometheus/index.js';
import { FakeCluster } from '../../src/testing/index.js';
import type {
  ErrorFields,
  FakeClusterOptions,
  FakeNodeOptions,
  RequestMatch,
  RowsOptions,
} from '../../src/testing/index.js';

/** The options that may be left out but not be undefined, as `exactOptionalPropertyTypes` tells apart. */
type Exact<T> = {
  [K in keyof T]-?: T extends Record<K, unknown> ? never : undefined extends Required<T>[K] ? never : K;
}[keyof T];

test('an option that is undefined counts as left out, to the type checker as well', () => {
  expectTypeOf<
    Exact<{ readonly a?: number; readonly b?: number | undefined; readonly c: number }>
  >().toEqualTypeOf<'a'>();
  expectTypeOf<
    [
      Exact<AsyncClusterOptions>,
      Exact<PoolingOptions>,
      Exact<ValueOptions>,
      Exact<CqlCodec>,
      Exact<ExecutionProfileOptions>,
      Exact<ConnectOptions>,
      Exact<ShutdownOptions>,
      Exact<CloseOptions>,
      Exact<ExecuteOptions>,
      Exact<PrepareOptions>,
      Exact<ConcurrentOptions<unknown>>,
      Exact<SetKeyspaceOptions>,
      Exact<StreamConfig>,
      Exact<StatementOptions>,
      Exact<SimpleStatementOptions>,
      Exact<BatchStatementOptions>,
      Exact<MetadataOptions>,
      Exact<TraceOptions>,
    ][number]
  >().toEqualTypeOf<never>();
  expectTypeOf<
    [
      Exact<AsyncRetryPolicyOptions>,
      Exact<RetryDecision>,
      Exact<DCAwareRoundRobinOptions>,
      Exact<TokenAwareOptions>,
      Exact<ExponentialReconnectionOptions>,
      Exact<MonotonicTimestampOptions>,
      Exact<ConnectionMonitorOptions>,
      Exact<CheckOptions>,
      Exact<MonitoringOptions>,
      Exact<MonitoredSessionOptions>,
      Exact<RateLimitOptions>,
      Exact<MetricsSystemOptions>,
      Exact<InMemoryMetricsOptions>,
      Exact<InstrumentOptions>,
      Exact<PrometheusMetricsOptions>,
      Exact<EmbeddedOptions>,
      Exact<AddNodeOptions>,
      Exact<StartNodeOptions>,
      Exact<FakeNodeOptions>,
      Exact<FakeClusterOptions>,
      Exact<ErrorFields>,
      Exact<RequestMatch>,
      Exact<RowsOptions>,
    ][number]
  >().toEqualTypeOf<never>();
});

test('options of fake nodes that are undefined hide no default', async () => {
  const nothing = { address: undefined, hostId: undefined, rack: undefined, tokens: undefined, port: undefined };
  await using fake = await FakeCluster.start({ nodes: [nothing, nothing] });
  const [first, second] = fake.nodes.map(({ identity }) => identity);
  assert.deepEqual([first?.address, second?.address], ['127.0.0.1', '127.0.0.2']);
  assert.equal(first?.port, second?.port);
  assert.equal(first?.tokens.length, 16);
});
