import type { ClusterCore } from '../cluster/cluster-core.js';
import { ConfigurationError } from '../errors.js';
import type { ByteWriter } from '../protocol/byte-writer.js';
import { boundValueAt } from '../protocol/codec/bind-plan.js';
import { ConsistencyLevel, Opcode } from '../protocol/constants.js';
import {
  type QuerySettings,
  type ValuesWriter,
  writeBatchParameters,
  writeCustomPayload,
  writeExecute,
  writeQuery,
} from '../protocol/messages/index.js';
import { ENCODED_VALUES, EncodedValues } from '../statement/encoded-values.js';
import type { PreparedQuery } from '../statement/prepared-query.js';
import type { ResultShape } from '../statement/result-shape.js';
import type { Host } from '../topology/host.js';
import { Call } from './call.js';
import { type BatchBody, envelopeFlags, type RequestMessage, writeBatchBody } from './messages.js';
import { outdated, type Preparer } from './preparer.js';
import type { ResolvedOptions } from './resolved-options.js';
import type { SentMessage } from './sent-envelope.js';

/** What all calls of a cluster share. */
export interface CallContext {
  readonly core: ClusterCore;
  readonly preparer: Preparer;
}

const NONE: readonly PreparedQuery[] = [];

/** The execution of a statement. It is its own message, and that its own settings: objects less for each request. */
export abstract class StatementCall extends Call implements RequestMessage, QuerySettings {
  abstract readonly opcode: number;
  readonly preparer: Preparer;
  /** For writes: one for all attempts. */
  readonly timestamp: bigint | number | null;
  /** What the answer's rows look like if they come without metadata. */
  readonly shape: ResultShape | null = null;
  /** Rows that the message asks for. */
  pageSize: number;
  /** Where the page begins that the message asks for. */
  pagingState: Buffer | null;
  consistencyAt = -1;
  /** The prepared statements that the message names: one, or a batch's. */
  abstract readonly prepared: readonly PreparedQuery[];

  constructor(context: CallContext, options: ResolvedOptions, timestamp: bigint | number | null) {
    super(context.core, options);
    this.preparer = context.preparer;
    this.timestamp = timestamp;
    this.pageSize = options.fetchSize;
    this.pagingState = options.pagingState ?? null;
  }

  // ---- the message -------------------------------------------------------------------------------------------------

  get flags(): number {
    return envelopeFlags(this.options.trace, this.options.customPayload);
  }

  get serialConsistency(): number {
    const { serialConsistency } = this.options;
    // SERIAL is what servers take if nothing is said.
    return this.isSelect || serialConsistency === ConsistencyLevel.SERIAL ? -1 : serialConsistency;
  }

  get keyspace(): string | null {
    return this.options.keyspace;
  }

  get nowInSeconds(): number | null {
    return this.options.nowInSeconds;
  }

  get skipMetadata(): boolean {
    return this.shape !== null;
  }

  writeBody(writer: ByteWriter): void {
    const { customPayload } = this.options;
    if (customPayload !== null) writeCustomPayload(writer, customPayload);
    this.writeStatement(writer);
  }

  protected abstract writeStatement(writer: ByteWriter): void;

  /** From now on the message asks for the page at `pagingState`, of so many rows; `sent` is what it was until now. */
  turnTo(pagingState: Buffer, pageSize: number, _sent: SentMessage): void {
    this.pagingState = pagingState;
    this.pageSize = pageSize;
  }

  /** The server put a connection into a keyspace: the session has to follow. */
  onKeyspace(_keyspace: string): Promise<void> {
    return Promise.reject(useIsNotPrepared());
  }
}

/** A statement as text, without values. */
export class QueryCall extends StatementCall {
  readonly opcode = Opcode.QUERY;
  readonly prepared = NONE;
  readonly text: string;
  readonly isSelect: boolean;
  protected readonly replicas = null;
  protected readonly isLwt = false;
  private readonly followKeyspace: (keyspace: string) => Promise<void>;

  constructor(
    context: CallContext,
    query: string,
    options: ResolvedOptions,
    isSelect: boolean,
    timestamp: bigint | number | null,
    onKeyspace: (keyspace: string) => Promise<void>,
  ) {
    super(context, options, timestamp);
    this.text = query;
    this.isSelect = isSelect;
    this.followKeyspace = onKeyspace;
  }

  protected get routedKeyspace(): string | null {
    return this.namedKeyspace;
  }

  protected writeStatement(writer: ByteWriter): void {
    this.consistencyAt = writer.offset - writer.start + 4 + Buffer.byteLength(this.text);
    writeQuery(writer, this.text, this, null, null);
  }

  override onKeyspace(keyspace: string): Promise<void> {
    return this.followKeyspace(keyspace);
  }
}

/** A prepared statement with its values; `values.write(writer, parameters)` writes them. */
export class ExecuteCall extends StatementCall {
  readonly opcode = Opcode.EXECUTE;
  override readonly shape: ResultShape | null;
  protected readonly replicas: readonly Host[] | null;
  private readonly executed: PreparedQuery;
  private values: ValuesWriter;
  private parameters: unknown;

  constructor(
    context: CallContext,
    statement: PreparedQuery,
    values: ValuesWriter,
    parameters: unknown,
    options: ResolvedOptions,
    timestamp: bigint | number | null,
    replicas: readonly Host[] | null,
  ) {
    super(context, options, timestamp);
    if (statement.isOutdated) throw outdated(statement);
    this.executed = statement;
    this.shape = statement.shape;
    this.values = values;
    this.parameters = parameters;
    this.replicas = replicas;
  }

  get text(): string {
    return this.executed.query;
  }

  get isSelect(): boolean {
    return this.executed.isSelect;
  }

  get prepared(): readonly PreparedQuery[] {
    return this.executed.alone;
  }

  protected get isLwt(): boolean {
    return this.executed.isLwt;
  }

  protected get routedKeyspace(): string | null {
    return this.executed.bindColumns[0]?.keyspace ?? this.executed.keyspace;
  }

  protected override get namedKeyspace(): string | null {
    return this.executed.keyspace;
  }

  protected writeStatement(writer: ByteWriter): void {
    const head = this.executed.executeHead(this.shape);
    this.consistencyAt = writer.offset - writer.start + head.length;
    writeExecute(writer, head, this, this.values, this.parameters);
  }

  /** The values stay as the first page's request had them: what the caller did to its own since must not show. */
  override turnTo(pagingState: Buffer, pageSize: number, sent: SentMessage): void {
    super.turnTo(pagingState, pageSize, sent);
    if (this.values === ENCODED_VALUES) return;
    this.parameters = valuesOf(sent, this.executed.bindPlan.count);
    this.values = ENCODED_VALUES;
  }
}

/** Where a batch belongs. */
export interface BatchRouting {
  readonly keyspace: string | null;
  readonly replicas: readonly Host[] | null;
}

/** Several statements at once. */
export class BatchCall extends StatementCall {
  readonly opcode = Opcode.BATCH;
  readonly isSelect = false;
  readonly prepared: readonly PreparedQuery[];
  protected readonly isLwt = false;
  protected readonly routedKeyspace: string | null;
  protected readonly replicas: readonly Host[] | null;
  private readonly body: BatchBody;

  constructor(
    context: CallContext,
    body: BatchBody,
    prepared: readonly PreparedQuery[],
    options: ResolvedOptions,
    timestamp: bigint | number | null,
    routing: BatchRouting,
  ) {
    super(context, options, timestamp);
    for (const statement of prepared) if (statement.isOutdated) throw outdated(statement);
    this.body = body;
    this.prepared = prepared;
    this.routedKeyspace = routing.keyspace;
    this.replicas = routing.replicas;
  }

  get text(): BatchBody['parts'] {
    return this.body.parts;
  }

  protected writeStatement(writer: ByteWriter): void {
    writeBatchBody(writer, this.body);
    this.consistencyAt = writer.offset - writer.start;
    writeBatchParameters(writer, this);
  }
}

/** Its execution would put one connection, which all share, into the keyspace. */
export function useIsNotPrepared(): ConfigurationError {
  return new ConfigurationError('USE cannot be prepared: call session.setKeyspace(name)');
}

/** The values of a request that was sent. */
function valuesOf({ buffer, start, consistencyAt }: SentMessage, count: number): EncodedValues {
  // Behind the consistency level (2 bytes) and the flags (4).
  const from = start + consistencyAt + 6;
  return new EncodedValues(Buffer.from(buffer.subarray(from, boundValueAt(buffer, from, count))));
}
