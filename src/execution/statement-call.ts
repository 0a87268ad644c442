import type { ClusterCore } from '../cluster/cluster-core.js';
import { ConfigurationError } from '../errors.js';
import { boundValueAt } from '../protocol/codec/bind-plan.js';
import type { ValuesWriter } from '../protocol/messages/index.js';
import { ENCODED_VALUES, EncodedValues } from '../statement/encoded-values.js';
import type { PreparedQuery, ResultShape } from '../statement/prepared-query.js';
import type { Host } from '../topology/host.js';
import { Call } from './call.js';
import { type BatchBody, BatchMessage, ExecuteMessage, QueryMessage, type RequestMessage } from './messages.js';
import { outdated, type Preparer } from './preparer.js';
import type { ResolvedOptions } from './resolved-options.js';
import type { SentMessage } from './sent-envelope.js';

/** What all calls of a cluster share. */
export interface CallContext {
  readonly core: ClusterCore;
  readonly preparer: Preparer;
}

const NONE: readonly PreparedQuery[] = [];

/** The execution of a statement. */
export abstract class StatementCall extends Call {
  readonly preparer: Preparer;
  /** For writes: one for all attempts. */
  readonly timestamp: bigint | number | null;
  /** What the answer's rows look like if they come without metadata. */
  readonly shape: ResultShape | null = null;
  /** Rows that the next message asks for. */
  fetchSize: number;
  /** The prepared statements that the message names: one, or a batch's. */
  abstract readonly prepared: readonly PreparedQuery[];

  constructor(
    context: CallContext,
    text: Call['text'],
    options: ResolvedOptions,
    isSelect: boolean,
    timestamp: bigint | number | null,
  ) {
    super(context.core, text, options, isSelect);
    this.preparer = context.preparer;
    this.timestamp = timestamp;
    this.fetchSize = options.fetchSize;
  }

  /** The message that asks for the page at `pagingState`; `first` is the one that was sent before, if there was one. */
  abstract message(pagingState: Buffer | null, first: SentMessage | null): RequestMessage;

  /** The server put a connection into a keyspace: the session has to follow. */
  onKeyspace(_keyspace: string): Promise<void> {
    return Promise.reject(new ConfigurationError('USE cannot be prepared: call session.setKeyspace(name)'));
  }
}

/** A statement as text, without values. */
export class QueryCall extends StatementCall {
  readonly prepared = NONE;
  protected readonly replicas = null;
  protected readonly isLwt = false;
  readonly #query: string;
  readonly #onKeyspace: (keyspace: string) => Promise<void>;

  constructor(
    context: CallContext,
    query: string,
    options: ResolvedOptions,
    isSelect: boolean,
    timestamp: bigint | number | null,
    onKeyspace: (keyspace: string) => Promise<void>,
  ) {
    super(context, query, options, isSelect, timestamp);
    this.#query = query;
    this.#onKeyspace = onKeyspace;
  }

  protected get routedKeyspace(): string | null {
    return this.options.keyspace;
  }

  message(pagingState: Buffer | null): RequestMessage {
    return new QueryMessage(this.#query, this, pagingState);
  }

  override onKeyspace(keyspace: string): Promise<void> {
    return this.#onKeyspace(keyspace);
  }
}

/** A prepared statement with its values; `values.write(writer, parameters)` writes them. */
export class ExecuteCall extends StatementCall {
  override readonly shape: ResultShape | null;
  protected readonly replicas: readonly Host[] | null;
  readonly #statement: PreparedQuery;
  readonly #values: ValuesWriter;
  readonly #parameters: unknown;

  constructor(
    context: CallContext,
    statement: PreparedQuery,
    values: ValuesWriter,
    parameters: unknown,
    options: ResolvedOptions,
    timestamp: bigint | number | null,
    replicas: readonly Host[] | null,
  ) {
    super(context, statement.query, options, statement.isSelect, timestamp);
    if (statement.isOutdated) throw outdated(statement);
    this.#statement = statement;
    this.shape = statement.shape;
    this.#values = values;
    this.#parameters = parameters;
    this.replicas = replicas;
  }

  get prepared(): readonly PreparedQuery[] {
    return this.#statement.alone;
  }

  protected get isLwt(): boolean {
    return this.#statement.isLwt;
  }

  protected get routedKeyspace(): string | null {
    return this.#statement.bindColumns[0]?.keyspace ?? this.options.keyspace;
  }

  message(pagingState: Buffer | null, first: SentMessage | null): RequestMessage {
    const { id, emptyMetadataId, bindPlan } = this.#statement;
    const metadataId = this.shape === null ? emptyMetadataId : this.shape.metadataId;
    const parameters = first === null ? this.#parameters : valuesOf(first, bindPlan.count);
    const values = first === null ? this.#values : ENCODED_VALUES;
    return new ExecuteMessage(id, metadataId, values, parameters, this, pagingState);
  }
}

/** Where a batch belongs. */
export interface BatchRouting {
  readonly keyspace: string | null;
  readonly replicas: readonly Host[] | null;
}

/** Several statements at once. */
export class BatchCall extends StatementCall {
  readonly prepared: readonly PreparedQuery[];
  protected readonly isLwt = false;
  protected readonly routedKeyspace: string | null;
  protected readonly replicas: readonly Host[] | null;
  readonly #body: BatchBody;

  constructor(
    context: CallContext,
    body: BatchBody,
    prepared: readonly PreparedQuery[],
    options: ResolvedOptions,
    timestamp: bigint | number | null,
    routing: BatchRouting,
  ) {
    super(context, body.parts, options, false, timestamp);
    for (const statement of prepared) if (statement.isOutdated) throw outdated(statement);
    this.#body = body;
    this.prepared = prepared;
    this.routedKeyspace = routing.keyspace;
    this.replicas = routing.replicas;
  }

  message(): RequestMessage {
    return new BatchMessage(this.#body, this);
  }
}

/** The values as the first page's request had them: what the caller did to its parameters since must not show. */
function valuesOf({ buffer, start, consistencyAt }: SentMessage, count: number): EncodedValues {
  // Behind the consistency level (2 bytes) and the flags (4).
  const from = start + consistencyAt + 6;
  return new EncodedValues(Buffer.from(buffer.subarray(from, boundValueAt(buffer, from, count))));
}
