/** Sessions on a cluster, opened by the client itself and closed with the cluster. */

import { AsyncCluster, type AsyncCassandraSession } from '../index.js';
import type { Credentials } from './probe.js';
import type { EmbeddedTls } from './types.js';

export interface SessionTarget {
  readonly contactPoints: string[];
  readonly port: number;
  readonly localDatacenter: string;
  readonly tls: EmbeddedTls | undefined;
  readonly credentials: Credentials | undefined;
}

/** Remembers what it opened, to close it. */
export class SessionKeeper {
  readonly #clusters = new Set<AsyncCluster>();

  async connect(target: SessionTarget, keyspace: string | undefined): Promise<AsyncCassandraSession> {
    const { contactPoints, port, localDatacenter, tls, credentials } = target;
    const options = { contactPoints, port, localDatacenter, ...(tls === undefined ? {} : { tls: { ...tls } }) };
    const cluster =
      credentials === undefined
        ? new AsyncCluster(options)
        : AsyncCluster.createWithAuth({ ...options, ...credentials });
    this.#clusters.add(cluster);
    try {
      return await cluster.connect(keyspace);
    } catch (error) {
      this.#clusters.delete(cluster);
      await cluster.shutdown();
      throw error;
    }
  }

  async close(): Promise<void> {
    const clusters = [...this.#clusters];
    this.#clusters.clear();
    await Promise.all(clusters.map((cluster) => cluster.shutdown()));
  }
}
