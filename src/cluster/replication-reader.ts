import type { Connection } from '../connection/connection.js';
import { parseReplication, type Replication } from '../topology/replication.js';
import type { ClusterSettings } from './settings.js';
import { systemQuery, textMap } from './system-query.js';

/** How each keyspace is replicated: all that routing needs of the schema, one short row a keyspace. */
export async function readReplication(
  connection: Connection,
  settings: ClusterSettings,
): Promise<ReadonlyMap<string, Replication>> {
  const rows = await systemQuery(
    connection,
    'SELECT keyspace_name, replication FROM system_schema.keyspaces',
    [],
    settings.controlConnectionTimeoutMs,
  );
  const found = new Map<string, Replication>();
  for (const row of rows) {
    const name = row['keyspace_name'];
    if (typeof name === 'string') found.set(name, parseReplication(textMap(row, 'replication')));
  }
  return found;
}
