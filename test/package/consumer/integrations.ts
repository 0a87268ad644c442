// The entries that stand on optional peers.
import Fastify from 'fastify';
import { Registry } from 'prom-client';
import { AsyncCluster, createMetricsSystem } from 'async-cassandra';
import cassandra, { errorAnswer, type CassandraPluginOptions } from 'async-cassandra/fastify';
import { instrument } from 'async-cassandra/metrics/opentelemetry';
import { PrometheusMetricsCollector } from 'async-cassandra/metrics/prometheus';

export async function service(): Promise<void> {
  const app = Fastify();
  const options: CassandraPluginOptions = { contactPoints: ['127.0.0.1'], drainTimeoutMs: 100 };
  await app.register(cassandra, options);
  app.get('/users', async () => (await app.cassandra.execute('SELECT id FROM users')).rows);
  const status: number | undefined = errorAnswer(new Error('x'))?.statusCode;
  await app.close();
  if (status !== undefined) throw new Error('an error of the application has no answer of ours');
}

export function observed(): AsyncCluster {
  const prometheus = new PrometheusMetricsCollector({ registry: new Registry() });
  const cluster = new AsyncCluster({ metrics: createMetricsSystem({ prometheus }) });
  const undo: () => void = instrument(cluster, { propagate: true });
  undo();
  return cluster;
}
