import type { FakeKeyspace, FakeTable, NodeIdentity, VirtualTable } from './schema.js';
import type { FakeColumn } from './wire/columns.js';

/** The system tables that a client reads, as much of them as it looks at. */

const INTERNODE_PORT = 7000;

function common(node: NodeIdentity): Record<string, unknown> {
  return {
    data_center: node.datacenter,
    host_id: node.hostId,
    rack: node.rack,
    release_version: node.releaseVersion,
    schema_version: node.schemaVersion,
    tokens: node.tokens,
  };
}

const COMMON = {
  data_center: 'text',
  host_id: 'uuid',
  rack: 'text',
  release_version: 'text',
  schema_version: 'uuid',
  tokens: 'set<text>',
} as const;

const none = (): [] => [];

const TABLES: Readonly<Record<string, VirtualTable>> = {
  'system.local': {
    columns: {
      key: 'text',
      bootstrapped: 'text',
      broadcast_address: 'inet',
      broadcast_port: 'int',
      cluster_name: 'text',
      cql_version: 'text',
      listen_address: 'inet',
      listen_port: 'int',
      native_protocol_version: 'text',
      partitioner: 'text',
      rpc_address: 'inet',
      rpc_port: 'int',
      ...COMMON,
    },
    rows: ({ identity, clusterName, partitioner }) => [
      {
        ...common(identity),
        key: 'local',
        bootstrapped: 'COMPLETED',
        broadcast_address: identity.address,
        broadcast_port: INTERNODE_PORT,
        cluster_name: clusterName,
        cql_version: '3.4.7',
        listen_address: identity.address,
        listen_port: INTERNODE_PORT,
        native_protocol_version: '5',
        partitioner,
        rpc_address: identity.address,
        rpc_port: identity.port,
      },
    ],
  },
  'system.peers_v2': {
    columns: {
      peer: 'inet',
      peer_port: 'int',
      native_address: 'inet',
      native_port: 'int',
      preferred_ip: 'inet',
      preferred_port: 'int',
      ...COMMON,
    },
    rows: ({ peers }) =>
      Array.from(peers(), (node) => ({
        ...common(node),
        peer: node.address,
        peer_port: INTERNODE_PORT,
        native_address: node.address,
        native_port: node.port,
      })),
  },
  'system.peers': {
    columns: { peer: 'inet', preferred_ip: 'inet', rpc_address: 'inet', ...COMMON },
    rows: ({ peers }) =>
      Array.from(peers(), (node) => ({ ...common(node), peer: node.address, rpc_address: node.address })),
  },
  'system_schema.keyspaces': {
    columns: { keyspace_name: 'text', durable_writes: 'boolean', replication: 'map<text, text>' },
    rows: ({ schema }) =>
      schema.map((keyspace) => ({
        keyspace_name: keyspace.name,
        durable_writes: true,
        replication: keyspace.replication ?? {
          class: 'org.apache.cassandra.locator.SimpleStrategy',
          replication_factor: '1',
        },
      })),
  },
  'system_schema.tables': {
    columns: {
      keyspace_name: 'text',
      table_name: 'text',
      bloom_filter_fp_chance: 'double',
      caching: 'map<text, text>',
      comment: 'text',
      compaction: 'map<text, text>',
      compression: 'map<text, text>',
      crc_check_chance: 'double',
      default_time_to_live: 'int',
      flags: 'set<text>',
      gc_grace_seconds: 'int',
      id: 'uuid',
      max_index_interval: 'int',
      memtable_flush_period_in_ms: 'int',
      min_index_interval: 'int',
      speculative_retry: 'text',
    },
    rows: ({ schema }) =>
      eachTable(schema, (keyspace, table, i) => [
        {
          keyspace_name: keyspace,
          table_name: table.name,
          bloom_filter_fp_chance: 0.01,
          caching: { keys: 'ALL', rows_per_partition: 'NONE' },
          comment: '',
          compaction: { class: 'org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy' },
          compression: { class: 'org.apache.cassandra.io.compress.LZ4Compressor' },
          crc_check_chance: 1,
          default_time_to_live: 0,
          flags: ['compound'],
          gc_grace_seconds: 864_000,
          id: `00000000-0000-1000-8000-${String(i).padStart(12, '0')}`,
          max_index_interval: 2048,
          memtable_flush_period_in_ms: 0,
          min_index_interval: 128,
          speculative_retry: '99p',
        },
      ]),
  },
  'system_schema.columns': {
    columns: {
      keyspace_name: 'text',
      table_name: 'text',
      column_name: 'text',
      clustering_order: 'text',
      column_name_bytes: 'blob',
      kind: 'text',
      position: 'int',
      type: 'text',
    },
    rows: ({ schema }) => eachTable(schema, columnRows),
  },
  'system_schema.types': {
    columns: {
      keyspace_name: 'text',
      type_name: 'text',
      field_names: 'list<text>',
      field_types: 'list<text>',
    },
    rows: ({ schema }) =>
      schema.flatMap((keyspace) =>
        (keyspace.types ?? []).map((type) => ({
          keyspace_name: keyspace.name,
          type_name: type.name,
          field_names: Object.keys(type.fields),
          field_types: Object.values(type.fields),
        })),
      ),
  },
  'system_schema.indexes': {
    columns: {
      keyspace_name: 'text',
      table_name: 'text',
      index_name: 'text',
      kind: 'text',
      options: 'map<text, text>',
    },
    rows: none,
  },
  'system_schema.triggers': {
    columns: { keyspace_name: 'text', table_name: 'text', trigger_name: 'text', options: 'map<text, text>' },
    rows: none,
  },
  'system_schema.views': {
    columns: {
      keyspace_name: 'text',
      view_name: 'text',
      base_table_id: 'uuid',
      base_table_name: 'text',
      include_all_columns: 'boolean',
      where_clause: 'text',
    },
    rows: none,
  },
  'system_schema.functions': {
    columns: {
      keyspace_name: 'text',
      function_name: 'text',
      argument_types: 'list<text>',
      argument_names: 'list<text>',
      body: 'text',
      called_on_null_input: 'boolean',
      language: 'text',
      return_type: 'text',
    },
    rows: none,
  },
  'system_schema.aggregates': {
    columns: {
      keyspace_name: 'text',
      aggregate_name: 'text',
      argument_types: 'list<text>',
      final_func: 'text',
      initcond: 'text',
      return_type: 'text',
      state_func: 'text',
      state_type: 'text',
    },
    rows: none,
  },
  'system_virtual_schema.keyspaces': { columns: { keyspace_name: 'text' }, rows: none },
  'system_virtual_schema.tables': {
    columns: { keyspace_name: 'text', table_name: 'text', comment: 'text' },
    rows: none,
  },
  'system_virtual_schema.columns': {
    columns: {
      keyspace_name: 'text',
      table_name: 'text',
      column_name: 'text',
      clustering_order: 'text',
      kind: 'text',
      position: 'int',
      type: 'text',
    },
    rows: none,
  },
};

function eachTable(
  schema: readonly FakeKeyspace[],
  rows: (keyspace: string, table: FakeTable, index: number) => Record<string, unknown>[],
): Record<string, unknown>[] {
  return schema.flatMap((keyspace) =>
    (keyspace.tables ?? []).flatMap((table, index) => rows(keyspace.name, table, index)),
  );
}

function columnRows(keyspace: string, table: FakeTable): Record<string, unknown>[] {
  const { partitionKey, clusteringKey = [] } = table;
  return Object.entries(table.columns).map(([name, type]) => {
    const inKey = partitionKey.indexOf(name);
    const inClustering = clusteringKey.indexOf(name);
    return {
      keyspace_name: keyspace,
      table_name: table.name,
      column_name: name,
      clustering_order: inClustering < 0 ? 'none' : 'asc',
      column_name_bytes: Buffer.from(name),
      kind: inKey >= 0 ? 'partition_key' : inClustering >= 0 ? 'clustering' : 'regular',
      position: inKey >= 0 ? inKey : inClustering,
      type,
    };
  });
}

export function findTable(schema: readonly FakeKeyspace[], keyspace: string, table: string): FakeTable | undefined {
  return schema.find((one) => one.name === keyspace)?.tables?.find((one) => one.name === table);
}

/** A SELECT from a system table, understood. */
export interface SystemSelect {
  readonly columns: readonly FakeColumn[];
  /** `column = literal or marker` of its WHERE: the literal's text, or the marker's position. */
  readonly conditions: readonly {
    readonly column: FakeColumn;
    readonly literal: string | undefined;
    readonly marker: number;
  }[];
  readonly table: VirtualTable;
}

const SELECT =
  /^\s*select\s+(?<list>.+?)\s+from\s+(?<table>(?:system|system_schema|system_virtual_schema)\.\w+)(?<rest>.*)$/is;
const CONDITION = /(?<name>\w+)\s*=\s*(?:'(?<text>(?:[^']|'')*)'|(?<marker>\?|:\w+)|(?<word>[\w-]+))/g;

/** Null if the query is no SELECT from a system table that fake nodes know. */
export function selectSystem(query: string): SystemSelect | null {
  const groups = SELECT.exec(query)?.groups;
  const name = groups?.['table']?.toLowerCase() ?? '';
  const table = TABLES[name];
  if (groups === undefined || table === undefined) return null;
  const [keyspace = '', tableName = ''] = name.split('.');
  const column = (wanted: string): FakeColumn[] => {
    const type = table.columns[wanted];
    return type === undefined ? [] : [{ name: wanted, type, keyspace, table: tableName }];
  };
  const list = (groups['list'] ?? '*').trim();
  const names =
    list === '*' ? Object.keys(table.columns) : list.split(',').map((one) => one.trim().replaceAll('"', ''));
  let markers = 0;
  const conditions = [...(groups['rest'] ?? '').matchAll(CONDITION)].flatMap(({ groups: found = {} }) => {
    const marker = found['marker'] === undefined ? -1 : markers++;
    const literal = found['text']?.replaceAll("''", "'") ?? found['word'];
    return column(found['name'] ?? '').map((one) => ({ column: one, literal, marker }));
  });
  return { columns: names.flatMap(column), conditions, table };
}
