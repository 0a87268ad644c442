// What an application writes, compiled by its own TypeScript against the packed package.
import type { Decimal, MetricsMiddleware } from 'async-cassandra';
import {
  AsyncCluster,
  AsyncRetryPolicy,
  BatchStatement,
  ConsistencyLevel,
  CqlDuration,
  InvalidParameter,
  NoHostAvailable,
  ReadTimeout,
  RetryDecision,
  SimpleStatement,
  createMetricsSystem,
  type AsyncCassandraSession,
  type AsyncClusterOptions,
  type CqlCodec,
  type Host,
  type ReadTimeoutContext,
} from 'async-cassandra';
import { startCassandra, type EmbeddedCassandra } from 'async-cassandra/embedded';
import { FakeNode, rows } from 'async-cassandra/testing';

interface User {
  readonly id: string;
  readonly name: string | null;
  readonly balance: Decimal;
}

class Patient extends AsyncRetryPolicy {
  override onReadTimeout(context: ReadTimeoutContext): RetryDecision {
    return context.retryNumber < 9 ? RetryDecision.RETRY_SAME_HOST : RetryDecision.RETHROW;
  }
}

const upper: CqlCodec = { type: 'ascii', decode: (value) => String(value).toUpperCase(), encode: (value) => value };

export const options: AsyncClusterOptions = {
  contactPoints: ['127.0.0.1'],
  retryPolicy: new Patient({ maxRetries: 9 }),
  metrics: createMetricsSystem(),
  values: { int64: 'number', codecs: [upper] },
  pooling: { connectionsPerLocalHost: 2 },
  executionProfiles: { reports: { consistencyLevel: ConsistencyLevel.ONE, requestTimeoutMs: 60_000 } },
};

export async function use(session: AsyncCassandraSession, signal: AbortSignal): Promise<number> {
  const select = await session.prepare('SELECT id, name, balance FROM users WHERE id = ?');
  select.isIdempotent = true;
  const one: User | null = (await session.execute<User>(select, ['x'], { signal })).one();
  const key: string = one?.id ?? 'none';
  const found = await session.cql<User>`SELECT * FROM users WHERE id = ${key}`;
  const stream = await session.executeStream<User>(new SimpleStatement('SELECT * FROM users'), undefined, {
    fetchSize: 100,
  });
  let total = found.length;
  for await (const { name } of stream) total += name?.length ?? 0;
  const batch = new BatchStatement().add(select.bind([key])).add('DELETE FROM users WHERE id = ?', [key]);
  const { wasApplied } = await session.executeBatch(batch);
  return wasApplied ? total : CqlDuration.parse('1d').days;
}

export function explain(error: unknown): string {
  if (error instanceof NoHostAvailable) return [...error.errors.keys()].join();
  if (error instanceof ReadTimeout) return `${String(error.received)} of ${String(error.required)}`;
  if (error instanceof InvalidParameter) return error.cqlType ?? 'unknown';
  return error instanceof Error ? error.message : '';
}

export async function tryOut(): Promise<string[]> {
  const node = await FakeNode.start();
  node.on(/users/, rows([{ id: 'x' }]));
  const cluster = new AsyncCluster({ contactPoints: [node.contactPoint] });
  const up: Host[] = [];
  cluster.on('hostUp', (host) => up.push(host));
  const metrics: MetricsMiddleware | undefined = options.metrics;
  metrics?.disable();
  const db: EmbeddedCassandra = await startCassandra({ version: '5.0' });
  await db.stop();
  await cluster.shutdown();
  await node.close();
  return up.map((host) => host.endpoint);
}
