import type { ClusterCore } from '../cluster/cluster-core.js';
import type { PoolGroup } from '../cluster/pool-group.js';
import { QueryError } from '../errors.js';
import type { QueryPlan } from '../policies/load-balancing.js';
import type { RetryPolicy, RetryStatement } from '../policies/retry.js';
import type { SpeculativeExecutionPolicy } from '../policies/speculative.js';
import type { ConsistencyLevel } from '../protocol/constants.js';
import type { Host } from '../topology/host.js';
import type { RequestPlan } from './request-plan.js';
import type { ResolvedOptions } from './resolved-options.js';
import type { StatementText } from './statement-text.js';

/**
 * One call of the user's: what is the same for every request (every page) that is made for it.
 *
 * Calls and requests are made by the million, and by classes that extend one another: `private` and not `#` there, for
 * each such class with `#` fields adds 30 to 50 ns to every `new` (Node 20), where plain assignments add nothing.
 */
export abstract class Call implements RequestPlan {
  readonly options: ResolvedOptions;
  private readonly core: ClusterCore;

  constructor(core: ClusterCore, options: ResolvedOptions) {
    this.core = core;
    this.options = options;
  }

  abstract readonly text: StatementText;
  abstract readonly isSelect: boolean;

  /** The keyspace whose replicas matter; null if it is not known. */
  protected abstract readonly routedKeyspace: string | null;
  /** The hosts that hold the row; null if they are not known. */
  protected abstract readonly replicas: readonly Host[] | null;
  protected abstract readonly isLwt: boolean;

  get group(): PoolGroup {
    return this.options.group;
  }

  get consistency(): ConsistencyLevel {
    return this.options.consistency;
  }

  get timeoutMs(): number {
    return this.options.timeoutMs;
  }

  get spentMs(): number {
    return this.options.spentMs;
  }

  get retryPolicy(): RetryPolicy {
    return this.options.retryPolicy;
  }

  /** The keyspace that the statement's unqualified names mean. */
  protected get namedKeyspace(): string | null {
    return this.options.keyspace ?? this.options.group.keyspace;
  }

  /**
   * Made when a policy is asked, and no more than that: neither the caller's statement nor options that calls share are
   * for a policy to change.
   */
  get statement(): RetryStatement {
    const { text, namedKeyspace: keyspace } = this;
    const { isIdempotent } = this.options;
    const isOne = typeof text === 'string';
    return Object.freeze({
      isIdempotent,
      query: isOne ? text : null,
      statements: isOne ? null : Object.freeze(text.map(({ query }) => query)),
      keyspace,
    });
  }

  get signal(): AbortSignal | null {
    return this.options.signal;
  }

  /** Only what may be sent twice may be sent twice at once. */
  get speculativeExecutionPolicy(): SpeculativeExecutionPolicy | null {
    const { isIdempotent, speculativeExecutionPolicy } = this.options;
    return isIdempotent === true || (this.isSelect && isIdempotent !== false) ? speculativeExecutionPolicy : null;
  }

  newHosts(): QueryPlan {
    const { host, routing, consistency, loadBalancingPolicy } = this.options;
    if (host !== null) return new OneHost(host);
    const { routedKeyspace: keyspace, isLwt } = this;
    const replicas = routing === null || keyspace === null ? this.replicas : this.replicasOf(keyspace, routing);
    try {
      return loadBalancingPolicy.newQueryPlan({ keyspace, replicas, consistency, isLwt });
    } catch (cause) {
      throw new QueryError('The load balancing policy threw', { cause });
    }
  }

  /** Those that the caller asks for. */
  private replicasOf(keyspace: string, routing: Buffer | bigint): readonly Host[] | null {
    if (!this.core.isRouted) return null;
    return typeof routing === 'bigint'
      ? this.core.routing.replicasOfToken(keyspace, routing)
      : this.core.routing.replicas(keyspace, routing);
  }
}

/** A PREPARE: any node will do. Its signal is not one caller's: several wait for the same preparation. */
export class PrepareCall extends Call {
  readonly text: string;
  readonly isSelect = true;
  protected readonly routedKeyspace: string | null;
  protected readonly replicas = null;
  protected readonly isLwt = false;

  constructor(core: ClusterCore, query: string, keyspace: string | null, options: ResolvedOptions) {
    super(core, options);
    this.text = query;
    this.routedKeyspace = keyspace;
  }

  protected override get namedKeyspace(): string | null {
    return this.routedKeyspace;
  }
}

/** A request that is pinned to one host goes there or nowhere. */
class OneHost implements QueryPlan {
  #host: Host | null;

  constructor(host: Host) {
    this.#host = host;
  }

  next(): Host | null {
    const host = this.#host;
    this.#host = null;
    return host;
  }
}
