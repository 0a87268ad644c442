/** Sessions on a cluster, opened by the client itself and closed with the cluster. */

import { AsyncCluster, PlainTextAuthProvider, type AsyncCassandraSession } from '../index.js';

export type CassandraSession = AsyncCassandraSession;

export interface SessionTarget {
  readonly contactPoints: string[];
  readonly port: number;
  readonly localDatacenter: string;
  /** PEM texts, where the nodes want TLS. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string } | undefined;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}

/** Remembers what it opened, to close it. */
export class SessionKeeper {
  readonly #clusters = new Set<AsyncCluster>();

  async connect(target: SessionTarget, keyspace: string | undefined): Promise<CassandraSession> {
    const { contactPoints, port, localDatacenter, tls, credentials } = target;
    const cluster = new AsyncCluster({
      contactPoints,
      port,
      localDatacenter,
      tls: tls ?? false,
      authProvider:
        credentials === undefined ? undefined : new PlainTextAuthProvider(credentials.username, credentials.password),
    });
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
