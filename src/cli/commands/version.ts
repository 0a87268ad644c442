import { DRIVER_VERSION } from '../../version.js';
import type { ConnectionFlags } from '../options.js';
import { connected } from './connect.js';
import type { CommandContext } from './context.js';

export interface VersionFlags extends ConnectionFlags {
  readonly json?: boolean;
}

interface ServerVersion {
  readonly node: string;
  readonly version: string;
}

/** Connects only if the command line names a server: without one, this answers wherever it runs. */
export async function version(
  context: CommandContext,
  positional: readonly string[],
  flags: VersionFlags,
): Promise<void> {
  const isAsked = positional.length > 0 || flags.contactPoints !== undefined;
  const servers = isAsked ? await serverVersions(context, positional, flags) : [];
  if (flags.json === true) {
    await context.printJson({ 'async-cassandra': DRIVER_VERSION, node: process.versions.node, servers });
    return;
  }
  await context.printLines([
    `async-cassandra ${DRIVER_VERSION}`,
    `Node.js ${process.versions.node}`,
    ...servers.map(({ node, version: release }) => `Cassandra ${release} (${node})`),
  ]);
}

function serverVersions(
  context: CommandContext,
  positional: readonly string[],
  flags: VersionFlags,
): Promise<ServerVersion[]> {
  return connected(
    context,
    flags,
    ({ cluster }) =>
      Promise.resolve(cluster.metadata.hosts.map((host) => ({ node: host.endpoint, version: host.releaseVersion }))),
    { positional },
  );
}
