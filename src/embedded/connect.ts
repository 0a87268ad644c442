/** Sessions on a cluster, opened by the client itself and closed with the cluster. */

import { ConfigurationError } from '../errors.js';
import type { Credentials } from './probe.js';
import type { EmbeddedTls } from './types.js';

export type CassandraSession = never;

export interface SessionTarget {
  readonly contactPoints: string[];
  readonly port: number;
  readonly localDatacenter: string;
  readonly tls: EmbeddedTls | undefined;
  readonly credentials: Credentials | undefined;
}

/** Remembers what it opened, to close it. */
export class SessionKeeper {
  async connect(_target: SessionTarget, _keyspace: string | undefined): Promise<CassandraSession> {
    throw new ConfigurationError('connect() is not there yet');
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
