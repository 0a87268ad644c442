/** A handle on a cluster that runs already: the one that CASSANDRA_CONTACT_POINTS names. */

import { ConfigurationError, ConnectionError } from '../errors.js';
import { readContactPoint, type ContactPoint } from '../util/contact-point.js';
import { messageOf } from '../util/thrown.js';
import { DEFAULT_NATIVE_PORT } from './addresses.js';
import { FIRST_ROLE } from './cluster.js';
import type { AsyncCassandraSession } from '../index.js';
import { SessionKeeper, type SessionTarget } from './connect.js';
import type { CassandraNode } from './node.js';
import type { ResolvedOptions } from './options.js';
import { readDatacenter } from './probe.js';
import type { EmbeddedCassandra } from './types.js';

const PROBE_TIMEOUT_MS = 5000;

/** Reads 'host[:port],[v6]:port,…'; those without a port have that of CASSANDRA_PORT, if it is given. */
export function parseContactPoints(text: string, commonPort?: string): ContactPoint[] {
  const port = portOf(commonPort);
  // As a whole: a password may hold a comma.
  if (text.includes('@')) {
    throw new ConfigurationError('CASSANDRA_CONTACT_POINTS are host or host:port each, without user name and password');
  }
  const points = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => parseContactPoint(part, port));
  if (points.length === 0) throw new ConfigurationError('CASSANDRA_CONTACT_POINTS names no host');
  return points;
}

function portOf(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_NATIVE_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new ConfigurationError('CASSANDRA_PORT must be a whole number from 1 to 65535');
  return port;
}

function parseContactPoint(part: string, commonPort: number): ContactPoint {
  const point = readContactPoint(part, commonPort);
  if (typeof point === 'string') throw new ConfigurationError(`CASSANDRA_CONTACT_POINTS: each ${point}`);
  return point;
}

/** Resolves when one of the points answers; which datacenter it is in is asked where the environment does not say. */
export async function useRunningCluster(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  options: ResolvedOptions,
): Promise<EmbeddedCassandra> {
  if (options.tls) {
    throw new ConfigurationError("Option 'tls' of startCassandra cannot be met: CASSANDRA_CONTACT_POINTS is set");
  }
  const points = parseContactPoints(text, env['CASSANDRA_PORT']);
  const credentials = options.auth ? FIRST_ROLE : undefined;
  const datacenter = await askDatacenter(points, credentials);
  const named = env['CASSANDRA_LOCAL_DC'];
  const [first] = points;
  const samePort = points.every((point) => point.port === first?.port);
  return new RunningCassandra({
    contactPoints: points.map((point) => (samePort ? point.host : hostAndPort(point))),
    port: samePort && first !== undefined ? first.port : DEFAULT_NATIVE_PORT,
    localDatacenter: named === undefined || named === '' ? datacenter : named,
    tls: undefined,
    credentials,
  });
}

async function askDatacenter(
  points: readonly ContactPoint[],
  credentials: SessionTarget['credentials'],
): Promise<string> {
  const failures: string[] = [];
  for (const point of points) {
    try {
      return await readDatacenter({ address: point.host, port: point.port }, credentials, PROBE_TIMEOUT_MS);
    } catch (error) {
      failures.push(`${hostAndPort(point)}: ${messageOf(error)}`);
    }
  }
  throw new ConnectionError(`No cluster answers at CASSANDRA_CONTACT_POINTS. ${failures.join('; ')}`);
}

function hostAndPort({ host, port }: ContactPoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

class RunningCassandra implements EmbeddedCassandra {
  readonly contactPoints: string[];
  readonly port: number;
  readonly localDatacenter: string;
  readonly version = undefined;
  readonly tls = undefined;
  readonly directory = undefined;
  readonly nodes: readonly CassandraNode[] = [];
  readonly #target: SessionTarget;
  readonly #sessions = new SessionKeeper();

  constructor(target: SessionTarget) {
    this.#target = target;
    this.contactPoints = target.contactPoints;
    this.port = target.port;
    this.localDatacenter = target.localDatacenter;
  }

  async connect(keyspace?: string): Promise<AsyncCassandraSession> {
    return this.#sessions.connect(this.#target, keyspace);
  }

  async addNode(): Promise<CassandraNode> {
    throw new ConfigurationError('addNode() needs a cluster of its own; CASSANDRA_CONTACT_POINTS names a running one');
  }

  async stop(): Promise<void> {
    await this.#sessions.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
