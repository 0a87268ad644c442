// npm run example -- metrics [queries] — what the client measures: in memory, for Prometheus, and with your own collector.
import { Registry } from 'prom-client';
import {
  BatchStatement,
  createMetricsSystem,
  InMemoryMetricsCollector,
  MetricsMiddleware,
  type AsyncCassandraSession,
  type MetricsCollector,
  type QueryMetrics,
} from 'async-cassandra';
import { PrometheusMetricsCollector } from 'async-cassandra/metrics/prometheus';
import { numberArgument, openWorkspace } from '../support/workspace.js';

const queries = numberArgument(0, 1000);

/** A collector of one's own: here the slowest query that was seen. */
class Slowest implements MetricsCollector {
  #slowest: QueryMetrics | null = null;

  recordQuery(metrics: QueryMetrics): void {
    if (metrics.durationMs > (this.#slowest?.durationMs ?? 0)) this.#slowest = metrics;
  }

  recordConnectionHealth(): void {
    // Queries are all that it looks at.
  }

  getStats(): QueryMetrics | null {
    return this.#slowest;
  }
}

async function someWork(session: AsyncCassandraSession): Promise<void> {
  await session.execute('CREATE TABLE users (id int PRIMARY KEY, name text)');
  const insert = await session.prepare('INSERT INTO users (id, name) VALUES (?, ?)');
  const users = Array.from({ length: queries }, (_, id) => [id, `user ${id}`]);
  await session.executeConcurrent(insert, users, { concurrency: 64 });
  await session.executeBatch(new BatchStatement().add(insert, [1, 'Ada']).add(insert, [2, 'Grace']));
  // Each page is recorded when it comes, the stream when it ends.
  await using stream = await session.executeStream('SELECT * FROM users', undefined, { fetchSize: 200 });
  let streamed = 0;
  for await (const page of stream.pages()) streamed += page.length;
  console.log(`${streamed} rows written and streamed`);
  // Errors are counted by their class.
  await session.execute('SELECT * FROM nowhere').catch(() => undefined);
  await session.execute('SELEC').catch(() => undefined);
}

function heading(text: string): void {
  console.log(`\n== ${text}`);
}

const registry = new Registry();
// createMetricsSystem makes a collector in memory, and adds Prometheus's; a middleware takes any others.
const system = createMetricsSystem({ backend: 'memory', prometheus: new PrometheusMetricsCollector({ registry }) });
const slowest = new Slowest();
const metrics = new MetricsMiddleware([...system.collectors, slowest]);
await using work = await openWorkspace('example_metrics', { metrics });
await someWork(work.session);

heading('In memory');
const memory = system.collectors.find((collector) => collector instanceof InMemoryMetricsCollector);
if (memory === undefined) throw new Error("The backend 'memory' has a collector in memory");
const { queryPerformance, errorSummary, topQueries, connectionHealth, streams } = memory.getStats();
const { totalQueries, p50Ms, p95Ms, p99Ms, successRate, queriesPerSecond } = queryPerformance;
console.log(
  `${totalQueries} queries, ${queriesPerSecond.toFixed(0)} a second, ${(successRate * 100).toFixed(2)} % succeeded`,
);
console.log(
  `50 % within ${p50Ms.toFixed(2)} ms, 95 % within ${p95Ms.toFixed(2)} ms, 99 % within ${p99Ms.toFixed(2)} ms`,
);
console.log('errors:', errorSummary);
console.log('executed most:', topQueries[0]);
console.log('hosts:', connectionHealth);
console.log(`streams: ${streams.pages} pages, ${streams.rows} rows`);

heading('A collector of your own');
const { queryType, durationMs, queryHash } = slowest.getStats() ?? {};
console.log(
  `the slowest query took ${durationMs?.toFixed(1) ?? '?'} ms (${queryType ?? '?'}, hash ${queryHash ?? '?'})`,
);

heading('For Prometheus, some of it');
const shown =
  /^cassandra_(queries_total|errors_total|connection_healthy|client_(bytes|in_flight|prepared|requests_per))/;
for (const line of (await registry.metrics()).split('\n')) if (shown.test(line)) console.log(line);

heading('Switched off');
metrics.disable();
await work.session.execute('SELECT * FROM users WHERE id = ?', [1]);
console.log(`still ${memory.getStats().queryPerformance.totalQueries} queries`);
metrics.enable();
