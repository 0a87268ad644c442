import type { Connection } from '../connection/connection.js';
import { ProtocolError } from '../errors.js';
import { formatEndpoint, type HostFacts } from '../topology/host.js';
import { SlicedTurns } from '../util/sliced-job.js';
import type { Address } from './connector.js';
import { translatePeers } from './peer-addresses.js';
import type { ClusterSettings } from './settings.js';
import { systemQuery, text, type SystemRow } from './system-query.js';

export interface TopologySnapshot {
  readonly clusterName: string;
  readonly partitioner: string;
  readonly localHostId: string;
  readonly schemaVersion: string | null;
  readonly hosts: ReadonlyMap<string, HostFacts>;
  /** By host id, why the client does not know where to reach a host: its facts have the address that it names itself. */
  readonly untranslated: ReadonlyMap<string, Error>;
  /** By host id, the 'address:port' that each peer names itself: events go by that, whatever a translator makes of it. */
  readonly named: ReadonlyMap<string, string>;
}

const LOCAL =
  'SELECT cluster_name, partitioner, host_id, data_center, rack, release_version, schema_version, tokens ' +
  "FROM system.local WHERE key = 'local'";
const PEERS =
  'SELECT peer, peer_port, host_id, data_center, rack, release_version, tokens, native_address, native_port ' +
  'FROM system.peers_v2';
const AGES = 'SELECT peer, peer_port, writetime(host_id) AS written FROM system.peers_v2';

type Ask = (query: string) => Promise<SystemRow[]>;

function askOver(connection: Connection, settings: ClusterSettings): Ask {
  return (query) => systemQuery(connection, query, [], settings.controlConnectionTimeoutMs);
}

function tokens(value: unknown): readonly bigint[] {
  if (!(value instanceof Set)) return [];
  const texts = [...(value as Set<unknown>)].filter((token) => typeof token === 'string');
  // The ring is kept for the Murmur3 partitioner alone; other partitioners' tokens are no int64.
  return Object.freeze(texts.filter((token) => /^-?\d{1,19}$/.test(token)).map(BigInt));
}

/** Peers that are not whole yet (a node that joins, a row that gossip left behind) are passed over. */
function isComplete(row: SystemRow): boolean {
  return (
    text(row, 'host_id') !== '' &&
    text(row, 'native_address') !== '' &&
    text(row, 'data_center') !== '' &&
    text(row, 'rack') !== '' &&
    row['tokens'] !== null
  );
}

function facts(row: SystemRow, address: string, port: number): HostFacts {
  return {
    address,
    port,
    datacenter: text(row, 'data_center'),
    rack: text(row, 'rack'),
    releaseVersion: text(row, 'release_version'),
    tokens: tokens(row['tokens']),
  };
}

/**
 * One row a host. A node that came back under another address may stand in the table under the old one, too, and for
 * ever if the others were restarted as well: then the row that was written last holds.
 */
async function newestRows(rows: readonly SystemRow[], ask: Ask): Promise<readonly SystemRow[]> {
  const ids = new Set(rows.map((row) => row['host_id']));
  if (ids.size === rows.length) return rows;
  const ages = new Map((await ask(AGES)).map((row) => [peerOf(row), row['written']]));
  const writtenAt = (row: SystemRow): bigint => {
    const age = ages.get(peerOf(row));
    return typeof age === 'bigint' ? age : -1n;
  };
  const newest = new Map<unknown, SystemRow>();
  for (const row of rows) {
    const other = newest.get(row['host_id']);
    if (other === undefined || writtenAt(row) > writtenAt(other)) newest.set(row['host_id'], row);
  }
  return [...newest.values()];
}

/** The table's key. */
function peerOf(row: SystemRow): string {
  return `${text(row, 'peer')} ${String(row['peer_port'])}`;
}

/** Where the peer says that it is reached. */
function namedAddress(row: SystemRow, defaultPort: number): Address {
  const port = row['native_port'];
  return { address: text(row, 'native_address'), port: typeof port === 'number' ? port : defaultPort };
}

/** Reads who is in the cluster, as the node behind this connection sees it. `signal` ends the wait for a translator. */
export async function readTopology(
  connection: Connection,
  settings: ClusterSettings,
  signal: AbortSignal,
): Promise<TopologySnapshot> {
  const ask = askOver(connection, settings);
  const [[local], rows] = await Promise.all([ask(LOCAL), ask(PEERS)]);
  if (local === undefined || text(local, 'host_id') === '') {
    throw new ProtocolError(`${connection.endpoint} has no row in system.local: it is not ready yet`);
  }
  const { address, port } = connection.settings.transport;
  const localHostId = text(local, 'host_id');
  // The address that we reached it under is better than its own idea, which may be 0.0.0.0.
  const hosts = new Map<string, HostFacts>([[localHostId, facts(local, address, port)]]);
  const untranslated = new Map<string, Error>();
  const peers = (await newestRows(rows.filter(isComplete), ask)).filter((row) => row['host_id'] !== localHostId);
  const addresses = peers.map((row) => namedAddress(row, settings.port));
  const limits = { timeoutMs: settings.controlConnectionTimeoutMs, signal };
  const translated = await translatePeers(addresses, settings.addressTranslator, limits);
  const named = new Map<string, string>();
  const turns = new SlicedTurns();
  for (const [i, row] of peers.entries()) {
    await turns.next();
    const id = text(row, 'host_id');
    const own = namedAddress(row, settings.port);
    named.set(id, formatEndpoint(own.address, own.port));
    const found = translated[i];
    if (found instanceof Error) untranslated.set(id, found);
    const where = found === undefined || found instanceof Error ? own : found;
    hosts.set(id, facts(row, where.address, where.port));
  }
  return {
    clusterName: text(local, 'cluster_name'),
    partitioner: text(local, 'partitioner'),
    localHostId,
    schemaVersion: text(local, 'schema_version') || null,
    hosts,
    untranslated,
    named,
  };
}

/** True if the coordinator and every other live node name the same schema version. */
export async function schemaIsInAgreement(
  connection: Connection,
  settings: ClusterSettings,
  isUp: (hostId: string) => boolean,
): Promise<boolean> {
  const ask = askOver(connection, settings);
  const [local, peers] = await Promise.all([
    ask("SELECT schema_version FROM system.local WHERE key = 'local'"),
    ask('SELECT peer, peer_port, host_id, schema_version FROM system.peers_v2'),
  ]);
  const live = peers.filter((row) => isUp(text(row, 'host_id')));
  const versions = new Set([...local, ...(await newestRows(live, ask))].map((row) => row['schema_version']));
  return versions.size === 1;
}
