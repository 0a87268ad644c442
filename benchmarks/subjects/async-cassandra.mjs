// The driver of this repository, built, with its defaults: retries, deadlines, counters, token routing, metadata skipped.
import { tracingChannel } from 'node:diagnostics_channel';
import { item, LARGE_PAGE_ROWS, PAGE_ROWS, QUERIES, vector } from '../lib/schema.mjs';
import { BATCH_SIZE, REQUEST_TIMEOUT_MS } from '../lib/workloads.mjs';

/** Who watches the client, by the names of lib/watching.mjs. Gives the cluster's options for it. */
async function watchers(watch, entry) {
  if (watch === 'channels') {
    for (const name of ['request', 'attempt']) tracingChannel(`async-cassandra:${name}`).subscribe({ asyncEnd() {} });
  }
  if (!['disabled', 'memory', 'prometheus'].includes(watch)) return {};
  const { createMetricsSystem } = await import(entry);
  const settings = { backend: 'memory' };
  if (watch === 'prometheus') {
    const { PrometheusMetricsCollector } = await import(new URL('metrics/prometheus/index.js', entry));
    settings.prometheus = new PrometheusMetricsCollector();
  }
  const metrics = createMetricsSystem(settings);
  if (watch === 'disabled') metrics.disable();
  return { metrics };
}

/** `entry` is the URL of the built driver's index.js. */
export async function open({ contactPoint, port, entry, watch, options = {} }) {
  const { AsyncCluster, BatchStatement, BatchType } = await import(entry);
  const watched = await watchers(watch, entry);
  const cluster = new AsyncCluster({
    contactPoints: [contactPoint],
    port,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    ...watched,
    ...options,
  });
  const session = await cluster.connect();

  const items = Array.from({ length: 256 }, (_, i) => Object.values(item(i)));
  const keys = items.map(([id]) => [id]);
  const one = [1];

  async function repeated(query, parametersOf) {
    const statement = await session.prepare(query);
    return (i) => session.execute(statement, parametersOf(i));
  }

  const operations = {
    select1: () => repeated(QUERIES.select1, (i) => keys[i & 255]),
    insert1: () => repeated(QUERIES.insert1, (i) => items[i & 255]),
    page100: () => repeated(QUERIES.page100, () => one),
    page5000: () => repeated(QUERIES.page5000, () => one),
    page10000: async () => {
      const statement = await session.prepare(QUERIES.page10000);
      return () => session.execute(statement, [2], { fetchSize: LARGE_PAGE_ROWS });
    },
    vectorRead: () => repeated(QUERIES.vectorRead, () => one),
    vectorWrite: () => {
      const parameters = [1, vector()];
      return repeated(QUERIES.vectorWrite, () => parameters);
    },
    held: () => repeated(QUERIES.held, (i) => [1, i]),
    batch50: async () => {
      const statement = await session.prepare(QUERIES.small);
      return (i) => {
        const batch = new BatchStatement({ type: BatchType.UNLOGGED });
        for (let n = 0; n < BATCH_SIZE; n++) batch.add(statement, [i & 255, n, 'a short text']);
        return session.executeBatch(batch);
      };
    },
    stream1M: async () => {
      const statement = await session.prepare(QUERIES.stream);
      return async () => {
        const stream = await session.executeStream(statement, one, { fetchSize: PAGE_ROWS });
        let rows = 0;
        for await (const row of stream) rows += row.part;
        return rows;
      };
    },
  };

  return {
    session,
    operation: (name) => operations[name](),
    numbered: (query, parameters) => session.execute(query, parameters),
    close: () => cluster.shutdown({ drainTimeoutMs: 100 }),
  };
}
