import type { ClusterCore } from '../cluster/cluster-core.js';
import type { PoolGroup } from '../cluster/pool-group.js';
import { ConfigurationError, QueryError } from '../errors.js';
import type { LoadBalancingPolicy, QueryPlan } from '../policies/load-balancing.js';
import { RetryBudget } from '../policies/retry-budget.js';
import type { RetryPolicy } from '../policies/retry.js';
import type { SpeculativeExecutionPolicy } from '../policies/speculative.js';
import type { TimestampGenerator } from '../policies/timestamps.js';
import { ByteWriter } from '../protocol/byte-writer.js';
import { boundValueAt } from '../protocol/codec/bind-plan.js';
import { ConsistencyLevel } from '../protocol/constants.js';
import type { QuerySettings, ValuesWriter } from '../protocol/messages/index.js';
import type { AsyncResultSet } from '../result/result-set.js';
import { ENCODED_VALUES, EncodedValues } from '../statement/encoded-values.js';
import type { PreparedQuery } from '../statement/prepared-query.js';
import type { Host } from '../topology/host.js';
import {
  type BatchMember,
  BatchMessage,
  type CustomPayload,
  ExecuteMessage,
  QueryMessage,
  type RequestMessage,
} from './messages.js';
import { outdated, Preparer } from './preparer.js';
import type { RequestContext, RequestPlan } from './request.js';
import type { SentMessage } from './sent-envelope.js';
import { type RowMode, StatementRequest } from './statement-request.js';
import type { StatementText } from './statement-text.js';

/** Everything that a request may be told, resolved: the call's options, the statement's, the profile's. */
export interface ResolvedOptions {
  readonly group: PoolGroup;
  readonly consistency: ConsistencyLevel;
  /** −1 for none. */
  readonly serialConsistency: number;
  readonly timeoutMs: number;
  readonly fetchSize: number;
  readonly isIdempotent: boolean | undefined;
  readonly timestamp: bigint | null;
  readonly nowInSeconds: number | null;
  /** Another keyspace than the session's, for this request alone. */
  readonly keyspace: string | null;
  readonly routingKey: Buffer | null;
  readonly trace: boolean;
  readonly customPayload: CustomPayload | null;
  readonly host: Host | null;
  readonly rowMode: RowMode;
  readonly signal: AbortSignal | null;
  readonly loadBalancingPolicy: LoadBalancingPolicy;
  readonly retryPolicy: RetryPolicy;
  readonly speculativeExecutionPolicy: SpeculativeExecutionPolicy | null;
  /** Undefined: read all pages. Null: the first page only. A state: the page that it names only. */
  readonly pagingState: Buffer | null | undefined;
}

/** Where statements are prepared beside the node that is asked first. */
export interface PreparingOptions {
  readonly onAllHosts: boolean;
  /** On a host that comes up. */
  readonly onUp: boolean;
}

/** A statement of a batch, with what is known about it. */
export interface BatchEntry extends BatchMember {
  readonly prepared: PreparedQuery | null;
}

type Outcome = Promise<AsyncResultSet<unknown>>;

/** Turns statements and options into requests. One for each cluster; sessions share it. */
export class Executor {
  readonly core: ClusterCore;
  readonly preparer: Preparer;
  readonly #context: RequestContext;
  readonly #timestamps: TimestampGenerator;
  readonly #keyWriter = new ByteWriter(256);

  constructor(core: ClusterCore, timestamps: TimestampGenerator, preparing: PreparingOptions) {
    this.core = core;
    this.#timestamps = timestamps;
    this.#context = { core, retryBudget: new RetryBudget() };
    this.preparer = new Preparer(this.#context, preparing.onAllHosts);
    if (preparing.onUp) core.onPoolReady = (pool) => void this.preparer.prepareAllOn(pool);
  }

  // ---- the three kinds of statement --------------------------------------------------------------------------------

  /** A statement as text, without values. */
  query(
    text: string,
    isSelect: boolean,
    options: ResolvedOptions,
    onKeyspace: (keyspace: string) => Promise<void>,
  ): Outcome {
    const settings = this.#settings(options, isSelect, false);
    const message = (state: Buffer | null): RequestMessage =>
      new QueryMessage(text, withState(settings, state), options.trace, options.customPayload);
    return this.#run(text, message, options, isSelect, false, options.keyspace, null, [], onKeyspace);
  }

  /** A prepared statement; `values.write(writer, parameters)` writes what it is executed with. */
  execute(prepared: PreparedQuery, values: ValuesWriter, parameters: unknown, options: ResolvedOptions): Outcome {
    const { shape } = prepared;
    const settings = this.#settings(options, prepared.isSelect, shape !== null);
    const metadataId = shape === null ? prepared.emptyMetadataId : shape.metadataId;
    const { trace, customPayload } = options;
    const message = (state: Buffer | null, first: SentMessage | null): RequestMessage =>
      new ExecuteMessage(
        prepared.id,
        metadataId,
        withState(settings, state),
        first === null ? values : ENCODED_VALUES,
        first === null ? parameters : valuesOf(first, prepared.bindPlan.count),
        trace,
        customPayload,
      );
    const keyspace = prepared.bindColumns[0]?.keyspace ?? options.keyspace;
    const replicas =
      options.routingKey === null && this.core.isRouted && prepared.pkIndexes.length > 0
        ? this.#replicasOf(prepared, parameters)
        : null;
    const { isSelect, isLwt } = prepared;
    const { query } = prepared;
    return this.#run(query, message, options, isSelect, isLwt, keyspace, replicas, [prepared], noKeyspace);
  }

  batch(type: number, entries: readonly BatchEntry[], options: ResolvedOptions): Outcome {
    const settings = this.#settings(options, false, false);
    const message = (): RequestMessage =>
      new BatchMessage(type, entries, settings, options.trace, options.customPayload);
    const prepared = entries.flatMap((entry) => (entry.prepared === null ? [] : [entry.prepared]));
    const routed = this.core.isRouted && options.routingKey === null;
    // A batch belongs to one partition, if it is well made: the first statement that names one decides.
    const first = routed ? entries.find((entry) => (entry.prepared?.pkIndexes.length ?? 0) > 0) : undefined;
    const replicas = first?.prepared ? this.#replicasOf(first.prepared, first.parameters) : null;
    const keyspace = first?.prepared?.bindColumns[0]?.keyspace ?? options.keyspace;
    const named = [...new Set(prepared)];
    return this.#run(entries, message, options, false, false, keyspace, replicas, named, noKeyspace);
  }

  /** Prepares through the cache. */
  prepare(
    query: string,
    keyspace: string | null,
    payload: CustomPayload | null,
    options: ResolvedOptions,
  ): Promise<PreparedQuery> {
    return this.preparer.prepare(query, keyspace, payload, () => ({
      // Others may wait for the same preparation: one caller's signal must not end it.
      ...this.#plan(query, options, true, this.#hosts(options, false, keyspace, null)),
      signal: null,
    }));
  }

  // ---- how they are run --------------------------------------------------------------------------------------------

  #run(
    text: StatementText,
    message: (state: Buffer | null, first: SentMessage | null) => RequestMessage,
    options: ResolvedOptions,
    isSelect: boolean,
    isLwt: boolean,
    keyspace: string | null,
    replicas: readonly Host[] | null,
    prepared: readonly PreparedQuery[],
    onKeyspace: (keyspace: string) => Promise<void>,
  ): Outcome {
    for (const statement of prepared) if (statement.isOutdated) throw outdated(statement);
    const newHosts = (): QueryPlan => this.#hosts(options, isLwt, keyspace, replicas);
    const { pagingState, rowMode } = options;
    const plan = this.#plan(text, options, isSelect, newHosts());
    return new StatementRequest(this.#context, plan, message(pagingState ?? null, null), {
      preparer: this.preparer,
      rowMode,
      prepared,
      shape: prepared.length === 1 ? (prepared[0]?.shape ?? null) : null,
      nextPage: pagingState === undefined ? message : null,
      newHosts,
      onKeyspace,
    }).run();
  }

  #plan(text: StatementText, options: ResolvedOptions, isSelect: boolean, hosts: QueryPlan): RequestPlan {
    const { isIdempotent } = options;
    const mayBeSentTwice = isIdempotent === true || (isSelect && isIdempotent !== false);
    return {
      text,
      group: options.group,
      hosts,
      consistency: options.consistency,
      timeoutMs: options.timeoutMs,
      retryPolicy: options.retryPolicy,
      speculativeExecutionPolicy: mayBeSentTwice ? options.speculativeExecutionPolicy : null,
      statement: options,
      isSelect,
      signal: options.signal,
    };
  }

  #settings(options: ResolvedOptions, isSelect: boolean, skipMetadata: boolean): QuerySettings {
    return {
      consistency: options.consistency,
      // SERIAL is what servers take if nothing is said.
      serialConsistency:
        isSelect || options.serialConsistency === ConsistencyLevel.SERIAL ? -1 : options.serialConsistency,
      pageSize: options.fetchSize,
      pagingState: null,
      timestamp: options.timestamp ?? (isSelect ? null : this.#nextTimestamp()),
      keyspace: options.keyspace,
      nowInSeconds: options.nowInSeconds,
      skipMetadata,
    };
  }

  #nextTimestamp(): bigint | null {
    try {
      return this.#timestamps.next();
    } catch (cause) {
      throw new QueryError('The timestamp generator threw', { cause });
    }
  }

  #hosts(
    options: ResolvedOptions,
    isLwt: boolean,
    keyspace: string | null,
    replicas: readonly Host[] | null,
  ): QueryPlan {
    if (options.host !== null) return new OneHost(options.host);
    const { routingKey, consistency } = options;
    const known =
      routingKey !== null && keyspace !== null && this.core.isRouted
        ? this.core.replicas(keyspace, routingKey)
        : replicas;
    try {
      return options.loadBalancingPolicy.newQueryPlan({ keyspace, replicas: known, consistency, isLwt });
    } catch (cause) {
      throw new QueryError('The load balancing policy threw', { cause });
    }
  }

  #replicasOf(prepared: PreparedQuery, parameters: unknown): readonly Host[] | null {
    const keyspace = prepared.bindColumns[0]?.keyspace;
    if (keyspace === undefined) return null;
    const writer = this.#keyWriter;
    writer.offset = 0;
    writer.start = 0;
    if (!prepared.writeRoutingKey(writer, parameters)) return null;
    return this.core.replicas(keyspace, writer.buffer, writer.start, writer.offset);
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

/** The values as the first page's request had them: what the caller did to its parameters since must not show. */
function valuesOf({ buffer, start, consistencyAt }: SentMessage, count: number): EncodedValues {
  // Behind the consistency level (2 bytes) and the flags (4).
  const from = start + consistencyAt + 6;
  return new EncodedValues(Buffer.from(buffer.subarray(from, boundValueAt(buffer, from, count))));
}

function withState(settings: QuerySettings, pagingState: Buffer | null): QuerySettings {
  return pagingState === null ? settings : { ...settings, pagingState };
}

function noKeyspace(): Promise<void> {
  return Promise.reject(new ConfigurationError('USE cannot be prepared: call session.setKeyspace(name)'));
}
