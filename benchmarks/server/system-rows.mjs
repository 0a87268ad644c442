// system.local and the peers tables of a cluster that does not exist: every canned address is one of its nodes.
import { Buffer } from 'node:buffer';

const TEXT = [0x000d];
const TYPES = {
  key: TEXT,
  cluster_name: TEXT,
  partitioner: TEXT,
  data_center: TEXT,
  rack: TEXT,
  release_version: TEXT,
  cql_version: TEXT,
  host_id: [0x000c],
  schema_version: [0x000c],
  tokens: [0x0022, 0x000d],
  rpc_port: [0x0009],
  native_port: [0x0009],
  rpc_address: [0x0010],
  native_address: [0x0010],
  peer: [0x0010],
  peer_port: [0x0009],
};

const LOCAL = Object.keys(TYPES).filter(
  (name) => !['native_port', 'native_address', 'peer', 'peer_port'].includes(name),
);
const PEERS = ['peer', 'data_center', 'host_id', 'rack', 'release_version', 'rpc_address', 'schema_version', 'tokens'];
const PEERS_V2 = [...PEERS.filter((name) => name !== 'rpc_address'), 'native_address', 'native_port', 'peer_port'];

const TOKENS_A_NODE = 16;
const SYSTEM = /^SELECT (.+?) FROM system\.(local|peers|peers_v2)\b/i;

function int(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function short(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function string(text) {
  return Buffer.concat([short(Buffer.byteLength(text)), Buffer.from(text)]);
}

function value(bytes) {
  return Buffer.concat([int(bytes.length), bytes]);
}

function uuidOf(number) {
  const bytes = Buffer.alloc(16);
  bytes[6] = 0x40;
  bytes[8] = 0x80;
  bytes.writeUInt32BE(number, 12);
  return bytes;
}

/** Node `index` of `count` has every `count`th of the ring's evenly spread tokens. */
function tokensOf(index, count) {
  const step = 2n ** 64n / BigInt(count * TOKENS_A_NODE);
  return Array.from({ length: TOKENS_A_NODE }, (_, turn) =>
    String(-(2n ** 63n) + step * BigInt(turn * count + index + 1) - 1n),
  );
}

function columnsOf(node, index, count) {
  const tokens = tokensOf(index, count).map((token) => value(Buffer.from(token)));
  const address = Buffer.from(node.address.split('.').map(Number));
  return {
    key: Buffer.from('local'),
    cluster_name: Buffer.from('canned'),
    partitioner: Buffer.from('org.apache.cassandra.dht.Murmur3Partitioner'),
    data_center: Buffer.from('dc1'),
    rack: Buffer.from('rack1'),
    release_version: Buffer.from('5.0.9'),
    cql_version: Buffer.from('3.4.7'),
    host_id: uuidOf(index + 1),
    schema_version: uuidOf(0),
    tokens: Buffer.concat([int(tokens.length), ...tokens]),
    rpc_port: int(node.port),
    native_port: int(node.port),
    rpc_address: address,
    native_address: address,
    peer: address,
    peer_port: int(7000),
  };
}

/** The body of the RESULT to a query of a system table by the client of `nodes[own]`; null for any other query. */
export function systemRows(query, nodes, own) {
  const [, asked, table] = SYSTEM.exec(query) ?? [];
  if (table === undefined) return null;
  const all = { local: LOCAL, peers: PEERS, peers_v2: PEERS_V2 }[table];
  const names = asked.trim() === '*' ? all : asked.split(',').map((name) => name.trim());
  const rows = nodes
    .map((node, i) => (table === 'local') === (i === own) && columnsOf(node, i, nodes.length))
    .filter(Boolean);
  const columns = names.flatMap((name) => [string(name), ...TYPES[name].map(short)]);
  const cells = rows.flatMap((row) => names.map((name) => value(row[name])));
  const head = [int(2), int(1), int(names.length), string('system'), string(table)];
  return Buffer.concat([...head, ...columns, int(rows.length), ...cells]);
}
