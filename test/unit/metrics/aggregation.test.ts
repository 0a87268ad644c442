import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AggregatorRegistry, Registry } from 'prom-client';
import type { ObservedCluster, ObservedHost } from '../../../src/index.js';
import { PrometheusMetricsCollector } from '../../../src/metrics/prometheus/index.js';

const ENDPOINT = '127.0.0.1:9042';
const LATENCY = `cassandra_client_host_latency_seconds{host="${ENDPOINT}"}`;

/** A cluster of one host: up or down, with this latency, two connections open, and so many requests in one write. */
function clusterWith(isUp: boolean, latencyMs: number | null, requestsPerWrite: number): ObservedCluster {
  const host = {
    host: { endpoint: ENDPOINT, isUp },
    inFlight: 1,
    queued: 0,
    openConnections: 2,
    orphaned: 0,
    adaptiveLimit: 64,
    latencyMs,
    requests: 10,
    errors: 0,
  } as unknown as ObservedHost;
  const totals = {
    connectionErrorsByHost: new Map(),
    retriesByCause: new Map(),
    writes: 10,
    requestsSent: 10 * requestsPerWrite,
  };
  return { statistics: { hosts: [host], preparedStatements: 3, totals } } as unknown as ObservedCluster;
}

function registryOf(...clusters: readonly ObservedCluster[]): Registry {
  const registry = new Registry();
  const collector = new PrometheusMetricsCollector({ registry });
  for (const cluster of clusters) collector.attachCluster(cluster);
  return registry;
}

async function valuesOf(registry: Pick<Registry, 'metrics'>): Promise<Map<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

test("prom-client's cluster mode adds up what are amounts, and nothing else", async () => {
  const workers = [clusterWith(true, 2, 1), clusterWith(false, 4, 3), clusterWith(true, null, 2)];
  const told = await Promise.all(workers.map((worker) => registryOf(worker).getMetricsAsJSON()));
  const all = await valuesOf(AggregatorRegistry.aggregate(told));
  const of = (name: string): number | undefined => all.get(`${name}{host="${ENDPOINT}"}`);
  assert.equal(of('cassandra_connection_healthy'), 0, 'one process does not reach the host');
  assert.equal(all.get(LATENCY), 0.003);
  assert.equal(all.get('cassandra_client_requests_per_write'), 2);
  assert.equal(of('cassandra_client_open_connections'), 6);
  assert.equal(of('cassandra_client_in_flight_requests'), 3);
  assert.equal(of('cassandra_client_adaptive_limit'), 192);
  assert.equal(of('cassandra_client_requests_total'), 30);
  assert.equal(all.get('cassandra_client_prepared_statements'), 9);
});

test('clusters with the same labels in one process: the latency of their host is the mean of theirs', async () => {
  const all = await valuesOf(registryOf(clusterWith(true, 2, 1), clusterWith(true, 4, 3)));
  assert.equal(all.get(LATENCY), 0.003);
  assert.equal(all.get(`cassandra_client_open_connections{host="${ENDPOINT}"}`), 4);
});

test('a host that one of several clusters with the same labels does not reach is told as such', async () => {
  const healthy = `cassandra_connection_healthy{host="${ENDPOINT}"}`;
  const registry = registryOf(clusterWith(false, null, 1), clusterWith(true, null, 1));
  assert.equal((await valuesOf(registry)).get(healthy), 0, 'of one collector');
  const other = new PrometheusMetricsCollector({ registry });
  const third = clusterWith(true, null, 1);
  other.attachCluster(third);
  assert.equal((await valuesOf(registry)).get(healthy), 0, 'of several');
});

test('counters of a host do not go back when one of several clusters is closed, and end with the last', async () => {
  const registry = new Registry();
  const collector = new PrometheusMetricsCollector({ registry });
  const clusters = [clusterWith(true, null, 1), clusterWith(true, null, 1)] as const;
  for (const cluster of clusters) collector.attachCluster(cluster);
  const requests = async (): Promise<number | undefined> =>
    (await valuesOf(registry)).get(`cassandra_client_requests_total{host="${ENDPOINT}"}`);
  assert.equal(await requests(), 20);
  collector.detachCluster(clusters[0]);
  assert.equal(await requests(), 20);
  collector.detachCluster(clusters[1]);
  assert.equal(await requests(), undefined);
  collector.attachCluster(clusters[0]);
  assert.equal(await requests(), 10, 'begun anew, as the series ended');
});

test('a registry keeps no collector whose clusters are closed', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const registry = new Registry();
  const made = ((): WeakRef<object> => {
    const collector = new PrometheusMetricsCollector({ registry });
    const cluster = clusterWith(true, null, 1);
    collector.attachCluster(cluster);
    collector.detachCluster(cluster);
    return new WeakRef(collector);
  })();
  for (let turns = 0; turns < 50 && made.deref() !== undefined; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  assert.equal(made.deref(), undefined);

  const again = new PrometheusMetricsCollector({ registry });
  const cluster = clusterWith(true, null, 1);
  for (const turn of [1, 2]) {
    again.attachCluster(cluster);
    const healthy = (await valuesOf(registry)).get(`cassandra_connection_healthy{host="${ENDPOINT}"}`);
    assert.equal(healthy, 1, `time ${String(turn)}`);
    again.detachCluster(cluster);
    assert.ok(!(await registry.metrics()).includes(ENDPOINT));
  }
});
