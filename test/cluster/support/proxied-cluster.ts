import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCassandra, type EmbeddedCassandra } from '../../../src/embedded/index.js';
import {
  AsyncCluster,
  ConstantReconnectionPolicy,
  type AsyncCassandraSession,
  type AsyncClusterOptions,
} from '../../../src/index.js';
import { Proxy } from '../../support/proxy.js';

const NODES = 3;
const REPLICATION = "{'class': 'NetworkTopologyStrategy', 'dc1': 3}";

/** Three real nodes, each behind a proxy of its own, and a client that reaches them through these alone. */
export class ProxiedCluster implements AsyncDisposable {
  static async start(context: TestContext): Promise<ProxiedCluster> {
    const begun = performance.now();
    const db = await startCassandra({ nodes: NODES, heapMb: 448 });
    const proxies: Proxy[] = [];
    try {
      for (const { address } of db.nodes) proxies.push(await Proxy.start({ address, port: db.port }));
      context.diagnostic(`three nodes are up after ${String(Math.round(performance.now() - begun))} ms`);
      return new ProxiedCluster(db, proxies);
    } catch (error) {
      for (const proxy of proxies) await proxy.close();
      await db.stop();
      throw error;
    }
  }

  readonly proxies: readonly Proxy[];
  readonly #db: EmbeddedCassandra;

  private constructor(db: EmbeddedCassandra, proxies: readonly Proxy[]) {
    this.#db = db;
    this.proxies = proxies;
  }

  /** Short patience, so that each fault is noticed within a second or two. */
  get options(): AsyncClusterOptions {
    const byAddress = new Map(this.#db.nodes.map(({ address }, i) => [address, this.proxies[i]]));
    return {
      contactPoints: this.proxies.map(({ contactPoint }) => contactPoint),
      localDatacenter: this.#db.localDatacenter,
      addressTranslator: {
        translate: (address, port) => {
          const proxy = byAddress.get(address);
          return proxy === undefined ? { address, port } : { address: '127.0.0.1', port: proxy.port };
        },
      },
      reconnectionPolicy: new ConstantReconnectionPolicy(100),
      connectTimeoutMs: 2000,
      idleHeartbeatIntervalMs: 500,
      heartbeatTimeoutMs: 1000,
      requestTimeoutMs: 6000,
    };
  }

  async connect(): Promise<AsyncCassandraSession> {
    const cluster = new AsyncCluster(this.options);
    try {
      const session = await cluster.connect();
      const slow = { timeoutMs: 60_000 };
      await session.execute(`CREATE KEYSPACE IF NOT EXISTS proxied WITH replication = ${REPLICATION}`, undefined, slow);
      await session.execute('CREATE TABLE IF NOT EXISTS proxied.t (id int PRIMARY KEY, v text)', undefined, slow);
      return session;
    } catch (error) {
      await cluster.shutdown();
      throw error;
    }
  }

  /** Ends every fault; what was kept back goes through. */
  heal(): void {
    for (const proxy of this.proxies) {
      proxy.faults.delayMs = 0;
      proxy.faults.chunk = null;
      proxy.faults.halfOpen = false;
      proxy.resume();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const proxy of this.proxies) await proxy.close();
    await this.#db.stop();
  }
}

/** Resolves when every host is up and answers on a connection of its own; throws what is wrong after `withinMs`. */
export async function whole(session: AsyncCassandraSession, withinMs: number): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  const { hosts } = session.cluster.metadata;
  for (;;) {
    const outcomes = await Promise.allSettled(
      hosts.map((host) => session.execute('SELECT key FROM system.local', undefined, { host, timeoutMs: 2000 })),
    );
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure === undefined && hosts.length === NODES && hosts.every(({ isUp }) => isUp)) return;
    if (performance.now() > giveUpAt) {
      throw new Error(`The cluster is not whole after ${String(withinMs)} ms`, { cause: failure?.reason });
    }
    await sleep(50);
  }
}
