/** What `startCassandra` gives back. */

import type { AsyncCassandraSession } from '../index.js';
import type { CassandraNode, StartNodeOptions } from './node.js';

/** PEM texts for a client of a cluster that was started with `tls: true`. */
export interface EmbeddedTls {
  /** The authority that signed every node's certificate. */
  readonly ca: string;
  /** A certificate for clients, where nodes require one. */
  readonly cert: string;
  /** The private key of `cert`, as PEM. */
  readonly key: string;
}

/** Options of `EmbeddedCassandra.addNode()`. */
export interface AddNodeOptions {
  /** Default: the datacenter of the first node. */
  readonly datacenter?: string | undefined;
  /** Ends the wait early: the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A running Cassandra: one that was started here, or one that CASSANDRA_CONTACT_POINTS names. */
export interface EmbeddedCassandra extends AsyncDisposable {
  /** For `new AsyncCluster({ contactPoints, port, localDatacenter })`. */
  readonly contactPoints: string[];
  /** The native port of every node. */
  readonly port: number;
  /** The first datacenter's name. */
  readonly localDatacenter: string;
  /** The exact version; undefined on a cluster that was running before. */
  readonly version: string | undefined;
  /** Set with `tls: true`. */
  readonly tls: EmbeddedTls | undefined;
  /** Where nodes keep data and logs; undefined on a cluster that was running before. */
  readonly directory: string | undefined;
  /** In the order in which they joined; empty on a cluster that was running before. */
  readonly nodes: readonly CassandraNode[];
  /** A session of its own cluster object, both closed by `stop()`; logs in by itself with `auth: true`. */
  connect(keyspace?: string): Promise<AsyncCassandraSession>;
  /** Starts one more node, which streams its share of the data, and resolves when it answers. */
  addNode(options?: AddNodeOptions): Promise<CassandraNode>;
  /** Closes the sessions, ends all nodes and removes a temporary folder. Can be called again. */
  stop(): Promise<void>;
}

export type { CassandraNode, StartNodeOptions };
