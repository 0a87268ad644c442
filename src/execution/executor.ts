import type { ClusterCore } from '../cluster/cluster-core.js';
import { RetryBudget } from '../policies/retry-budget.js';
import { type TimestampGenerator, timestampSource } from '../policies/timestamps.js';
import { ByteWriter } from '../protocol/byte-writer.js';
import type { Parameters } from '../protocol/codec/bind-plan.js';
import type { ValuesWriter } from '../protocol/messages/index.js';
import type { AsyncResultSet } from '../result/result-set.js';
import { BoundMember } from '../statement/batch-statement.js';
import { ENCODED_VALUES, encodeValues } from '../statement/encoded-values.js';
import type { PreparedQuery } from '../statement/prepared-query.js';
import { isUseQuery } from '../statement/query-text.js';
import type { CustomPayload } from '../statement/statement-options.js';
import type { Host } from '../topology/host.js';
import type { Limits } from '../util/within.js';
import { PrepareCall } from './call.js';
import type { BatchPart } from './messages.js';
import { nextTimestamp } from './next-timestamp.js';
import { Preparer } from './preparer.js';
import type { RequestContext, RequestPlan } from './request-plan.js';
import type { ResolvedOptions } from './resolved-options.js';
import {
  BatchCall,
  type BatchRouting,
  ExecuteCall,
  QueryCall,
  type StatementCall,
  useIsNotPrepared,
} from './statement-call.js';
import { StatementRequest } from './statement-request.js';

/** Where statements are prepared beside the node that is asked first. */
export interface PreparingOptions {
  readonly onAllHosts: boolean;
  /** On a host that comes up. */
  readonly onUp: boolean;
}

type Outcome = Promise<AsyncResultSet<unknown>>;

/** Turns statements and options into requests. One for each cluster; sessions share it. */
export class Executor {
  readonly core: ClusterCore;
  readonly preparer: Preparer;
  readonly #context: RequestContext;
  readonly #timestamps: () => bigint | number | null;
  /** Null while it is in use: a getter among a key's values may execute something itself. */
  #keyWriter: ByteWriter | null = new ByteWriter(256);

  constructor(core: ClusterCore, timestamps: TimestampGenerator, preparing: PreparingOptions) {
    this.core = core;
    this.#timestamps = timestampSource(timestamps);
    this.#context = { core, retryBudget: new RetryBudget() };
    this.preparer = new Preparer(this.#context, preparing.onAllHosts);
    core.onTypesChange = (change) => {
      this.preparer.onSchemaChange(change);
    };
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
    return this.#run(new QueryCall(this, text, options, isSelect, this.#timestampOf(options, isSelect), onKeyspace));
  }

  /** A prepared statement; `values.write(writer, parameters)` writes what it is executed with. */
  execute(prepared: PreparedQuery, values: ValuesWriter, parameters: unknown, options: ResolvedOptions): Outcome {
    if (options.routing !== null || !this.core.isRouted || prepared.pkIndexes.length === 0) {
      return this.#execute(prepared, values, parameters, options, null);
    }
    const isEncoded = values === ENCODED_VALUES;
    if (prepared.isKeyReadOnce && !isEncoded) {
      return this.execute(prepared, ENCODED_VALUES, encodeValues(prepared.bindPlan, parameters as Parameters), options);
    }
    // The key is looked for first: what was read for it by name must not be read, and a getter called, once more.
    const given =
      isEncoded || Array.isArray(parameters) ? parameters : prepared.bindPlan.inOrder(parameters as Parameters);
    return this.#execute(prepared, values, given, options, this.#replicasOf(prepared, given));
  }

  #execute(
    prepared: PreparedQuery,
    values: ValuesWriter,
    parameters: unknown,
    options: ResolvedOptions,
    replicas: readonly Host[] | null,
  ): Outcome {
    const timestamp = this.#timestampOf(options, prepared.isSelect);
    return this.#run(new ExecuteCall(this, prepared, values, parameters, options, timestamp, replicas));
  }

  batch(type: number, parts: readonly BatchPart[], options: ResolvedOptions): Outcome {
    const timestamp = this.#timestampOf(options, false);
    const body = { type, parts };
    return this.#run(
      new BatchCall(this, body, statementsOf(parts), options, timestamp, this.#routingOf(parts, options)),
    );
  }

  /** A batch belongs to one partition, if it is well made: the first statement that names one decides. */
  #routingOf(parts: readonly BatchPart[], options: ResolvedOptions): BatchRouting {
    const first = parts.find(({ prepared }) => prepared !== null && prepared.pkIndexes.length > 0);
    const prepared = first?.prepared ?? null;
    const named = options.keyspace ?? options.group.keyspace;
    if (first === undefined || prepared === null) return { keyspace: named, replicas: null };
    const keyspace = prepared.bindColumns[0]?.keyspace ?? named;
    if (!this.core.isRouted || options.routing !== null) return { keyspace, replicas: null };
    const values = first instanceof BoundMember ? first.values : first.parameters;
    return { keyspace, replicas: this.#replicasOf(prepared, values) };
  }

  /** Prepares through the cache; `options` are the preparation's, `limits` the caller's. */
  prepare(
    query: string,
    keyspace: string | null,
    payload: CustomPayload | null,
    options: ResolvedOptions,
    limits: Limits<PreparedQuery>,
  ): Promise<PreparedQuery> {
    if (isUseQuery(query) !== null) return Promise.reject(useIsNotPrepared());
    const plan = (signal: AbortSignal): RequestPlan =>
      new PrepareCall(this.core, query, keyspace, { ...options, signal });
    return this.preparer.prepare(query, keyspace, payload, plan, limits);
  }

  // ---- how they are run --------------------------------------------------------------------------------------------

  #run(call: StatementCall): Outcome {
    return new StatementRequest(this.#context, call).run();
  }

  #timestampOf(options: ResolvedOptions, isSelect: boolean): bigint | number | null {
    return options.timestamp ?? (isSelect ? null : nextTimestamp(this.#timestamps));
  }

  #replicasOf(prepared: PreparedQuery, parameters: unknown): readonly Host[] | null {
    const keyspace = prepared.bindColumns[0]?.keyspace;
    if (keyspace === undefined) return null;
    const writer = this.#keyWriter ?? new ByteWriter(256);
    this.#keyWriter = null;
    writer.offset = 0;
    writer.start = 0;
    // What throws here takes the writer with it: the next key has a new one.
    const isWhole = prepared.writeRoutingKey(writer, parameters);
    this.#keyWriter = writer;
    if (!isWhole) return null;
    return this.core.routing.replicas(keyspace, writer.buffer, writer.start, writer.offset);
  }
}

/** The prepared statements among them, each once. */
function statementsOf(parts: readonly BatchPart[]): readonly PreparedQuery[] {
  const statements: PreparedQuery[] = [];
  let last: PreparedQuery | null = null;
  for (const { prepared } of parts) {
    // Mostly the same statement over and over.
    if (prepared === null || prepared === last) continue;
    last = prepared;
    statements.push(prepared);
  }
  return statements.length > 1 ? [...new Set(statements)] : statements;
}
