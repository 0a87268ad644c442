import type { ClusterCore } from '../cluster/cluster-core.js';
import type { SchemaCache } from '../cluster/schema-cache.js';
import { InvalidParameter } from '../errors.js';
import { rejectFromCaller } from '../execution/caller-stack.js';
import type { Host } from '../topology/host.js';
import { murmur3Token } from '../topology/murmur3.js';
import type { AggregateMetadata } from '../topology/schema/aggregate-metadata.js';
import type { FunctionMetadata } from '../topology/schema/function-metadata.js';
import type { KeyspaceMetadata } from '../topology/schema/keyspace-metadata.js';
import type { TableMetadata } from '../topology/schema/table-metadata.js';
import type { UserTypeMetadata } from '../topology/schema/user-type-metadata.js';
import type { MaterializedViewMetadata } from '../topology/schema/view-metadata.js';
import type { TokenRange } from '../topology/token-range.js';
import { within } from '../util/within.js';

/** Options of whatever asks the cluster. */
export interface MetadataOptions {
  /** The call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What the client knows of the cluster: its hosts, at once; its schema, read from system_schema when it is asked for,
 * kept in memory and forgotten when an event says that it changed. Names are exact: as stored, with their case. What
 * does not exist is null.
 *
 * Whatever reads the schema throws ConnectionError if the cluster is not connected or is closed, or if there is no
 * control connection for controlConnectionTimeoutMs; OperationTimedOut if the node does not answer within that time.
 */
export class Metadata {
  readonly #core: ClusterCore;

  /** Made by the cluster: `cluster.metadata`. */
  constructor(core: ClusterCore) {
    this.#core = core;
  }

  /** As the nodes call their cluster; empty before the first connection. */
  get clusterName(): string {
    return this.#core.clusterName;
  }

  /** All known hosts, of every datacenter, as of now: a new array each time. */
  get hosts(): Host[] {
    return [...this.#core.hosts];
  }

  /** By 'address' or 'address:port'. */
  getHost(endpoint: string): Host | undefined {
    return this.#core.hostAt(endpoint);
  }

  /**
   * The hosts that hold the partition key, of all datacenters, in ring order. `routingKey` is the key as serialized.
   *
   * @throws InvalidParameter if the key is no Buffer.
   */
  getReplicas(keyspace: string, routingKey: Buffer): Host[] {
    checkKey('getReplicas', routingKey);
    return [...this.#core.routing.replicasNow(keyspace, routingKey)];
  }

  /**
   * The token of a partition key as serialized: what `token(…)` is in CQL with Murmur3Partitioner, the default.
   *
   * @throws InvalidParameter if the key is no Buffer.
   */
  getToken(routingKey: Buffer): bigint {
    checkKey('getToken', routingKey);
    return murmur3Token(routingKey);
  }

  /**
   * The token ring as ranges, in token order: each ends at a node's token, the last one at the end of the ring, and each
   * key is in one of them. With a keyspace they tell their replicas there. For reading a whole table in parts:
   * `WHERE token(key) > start AND token(key) <= end`, with the option `routingToken: end`. Empty before the first
   * connection, and if the cluster's partitioner is not Murmur3Partitioner.
   */
  getTokenRanges(keyspace?: string): TokenRange[] {
    if (keyspace !== undefined) checkNames('getTokenRanges', [keyspace]);
    return this.#core.routing.tokenRanges(keyspace ?? null);
  }

  /** One look at whether all live nodes have the same schema version. */
  checkSchemaAgreement(options: MetadataOptions = {}): Promise<boolean> {
    return within(this.#core.checkSchemaAgreement(), { signal: options.signal });
  }

  // ---- schema ------------------------------------------------------------------------------------------------------

  /** The keyspace with all that is in it; virtual ones too. For one table of many, `getTable` reads much less. */
  getKeyspace(name: string, options: MetadataOptions = {}): Promise<KeyspaceMetadata | null> {
    return this.#read('getKeyspace', [name], options, (schema) => schema.keyspace(name));
  }

  /** All keyspaces, system and virtual ones included, each with all that is in it. */
  getKeyspaces(options: MetadataOptions = {}): Promise<Map<string, KeyspaceMetadata>> {
    return this.#read('getKeyspaces', [], options, (schema) => schema.keyspaces(options.signal));
  }

  /** Reads that table alone. Materialized views are no tables; virtual tables are. */
  getTable(keyspace: string, name: string, options: MetadataOptions = {}): Promise<TableMetadata | null> {
    return this.#read('getTable', [keyspace, name], options, (schema) => schema.table(keyspace, name));
  }

  /** Reads that user type alone. */
  getUserType(keyspace: string, name: string, options: MetadataOptions = {}): Promise<UserTypeMetadata | null> {
    return this.#read('getUserType', [keyspace, name], options, (schema) => schema.userType(keyspace, name));
  }

  /** Reads that materialized view alone. */
  getMaterializedView(
    keyspace: string,
    name: string,
    options: MetadataOptions = {},
  ): Promise<MaterializedViewMetadata | null> {
    return this.#read('getMaterializedView', [keyspace, name], options, (schema) => schema.view(keyspace, name));
  }

  /** `argumentTypes` as CQL, such as `['int', 'map<text, int>']`; `frozen` makes no difference. */
  async getFunction(
    keyspace: string,
    name: string,
    argumentTypes: readonly string[],
    options: MetadataOptions = {},
  ): Promise<FunctionMetadata | null> {
    const types = typeList('getFunction', argumentTypes);
    return this.#read('getFunction', [keyspace, name, ...types], options, (schema) =>
      schema.function(keyspace, name, types),
    );
  }

  /** `argumentTypes` as CQL, such as `['int']`; `frozen` makes no difference. */
  async getAggregate(
    keyspace: string,
    name: string,
    argumentTypes: readonly string[],
    options: MetadataOptions = {},
  ): Promise<AggregateMetadata | null> {
    const types = typeList('getAggregate', argumentTypes);
    return this.#read('getAggregate', [keyspace, name, ...types], options, (schema) =>
      schema.aggregate(keyspace, name, types),
    );
  }

  /** Reads for a caller that may go; another that waits for the same is not concerned. */
  async #read<T>(
    call: string,
    names: readonly unknown[],
    { signal }: MetadataOptions,
    read: (schema: SchemaCache) => Promise<T>,
  ): Promise<T> {
    checkNames(call, names);
    this.#core.queries.check();
    return within(read(this.#core.schema), { signal }).catch(rejectFromCaller);
  }
}

function checkNames(call: string, names: readonly unknown[]): void {
  for (const name of names) {
    if (typeof name === 'string') continue;
    throw new InvalidParameter(`${call}() takes names as strings, not ${name === null ? 'null' : typeof name}`);
  }
}

function checkKey(call: string, key: unknown): void {
  if (key instanceof Uint8Array) return;
  throw new InvalidParameter(`${call}() takes the partition key as a Buffer, as it is serialized`);
}

function typeList(call: string, types: unknown): readonly string[] {
  if (!Array.isArray(types)) throw new InvalidParameter(`${call}() takes the argument types as an array of CQL types`);
  return types as readonly string[];
}
