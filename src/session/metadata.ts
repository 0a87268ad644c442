import type { ClusterCore } from '../cluster/cluster-core.js';
import type { Host } from '../topology/host.js';

/** What the client knows of the cluster. */
export class Metadata {
  readonly #core: ClusterCore;

  constructor(core: ClusterCore) {
    this.#core = core;
  }

  get clusterName(): string {
    return this.#core.clusterName;
  }

  /** All known hosts, of every datacenter. */
  get hosts(): readonly Host[] {
    return this.#core.hosts;
  }

  /** By 'address' or 'address:port'. */
  getHost(endpoint: string): Host | undefined {
    return this.#core.hostAt(endpoint);
  }

  /** The hosts that hold the partition key, of all datacenters, in ring order. `routingKey` is the key as serialized. */
  getReplicas(keyspace: string, routingKey: Buffer): readonly Host[] {
    return this.#core.replicasNow(keyspace, routingKey);
  }

  /** One look at whether all live nodes have the same schema version. */
  checkSchemaAgreement(): Promise<boolean> {
    return this.#core.checkSchemaAgreement();
  }
}
