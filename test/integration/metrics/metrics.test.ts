import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Registry } from 'prom-client';
import {
  BatchStatement,
  createMetricsSystem,
  InMemoryMetricsCollector,
  type InMemoryStats,
  type MetricsMiddleware,
  type TracedRequest,
} from '../../../src/index.js';
import { tracingChannel } from 'node:diagnostics_channel';
import { PrometheusMetricsCollector } from '../../../src/metrics/prometheus/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

const registry = new Registry();
let metrics: MetricsMiddleware;
let workspace: Workspace;

before(async () => {
  metrics = createMetricsSystem({ prometheus: new PrometheusMetricsCollector({ registry }) });
  workspace = await openWorkspace('metrics_it', { options: { metrics } });
  await workspace.session.execute('CREATE TABLE metrics_it.users (id int PRIMARY KEY, name text)');
});
after(() => workspace.close());

async function scrape(): Promise<string> {
  return registry.metrics();
}

test('a real node: every kind of call is counted as what it is, by the collectors and in a scrape', async () => {
  const { session } = workspace;
  const [memory] = metrics.collectors;
  assert.ok(memory instanceof InMemoryMetricsCollector);
  memory.clear();
  registry.resetMetrics();
  const insert = await session.prepare('INSERT INTO metrics_it.users (id, name) VALUES (?, ?)');
  for (let id = 0; id < 30; id++) await session.execute(insert, [id, 'somebody']);
  await session.executeBatch(new BatchStatement().add(insert, [30, 'a']).add(insert, [31, 'b']));
  const result = await session.execute('SELECT * FROM metrics_it.users');
  assert.equal(result.length, 32);
  let streamed = 0;
  for await (const row of await session.executeStream('SELECT * FROM metrics_it.users', undefined, { fetchSize: 10 })) {
    streamed += Object.keys(row).length === 2 ? 1 : 0;
  }
  assert.equal(streamed, 32);
  await assert.rejects(session.execute('SELECT * FROM metrics_it.nothing'));

  const stats = (await metrics.getStats()) as InMemoryStats;
  assert.equal(stats.queryPerformance.totalQueries, 35);
  assert.deepEqual(stats.errorSummary, { InvalidRequest: 1 });
  assert.ok(Math.abs(stats.queryPerformance.successRate - 34 / 35) < 1e-9);
  assert.ok(stats.queryPerformance.p50Ms > 0 && stats.queryPerformance.p50Ms <= stats.queryPerformance.p99Ms);
  assert.equal(stats.topQueries[0]?.count, 31, 'prepared once, executed 30 times');
  assert.equal(stats.streams.rows, 32);

  const text = await scrape();
  for (const line of [
    'cassandra_queries_total{query_type="prepare",success="success"} 1',
    'cassandra_queries_total{query_type="prepared",success="success"} 30',
    'cassandra_queries_total{query_type="batch",success="success"} 1',
    'cassandra_queries_total{query_type="simple",success="success"} 1',
    'cassandra_queries_total{query_type="simple",success="failure"} 1',
    'cassandra_queries_total{query_type="stream",success="success"} 1',
    'cassandra_errors_total{error_type="InvalidRequest"} 1',
    'cassandra_client_stream_rows_total 32',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line}\nis missing in\n${text}`);
  }
  const [host] = workspace.cluster.metadata.hosts;
  assert.ok(text.includes(`cassandra_connection_healthy{host="${host?.endpoint ?? ''}"} 1`));
});

test('a real node: schema events, bytes and decoding time show in a scrape', async () => {
  const { session, cluster } = workspace;
  const { schemaEvents } = cluster.statistics.totals;
  await session.execute('CREATE TABLE metrics_it.more (id int PRIMARY KEY)');
  const giveUpAt = Date.now() + 10_000;
  while (cluster.statistics.totals.schemaEvents === schemaEvents && Date.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const series = new Map(
    (await scrape())
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
  const value = (name: string): number => series.get(`cassandra_client_${name}`) ?? NaN;
  assert.ok(value('schema_events_total') > schemaEvents);
  assert.ok(value('bytes_received_total') > 1000);
  assert.ok(value('decode_seconds_total') > 0);
  assert.ok(value('requests_per_write') >= 1);
});

test('a real node: the request channel tells host, rows and time of each call', async () => {
  const ended: TracedRequest[] = [];
  const ignore = (): void => undefined;
  const channel = tracingChannel<unknown, TracedRequest>('async-cassandra:request');
  const subscribers = {
    start: ignore,
    end: ignore,
    asyncStart: ignore,
    asyncEnd: (request: TracedRequest): void => void ended.push(request),
    error: ignore,
  };
  channel.subscribe(subscribers);
  await workspace.session.execute('SELECT * FROM metrics_it.users WHERE id = ?', [3]);
  channel.unsubscribe(subscribers);
  const [request] = ended;
  assert.equal(request?.statement, 'SELECT * FROM metrics_it.users WHERE id = ?');
  assert.equal(request.rowCount, 1);
  assert.equal(request.host, workspace.cluster.metadata.hosts[0]?.endpoint);
  assert.ok((request.durationMs ?? 0) > 0);
});
