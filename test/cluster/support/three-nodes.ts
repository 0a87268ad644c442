import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AsyncCluster,
  ConsistencyLevel,
  ConstantReconnectionPolicy,
  FallthroughRetryPolicy,
  type AsyncCassandraSession,
  type AsyncClusterOptions,
} from '../../../src/index.js';
import { startCassandra, type CassandraNode, type EmbeddedCassandra } from '../../../src/embedded/index.js';

export interface ThreeNodes extends AsyncDisposable {
  readonly db: EmbeddedCassandra;
  readonly nodes: readonly [CassandraNode, CassandraNode, CassandraNode];
  /** For a cluster object that is to reach them. */
  readonly options: AsyncClusterOptions;
}

/**
 * Three nodes of Cassandra 5.0. Their commit log is synced before a write is acknowledged: with the usual 10 s in
 * between, a node that is killed loses what it had acknowledged, and no client could keep that promise for it.
 */
export async function startThreeNodes(context: TestContext): Promise<ThreeNodes> {
  const begun = performance.now();
  const db = await startCassandra({
    nodes: 3,
    heapMb: 448,
    yaml: {
      commitlog_sync: 'batch',
      commitlog_sync_period: undefined,
      // The threads that write wait for that sync.
      concurrent_writes: 128,
      concurrent_counter_writes: 64,
      // A busy machine is no fault of a client: nodes wait for each other as long as for a read.
      write_request_timeout: '5000ms',
    },
  });
  const [first, second, third] = db.nodes;
  if (first === undefined || second === undefined || third === undefined) throw new Error('There are no three nodes');
  context.diagnostic(`three nodes are up after ${seconds(performance.now() - begun)}`);
  const { contactPoints, port, localDatacenter } = db;
  return {
    db,
    nodes: [first, second, third],
    options: { contactPoints, port, localDatacenter },
    [Symbol.asyncDispose]: () => db.stop(),
  };
}

export interface Client extends AsyncDisposable {
  readonly cluster: AsyncCluster;
  readonly session: AsyncCassandraSession;
}

/** A client of its own, in a new keyspace with three replicas. */
export async function openClient(
  { options }: Pick<ThreeNodes, 'options'>,
  keyspace: string,
  more: AsyncClusterOptions = {},
): Promise<Client> {
  const cluster = new AsyncCluster({ ...options, ...more });
  try {
    const session = await cluster.connect();
    await createKeyspace(session, keyspace, 3);
    await session.setKeyspace(keyspace);
    await createTable(session, 'whole', 'k text PRIMARY KEY');
    return { cluster, session, [Symbol.asyncDispose]: () => cluster.shutdown() };
  } catch (error) {
    await cluster.shutdown();
    throw error;
  }
}

/** Schema changes take several seconds on nodes that are busy. */
const SLOW = { timeoutMs: 60_000 };
/** Gossip needs some seconds, on a busy machine many. */
const WHOLE_WITHIN_MS = 90_000;
const OFTEN = new ConstantReconnectionPolicy(250);

export async function createKeyspace(
  session: AsyncCassandraSession,
  keyspace: string,
  replicas: number,
): Promise<void> {
  const replication = `{'class': 'NetworkTopologyStrategy', 'dc1': ${String(replicas)}}`;
  await session.execute(`CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = ${replication}`, undefined, SLOW);
}

/** `columns` without the parentheses. Coordinators ask a further replica after 20 ms, so that none waits for a dead one. */
export async function createTable(session: AsyncCassandraSession, name: string, columns: string): Promise<void> {
  await session.execute(`CREATE TABLE ${name} (${columns}) WITH speculative_retry = '20ms'`, undefined, SLOW);
}

/**
 * Resolves when every node takes every other for alive: then no quorum is lost if the next one is killed. Each is asked
 * to coordinate a write to all three.
 */
export async function waitUntilWhole({ db }: Pick<ThreeNodes, 'db'>, keyspace: string): Promise<void> {
  const cluster = new AsyncCluster({ contactPoints: db.contactPoints, port: db.port, reconnectionPolicy: OFTEN });
  try {
    const session = await cluster.connect(keyspace);
    const giveUpAt = performance.now() + WHOLE_WITHIN_MS;
    for (const { address } of db.nodes) {
      const host = `${address}:${String(db.port)}`;
      const asked = { host, consistencyLevel: ConsistencyLevel.ALL, retryPolicy: new FallthroughRetryPolicy() };
      for (;;) {
        try {
          await session.execute("INSERT INTO whole (k) VALUES ('anything')", undefined, asked);
          break;
        } catch (error) {
          if (performance.now() > giveUpAt) throw error;
        }
        await sleep(200);
      }
    }
  } finally {
    await cluster.shutdown();
  }
}

/** What keeps this process alive: sockets and timers. A socket that was destroyed is gone some turns later. */
export async function handles(): Promise<string[]> {
  await sleep(100);
  return process
    .getActiveResourcesInfo()
    .filter((name) => /TCP|Timeout|GetAddrInfo|TLS/.test(name))
    .sort();
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
