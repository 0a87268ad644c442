import type { AsyncClusterOptions } from '../../index.js';
import { clusterOptions, withCluster, type Connected } from '../connection.js';
import type { ConnectionFlags } from '../options.js';
import type { CommandContext } from './context.js';

export interface ConnectHabits {
  /** Contact points that stand on the command line without an option. */
  readonly positional?: readonly string[];
  readonly options?: AsyncClusterOptions;
}

/** Connects as the flags say, does the work, and closes everything. */
export async function connected<T>(
  context: CommandContext,
  flags: ConnectionFlags,
  work: (connected: Connected) => Promise<T>,
  habits: ConnectHabits = {},
): Promise<T> {
  const options = await clusterOptions(flags, context.io, habits.positional);
  context.isUserNamed = options.authProvider !== undefined;
  context.isTls = options.tls !== undefined;
  return withCluster(flags, { ...options, ...habits.options }, context.io, work);
}
