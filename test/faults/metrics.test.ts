import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Registry } from 'prom-client';
import {
  AsyncCluster,
  BatchStatement,
  ConstantSpeculativeExecutionPolicy,
  createMetricsSystem,
  InMemoryMetricsCollector,
  MetricsMiddleware,
  type ConnectionMetrics,
  type InMemoryStats,
  type MetricsCollector,
  type PageMetrics,
  type QueryMetrics,
} from '../../src/index.js';
import { PrometheusMetricsCollector } from '../../src/metrics/prometheus/index.js';
import { closeConnection, delay, error, FakeCluster, FakeNode, hold, rows } from '../../src/testing/index.js';
import { bench, benchOf, failure, QUICK, until } from './support.js';

class Recorder implements MetricsCollector {
  readonly queries: QueryMetrics[] = [];
  readonly pages: PageMetrics[] = [];
  readonly health: ConnectionMetrics[] = [];
  recordQuery(metrics: QueryMetrics): void {
    this.queries.push(metrics);
  }
  recordPage(metrics: PageMetrics): void {
    this.pages.push(metrics);
  }
  recordConnectionHealth(metrics: ConnectionMetrics): void {
    this.health.push(metrics);
  }
  getStats(): null {
    return null;
  }
}

/** The series of a scrape by name and labels, these in the order of their names; fails if a series is told twice. */
async function scrape(registry: Registry): Promise<Map<string, number>> {
  const series = new Map<string, number>();
  for (const line of (await registry.metrics()).split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const at = line.lastIndexOf(' ');
    const name = line
      .slice(0, at)
      .replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').sort().join(',')}}`);
    assert.ok(!series.has(name), `twice: ${name}`);
    series.set(name, Number(line.slice(at + 1)));
  }
  return series;
}

const USERS = Array.from({ length: 25 }, (_, id) => ({ id }));

test('every execute, batch, prepare, stream and connect is recorded, each as what it is', async () => {
  const recorder = new Recorder();
  await using one = await bench({ metrics: new MetricsMiddleware([recorder]) });
  const { node, session } = one;
  const host = node.contactPoint;
  node.on(/FROM users/, rows(USERS));
  node.prepared(/INSERT/, {
    parameters: [
      { name: 'a', type: 'int' },
      { name: 'b', type: 'text' },
    ],
  });
  await session.execute('SELECT * FROM users');
  const prepared = await session.prepare('INSERT INTO t (a, b) VALUES (?, ?)');
  await session.execute(prepared, [1, 'secret']);
  await session.execute('INSERT INTO t (a, b) VALUES (?, ?)', [2, 'secret']);
  await session.execute(prepared.bind([3, 'secret']));
  await session.executeBatch(new BatchStatement().add(prepared, [4, 'secret']).add('INSERT INTO t (a) VALUES (5)'));
  const stream = await session.executeStream('SELECT * FROM users', undefined, { fetchSize: 10 });
  const ids: unknown[] = [];
  for await (const row of stream) ids.push(row['id']);
  assert.equal(ids.length, 25);

  assert.deepEqual(
    recorder.queries.map(({ queryType, success, parametersCount, resultSize, host: at }) => [
      queryType,
      success,
      parametersCount,
      resultSize,
      at,
    ]),
    [
      ['simple', true, 0, 25, host],
      ['prepare', true, 0, 0, host],
      ['prepared', true, 2, 0, host],
      ['prepared', true, 2, 0, host],
      ['prepared', true, 2, 0, host],
      ['batch', true, 2, 0, host],
      ['stream', true, 0, 25, undefined],
    ],
  );
  assert.deepEqual(
    recorder.pages.map(({ pageNumber, rows: count, success }) => [pageNumber, count, success]),
    [
      [1, 10, true],
      [2, 10, true],
      [3, 5, true],
    ],
  );
  for (const { durationMs, timestamp } of recorder.queries) {
    assert.ok(durationMs > 0);
    assert.ok(timestamp instanceof Date);
  }
  const [select, prepare, first, second, third, , streamed] = recorder.queries.map(({ queryHash }) => queryHash);
  assert.equal(select, streamed);
  assert.ok(prepare === first && first === second && second === third);
  assert.notEqual(select, first);
  assert.doesNotMatch(JSON.stringify(recorder), /secret|SELECT|INSERT/);
  assert.ok(recorder.health.length >= 2, 'the control connection and the pool');
  for (const { host: at, isHealthy, responseTimeMs } of recorder.health) {
    assert.equal(at, host);
    assert.equal(isHealthy, true);
    assert.ok(responseTimeMs > 0);
  }
});

test('failures are recorded with their class: of the server, of the client, of streams', async () => {
  const recorder = new Recorder();
  await using one = await bench({ metrics: new MetricsMiddleware([recorder]) });
  const { node, session } = one;
  node.on(/FROM bad/, error('INVALID'));
  node.on(/FROM slow/, hold());
  await failure(session.execute('SELECT * FROM bad'));
  await failure(session.execute('SELECT * FROM slow', undefined, { timeoutMs: 30 }));
  await failure(session.execute('SELECT * FROM slow', undefined, { signal: AbortSignal.timeout(20) }));
  await failure(session.executeStream('SELECT * FROM bad'));
  await failure(session.execute('SELECT', undefined, { fetchSize: -1 }));
  assert.deepEqual(
    recorder.queries.map(({ queryType, success, errorType, host }) => [queryType, success, errorType, host]),
    [
      ['simple', false, 'InvalidRequest', node.contactPoint],
      ['simple', false, 'OperationTimedOut', node.contactPoint],
      ['simple', false, 'TimeoutError', undefined],
      ['stream', false, 'InvalidRequest', undefined],
      ['simple', false, 'ConfigurationError', undefined],
    ],
  );
  node.release();
});

test('a page of a stream that fails is no page that came, and counts as an error of its host', async () => {
  const registry = new Registry();
  const metrics = createMetricsSystem({ backend: 'memory', prometheus: new PrometheusMetricsCollector({ registry }) });
  await using one = await bench({ metrics });
  const { node, session } = one;
  node.on(/FROM users/, rows(USERS));
  const stream = await session.executeStream('SELECT * FROM users', undefined, { fetchSize: 10, prefetchPages: 0 });
  node.on(/FROM users/, error('READ_FAILURE'));
  const read = async (): Promise<void> => {
    for await (const page of stream.pages()) assert.equal(page.length, 10);
  };
  assert.equal((await failure(read())).name, 'ReadFailure');
  const stats = (await metrics.getStats()) as InMemoryStats;
  assert.deepEqual(stats.streams, { pages: 1, rows: 10 });
  const told = await scrape(registry);
  assert.equal(told.get('cassandra_client_stream_pages_total'), 1);
  assert.equal(told.get('cassandra_errors_total{error_type="ReadFailure"}'), 1);
  assert.equal(told.get(`cassandra_client_errors_total{error_type="ReadFailure",host="${node.contactPoint}"}`), 1);
});

test('a collector that throws harms nothing and is told of once', async () => {
  const throwing: MetricsCollector = {
    recordQuery: () => Promise.reject(new Error('collector down')),
    recordConnectionHealth: () => {
      throw new Error('collector down');
    },
    getStats: () => null,
  };
  const node = await FakeNode.start();
  const cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: [node.contactPoint],
    metrics: new MetricsMiddleware([throwing]),
  });
  const told: string[] = [];
  cluster.on('log', ({ level, message }) => {
    if (level === 'error') told.push(message);
  });
  const session = await cluster.connect();
  for (let i = 0; i < 10; i++) await session.execute('SELECT 1');
  await new Promise(setImmediate);
  assert.deepEqual(told, ['A metrics collector failed; that is not told again']);
  await cluster.shutdown();
  await node.close();
});

test('prometheus: the series of the contract, by name and label, after each kind of fault', async () => {
  const registry = new Registry();
  const metrics = createMetricsSystem({ prometheus: new PrometheusMetricsCollector({ registry }) });
  // For one query alone: on a busy machine the others would be answered by the second node now and then.
  const speculativeExecutionPolicy = new ConstantSpeculativeExecutionPolicy({ delayMs: 20, maxAttempts: 1 });
  await using three = await benchOf(2, { metrics, executionProfiles: { impatient: { speculativeExecutionPolicy } } });
  const [first, second] = three.nodes as [FakeNode, FakeNode];
  const { session, cluster } = three;
  const one = `host="${first.contactPoint}"`;
  const other = `host="${second.contactPoint}"`;
  const before = await scrape(registry);
  assert.equal(before.get(`cassandra_connection_healthy{${one}}`), 1);
  assert.equal(before.get(`cassandra_client_open_connections{${other}}`), 1);
  assert.equal(before.get(`cassandra_client_adaptive_limit{${one}}`), 2048);
  assert.equal(before.get('cassandra_client_speculative_executions_total'), 0);
  assert.equal(before.get('cassandra_client_timeouts_total'), 0);

  // A retry, for an answer that the policy retries.
  first.on(/FROM retried/, error('OVERLOADED'));
  await session.execute('SELECT * FROM retried');
  // A failure, and a time-out, in flight while it lasts.
  first.on(/FROM bad/, error('INVALID'));
  await failure(session.execute('SELECT * FROM bad'));
  first.on(/INTO held/, hold());
  const held = failure(session.execute('INSERT INTO held (a) VALUES (1)', undefined, { timeoutMs: 1500 }));
  await first.waitFor(/INTO held/);
  assert.equal((await scrape(registry)).get(`cassandra_client_in_flight_requests{${one}}`), 1);
  await held;
  assert.equal((await scrape(registry)).get(`cassandra_client_orphaned_streams{${one}}`), 1);
  // Speculation.
  first.on(/FROM lazy/, delay(400));
  await session.execute('SELECT * FROM lazy', undefined, { executionProfile: 'impatient' });
  // A statement that a node has forgotten.
  await session.execute('SELECT * FROM p', []);
  first.forgetPrepared();
  await session.execute('SELECT * FROM p', []);
  first.pushSchema({ change: 'UPDATED', target: 'TABLE', keyspace: 'k', name: 't' });
  first.pushTopology('NEW_NODE', { address: '127.0.0.9', port: 9042 });
  second.pushTopology('NEW_NODE', { address: '127.0.0.9', port: 9042 });
  await until(() => cluster.statistics.totals.topologyEvents > 0, 'the topology event');
  const after = await scrape(registry);
  const value = (name: string): number => after.get(name) ?? NaN;
  assert.equal(value('cassandra_client_retries_total{cause="Overloaded"}'), 1);
  assert.equal(value('cassandra_client_timeouts_total'), 1);
  assert.ok(value('cassandra_client_speculative_executions_total') >= 1);
  assert.equal(value('cassandra_client_prepared_statements'), 1);
  assert.equal(value('cassandra_client_reprepares_total'), 1);
  assert.ok(value('cassandra_client_bytes_sent_total') > 100);
  assert.ok(value('cassandra_client_bytes_received_total') > 100);
  assert.ok(value('cassandra_client_requests_per_write') >= 1);
  assert.ok(value('cassandra_client_decode_seconds_total') > 0);
  assert.equal(value('cassandra_client_topology_events_total'), 1);
  assert.equal(value('cassandra_errors_total{error_type="InvalidRequest"}'), 1);
  assert.equal(value('cassandra_errors_total{error_type="OperationTimedOut"}'), 1);
  assert.equal(value(`cassandra_client_errors_total{error_type="InvalidRequest",${one}}`), 1);
  assert.equal(value('cassandra_queries_total{query_type="simple",success="failure"}'), 2);
  assert.equal(value('cassandra_queries_total{query_type="prepared",success="success"}'), 2);
  assert.equal(value('cassandra_query_duration_seconds_count{query_type="prepared",success="success"}'), 2);
  assert.equal(value('cassandra_query_duration_seconds_bucket{le="+Inf",query_type="simple",success="failure"}'), 2);

  // A connection is lost, and its host cannot be reached any more.
  second.on(/FROM last/, closeConnection());
  await second.stop();
  await until(() => cluster.metadata.getHost(second.contactPoint)?.isUp === false, 'the host is down');
  const last = await scrape(registry);
  assert.ok((last.get(`cassandra_client_connection_errors_total{${other},kind="lost"}`) ?? 0) >= 1);
  assert.ok((last.get(`cassandra_client_connection_errors_total{${other},kind="connect"}`) ?? 0) >= 1);
  assert.equal(last.get(`cassandra_connection_healthy{${other}}`), 0);
  assert.equal(last.get(`cassandra_connection_healthy{${one}}`), 1);
  assert.equal(last.get(`cassandra_client_open_connections{${other}}`), 0);
});

test('requests in line at a full host show', async () => {
  const registry = new Registry();
  const metrics = createMetricsSystem({ prometheus: new PrometheusMetricsCollector({ registry }) });
  await using one = await bench({ metrics, pooling: { maxRequestsPerConnection: 1 } });
  one.node.on(/FROM held/, hold());
  const running = [1, 2, 3].map(() => one.session.execute('SELECT * FROM held'));
  await one.node.waitFor(/FROM held/);
  const host = one.node.contactPoint;
  assert.equal((await scrape(registry)).get(`cassandra_client_queued_requests{host="${host}"}`), 2);
  one.node.on(/FROM held/, rows([]));
  one.node.release();
  await Promise.all(running);
  assert.equal((await scrape(registry)).get(`cassandra_client_queued_requests{host="${host}"}`), 0);
});

test('several clusters in one registry: told apart by labels, added up without; counters outlive their cluster', async () => {
  const registry = new Registry();
  const system = (name: string): MetricsMiddleware =>
    createMetricsSystem({ prometheus: new PrometheusMetricsCollector({ registry, labels: { cluster: name } }) });
  const shared = system('b');
  await using a = await bench({ metrics: system('a') });
  await using b = await bench({ metrics: shared });
  {
    await using again = await bench({ metrics: shared });
    await again.session.execute('SELECT 1');
    const both = await scrape(registry);
    assert.equal(both.get(`cassandra_connection_healthy{cluster="b",host="${again.node.contactPoint}"}`), 1);
  }
  await a.session.execute('SELECT 1');
  const sum = (await scrape(registry)).get('cassandra_client_connections_opened_total{cluster="b"}');
  const after = await scrape(registry);
  assert.equal(after.get('cassandra_queries_total{cluster="a",query_type="simple",success="success"}'), 1);
  assert.equal(after.get('cassandra_queries_total{cluster="b",query_type="simple",success="success"}'), 1);
  assert.equal(after.get(`cassandra_connection_healthy{cluster="a",host="${a.node.contactPoint}"}`), 1);
  assert.equal(sum, 4, 'two of the closed cluster, two of the other');
  assert.throws(() => new PrometheusMetricsCollector({ registry }), /same names of labels/);
  const taken = new Registry();
  new Counter({ name: 'cassandra_queries_total', help: 'of somebody else', registers: [taken] });
  assert.throws(() => new PrometheusMetricsCollector({ registry: taken }), /registry of its own/);
  assert.equal(b.cluster.isClosed, false);
});

test('a closed cluster shows no hosts any more', async () => {
  const registry = new Registry();
  const metrics = createMetricsSystem({ prometheus: new PrometheusMetricsCollector({ registry }) });
  const one = await bench({ metrics });
  const host = one.node.contactPoint;
  assert.ok((await registry.metrics()).includes(host));
  await one[Symbol.asyncDispose]();
  assert.ok(!(await registry.metrics()).includes(host));
});

test('a host that the policy leaves out is not told to be healthy: nobody tries it', async () => {
  await using fake = await FakeCluster.start({ nodes: 2, datacenters: ['near', 'far'] });
  const registry = new Registry();
  const metrics = createMetricsSystem({ prometheus: new PrometheusMetricsCollector({ registry }) });
  const near = fake.node(0);
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: [near.contactPoint],
    localDatacenter: 'near',
    metrics,
  });
  await cluster.connect();
  assert.equal(cluster.metadata.hosts.length, 2);
  const healthy = async (): Promise<unknown> =>
    [...(await scrape(registry))].filter(([name]) => name.startsWith('cassandra_connection_healthy'));
  const name = `cassandra_connection_healthy{host="${near.contactPoint}"}`;
  assert.deepEqual(await healthy(), [[name, 1]]);
  await near.stop();
  await until(() => cluster.metadata.hosts.some(({ isUp }) => !isUp), 'the host is down');
  assert.deepEqual(await healthy(), [[name, 0]], 'the sum of all that are healthy is none');
});

test('slow queries are logged with their text and without values, and go to a logger too', async () => {
  const written: [object, string][] = [];
  const write = (facts: object, message: string): void => void written.push([facts, message]);
  const throwing = (): never => {
    throw new Error('the logger is broken');
  };
  await using one = await bench({
    slowQueryMs: 30,
    logger: { debug: throwing, info: throwing, warn: write, error: write },
  });
  const told: (string | undefined)[] = [];
  one.cluster.on('log', ({ level, statement }) => {
    if (level === 'warn') told.push(statement);
  });
  one.node.on(/slow/, delay(50));
  one.node.prepared(/slow/, { parameters: [{ name: 'a', type: 'text' }] });
  await one.session.execute('SELECT fast FROM t');
  await one.session.execute('INSERT INTO slow (a) VALUES (?)', ['secret']);
  await one.session.execute("ALTER ROLE slow WITH PASSWORD = 'secret'");
  assert.deepEqual(told, ['INSERT INTO slow (a) VALUES (?)', "ALTER ROLE slow WITH PASSWORD = '***'"]);
  assert.equal(written.length, 2);
  const [facts, message] = written[0] ?? [{}, ''];
  assert.match(message, /^Slow query \(prepared\): \d+ ms at 127\.0\.0\.1:\d+: INSERT INTO slow/);
  assert.ok('durationMs' in facts && 'host' in facts);
  assert.doesNotMatch(JSON.stringify(written), /secret/);
});

test('the in-memory collector tells what each host was asked until now, and keeps that at the end', async () => {
  const memory = new InMemoryMetricsCollector();
  await using one = await bench({ metrics: new MetricsMiddleware([memory]) });
  const health = (): { errorCount: number; totalQueries: number } | undefined =>
    memory.getStats().connectionHealth[one.node.contactPoint];
  const before = health()?.totalQueries ?? Number.NaN;
  one.node.on(/FROM bad/, error('INVALID'));
  for (let i = 0; i < 5; i++) await one.session.execute('SELECT 1');
  await failure(one.session.execute('SELECT * FROM bad'));
  assert.equal(health()?.totalQueries, before + 6);
  assert.equal(health()?.errorCount, 1);
  await one.cluster.shutdown();
  assert.equal(health()?.totalQueries, before + 6);
  assert.equal(health()?.errorCount, 1);
});

test('without metrics, and with metrics that are disabled, nothing is recorded', async () => {
  const memory = new InMemoryMetricsCollector();
  const metrics = new MetricsMiddleware([memory]);
  metrics.disable();
  await using one = await bench({ metrics });
  await one.session.execute('SELECT 1');
  assert.equal(memory.getStats().queryPerformance.totalQueries, 0);
  metrics.enable();
  await one.session.execute('SELECT 1');
  assert.equal(memory.getStats().queryPerformance.totalQueries, 1);
});
