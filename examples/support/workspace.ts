import { AsyncCluster, type AsyncCassandraSession, type AsyncClusterOptions } from 'async-cassandra';
import { openDatabase } from './database.js';

export interface Workspace extends AsyncDisposable {
  readonly cluster: AsyncCluster;
  readonly session: AsyncCassandraSession;
  /** How to reach the cluster, for examples that open more. */
  readonly options: AsyncClusterOptions;
}

/** A session in an empty keyspace of that name. Closing it drops the keyspace and stops what was started. */
export async function openWorkspace(keyspace: string, habits: AsyncClusterOptions = {}): Promise<Workspace> {
  const database = await openDatabase(habits);
  const cluster = new AsyncCluster(database.options);
  // Dropping takes a flush of every table.
  const slow = { timeoutMs: 60_000 };
  const close = async (): Promise<void> => {
    await cluster.shutdown();
    await database[Symbol.asyncDispose]();
  };
  try {
    const session = await cluster.connect();
    await session.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`, undefined, slow);
    await session.execute(
      `CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
      undefined,
      slow,
    );
    await session.setKeyspace(keyspace);
    const dispose = async (): Promise<void> => {
      await session.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`, undefined, slow).finally(close);
    };
    return { cluster, session, options: database.options, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The number that was given on the command line at that place, from 0. */
export function numberArgument(place: number, fallback: number): number {
  const given = process.argv[2 + place];
  if (given === undefined) return fallback;
  const number = Number(given);
  if (!Number.isInteger(number) || number < 1) throw new Error(`Not a whole number from 1: ${given}`);
  return number;
}
