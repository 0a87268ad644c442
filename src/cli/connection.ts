import {
  AsyncCluster,
  ConnectionError,
  InvalidRequest,
  OperationTimedOut,
  PlainTextAuthProvider,
  type AsyncCassandraSession,
  type AsyncClusterOptions,
} from '../index.js';
import { nearestName } from '../util/nearest-name.js';
import { DRIVER_VERSION } from '../version.js';
import { readCredentials, readOptionFile } from './credentials.js';
import type { Io } from './io.js';
import { splitList, wholeNumber, type ConnectionFlags } from './options.js';
import { didYouMean } from './suggest.js';
import { visibleLines } from './text/display-width.js';
import { VALUE_CODECS } from './text/value-codecs.js';
import { NotFound, UsageError } from './usage-error.js';

/** What a command has while it runs. */
export interface Connected {
  readonly cluster: AsyncCluster;
  readonly session: AsyncCassandraSession;
}

/** Cluster options out of the command line and the environment. Throws UsageError. */
export async function clusterOptions(
  flags: ConnectionFlags,
  io: Io,
  positional: readonly string[] = [],
): Promise<AsyncClusterOptions> {
  const contactPoints = contactPointsOf(flags, io, positional);
  const port = flags.port ?? portOf(io);
  const localDatacenter = flags.localDatacenter ?? given(io.env['CASSANDRA_LOCAL_DC']);
  const [credentials, tls] = [await readCredentials(flags, io), await tlsOf(flags)];
  return {
    contactPoints,
    ...(port === undefined ? {} : { port }),
    ...(localDatacenter === undefined ? {} : { localDatacenter }),
    ...(credentials === null
      ? {}
      : { authProvider: new PlainTextAuthProvider(credentials.username, credentials.password) }),
    ...(tls === null ? {} : { tls }),
    // Well below the time for all: what stopped each node is then told, instead of that the time is over.
    connectTimeoutMs: Math.min(5000, flags.timeout * 500),
    requestTimeoutMs: flags.timeout * 1000,
    values: { codecs: VALUE_CODECS },
    applicationName: 'async-cassandra command line',
    applicationVersion: DRIVER_VERSION,
  };
}

function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function portOf({ env }: Io): number | undefined {
  const text = given(env['CASSANDRA_PORT']);
  try {
    return text === undefined ? undefined : wholeNumber(text, 1, 65_535);
  } catch {
    throw new UsageError('CASSANDRA_PORT must be a whole number from 1 to 65535');
  }
}

function contactPointsOf(flags: ConnectionFlags, { env }: Io, positional: readonly string[]): string[] {
  const named = [...positional.flatMap(splitList), ...(flags.contactPoints ?? [])];
  const points = named.length > 0 ? named : splitList(env['CASSANDRA_CONTACT_POINTS'] ?? '');
  // An address with credentials in it is not repeated in the error.
  if (points.some((point) => point.includes('@'))) {
    throw new UsageError(
      'A contact point is host or host:port, without user name and password',
      'Give --username, and the password in CASSANDRA_PASSWORD.',
    );
  }
  return points.length > 0 ? points : ['127.0.0.1'];
}

async function tlsOf(flags: ConnectionFlags): Promise<NonNullable<AsyncClusterOptions['tls']> | null> {
  const { ca, cert, key, servername } = flags;
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError('--cert and --key belong together', 'Give both, or neither.');
  }
  if (flags.tls !== true && ca === undefined && cert === undefined && servername === undefined) return null;
  return {
    ...(ca === undefined ? {} : { ca: await readAuthority(ca) }),
    ...(cert === undefined ? {} : { cert: await readOptionFile('--cert', cert) }),
    ...(key === undefined ? {} : { key: await readOptionFile('--key', key) }),
    ...(servername === undefined ? {} : { servername }),
  };
}

/** Node.js passes over what is no certificate, and then trusts nobody. */
async function readAuthority(path: string): Promise<string> {
  const pem = (await readOptionFile('--ca', path)).toString();
  if (/-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(pem)) return pem;
  throw new UsageError(`--ca: ${path} holds no certificate as PEM`);
}

/** Connects, does the work, and closes everything, whatever the outcome. */
export async function withCluster<T>(
  flags: ConnectionFlags,
  options: AsyncClusterOptions,
  io: Io,
  work: (connected: Connected) => Promise<T>,
): Promise<T> {
  const cluster = new AsyncCluster(options);
  if (flags.debug === true) {
    cluster.on('log', ({ level, message }) => {
      io.stderr.write(`${level}: ${visibleLines(message)}\n`);
    });
  }
  try {
    const session = await open(cluster, flags.timeout * 1000, io.signal);
    if (flags.keyspace !== undefined) await enter(session, flags.keyspace, io.signal);
    return await work({ cluster, session });
  } finally {
    // Whoever pressed Ctrl-C does not wait for what is under way.
    await cluster.shutdown({ drainTimeoutMs: io.signal.aborted ? 0 : 5000 });
  }
}

async function open(cluster: AsyncCluster, timeoutMs: number, signal: AbortSignal): Promise<AsyncCassandraSession> {
  try {
    return await cluster.connect(undefined, { timeoutMs, signal });
  } catch (error) {
    // Not to be taken for a statement's.
    throw error instanceof OperationTimedOut ? new ConnectionError(error.message, { cause: error }) : error;
  }
}

async function enter(session: AsyncCassandraSession, keyspace: string, signal: AbortSignal): Promise<void> {
  try {
    await session.setKeyspace(keyspace, { signal });
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    throw await noSuchKeyspace(session, keyspace, signal);
  }
}

/** The error for a keyspace that is not there, with what is. */
export async function noSuchKeyspace(
  session: AsyncCassandraSession,
  keyspace: string,
  signal: AbortSignal,
): Promise<NotFound> {
  const { rows } = await session.execute<{ keyspace_name: string }>(
    'SELECT keyspace_name FROM system_schema.keyspaces',
    undefined,
    { signal },
  );
  const names = rows.map((row) => row.keyspace_name).sort();
  return new NotFound(
    `There is no keyspace ${keyspace}${didYouMean(nearestName(keyspace, names))}`,
    `The keyspaces are ${names.join(', ')}. Names are taken as they are, upper and lower case included.`,
  );
}
