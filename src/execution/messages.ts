import type { Message } from '../connection/connection.js';
import type { ByteWriter } from '../protocol/byte-writer.js';
import { ConsistencyLevel, EnvelopeFlag, Opcode } from '../protocol/constants.js';
import {
  beginBatch,
  endBatch,
  type QuerySettings,
  type ValuesWriter,
  writeBatchPrepared,
  writeBatchQuery,
  writeCustomPayload,
  writeExecute,
  writePrepare,
  writeQuery,
} from '../protocol/messages/index.js';
import { BoundMember } from '../statement/batch-statement.js';
import type { PreparedQuery } from '../statement/prepared-query.js';

export type CustomPayload = Readonly<Record<string, Buffer>>;

/** What a request of a user sends. The same message may be encoded again for another node. */
export interface RequestMessage extends Message {
  /** Where the consistency level stands in the encoded envelope: a retry may want another one. */
  readonly consistencyAt: number;
}

function envelopeFlags(trace: boolean, payload: CustomPayload | null): number {
  return (trace ? EnvelopeFlag.TRACING : 0) | (payload === null ? 0 : EnvelopeFlag.CUSTOM_PAYLOAD);
}

/** What a statement's message has to know of the call that it is made for. */
export interface MessageFacts {
  readonly options: {
    readonly consistency: ConsistencyLevel;
    readonly serialConsistency: number;
    readonly keyspace: string | null;
    readonly nowInSeconds: number | null;
    readonly trace: boolean;
    readonly customPayload: CustomPayload | null;
  };
  readonly isSelect: boolean;
  /** Rows a page. */
  readonly fetchSize: number;
  readonly timestamp: bigint | number | null;
  /** Null: the answer has to bring its metadata along. */
  readonly shape: object | null;
}

/** The message of a statement. It is its own settings: one object less for each request. */
abstract class StatementMessage implements RequestMessage, QuerySettings {
  abstract readonly opcode: number;
  readonly flags: number;
  consistencyAt = -1;
  readonly consistency: number;
  readonly serialConsistency: number;
  readonly pageSize: number;
  readonly pagingState: Buffer | null;
  readonly timestamp: bigint | number | null;
  readonly keyspace: string | null;
  readonly nowInSeconds: number | null;
  readonly skipMetadata: boolean;
  readonly #payload: CustomPayload | null;

  constructor({ options, isSelect, fetchSize, timestamp, shape }: MessageFacts, pagingState: Buffer | null) {
    this.flags = envelopeFlags(options.trace, options.customPayload);
    this.consistency = options.consistency;
    // SERIAL is what servers take if nothing is said.
    this.serialConsistency =
      isSelect || options.serialConsistency === ConsistencyLevel.SERIAL ? -1 : options.serialConsistency;
    this.pageSize = fetchSize;
    this.pagingState = pagingState;
    this.timestamp = timestamp;
    this.keyspace = options.keyspace;
    this.nowInSeconds = options.nowInSeconds;
    this.skipMetadata = shape !== null;
    this.#payload = options.customPayload;
  }

  writeBody(writer: ByteWriter): void {
    if (this.#payload !== null) writeCustomPayload(writer, this.#payload);
    this.writeStatement(writer);
  }

  protected abstract writeStatement(writer: ByteWriter): void;
}

/** A statement as text. */
export class QueryMessage extends StatementMessage {
  readonly opcode = Opcode.QUERY;
  readonly #query: string;

  constructor(query: string, facts: MessageFacts, pagingState: Buffer | null) {
    super(facts, pagingState);
    this.#query = query;
  }

  protected writeStatement(writer: ByteWriter): void {
    const before = writer.offset - writer.start;
    writeQuery(writer, this.#query, this, null, null);
    this.consistencyAt = before + 4 + Buffer.byteLength(this.#query);
  }
}

/** A prepared statement with its values. */
export class ExecuteMessage extends StatementMessage {
  readonly opcode = Opcode.EXECUTE;
  readonly #id: Buffer;
  readonly #metadataId: Buffer;
  readonly #values: ValuesWriter;
  readonly #parameters: unknown;

  constructor(
    id: Buffer,
    metadataId: Buffer,
    values: ValuesWriter,
    parameters: unknown,
    facts: MessageFacts,
    pagingState: Buffer | null,
  ) {
    super(facts, pagingState);
    this.#id = id;
    this.#metadataId = metadataId;
    this.#values = values;
    this.#parameters = parameters;
  }

  protected writeStatement(writer: ByteWriter): void {
    this.consistencyAt = writer.offset - writer.start + 4 + this.#id.length + this.#metadataId.length;
    writeExecute(writer, this.#id, this.#metadataId, this, this.#values, this.#parameters);
  }
}

/** A statement of a batch that is encoded when it is sent: its text, or its prepared id and its values. */
export interface BatchText {
  readonly query: string;
  /** Null for a statement as text, which has no values here: one with values is prepared first. */
  readonly prepared: PreparedQuery | null;
  readonly parameters: unknown;
}

export type BatchPart = BoundMember | BatchText;

export interface BatchBody {
  readonly type: number;
  readonly parts: readonly BatchPart[];
}

export class BatchMessage extends StatementMessage {
  readonly opcode = Opcode.BATCH;
  readonly #body: BatchBody;

  constructor(body: BatchBody, facts: MessageFacts) {
    super(facts, null);
    this.#body = body;
  }

  protected writeStatement(writer: ByteWriter): void {
    const { type, parts } = this.#body;
    beginBatch(writer, type, parts.length);
    for (let i = 0; i < parts.length;) i = writeParts(writer, parts, i);
    this.consistencyAt = writer.offset - writer.start;
    endBatch(writer, this);
  }
}

/** Writes the part at `i`, and those behind it that lie behind it in its buffer as well. Returns the next one. */
function writeParts(writer: ByteWriter, parts: readonly BatchPart[], i: number): number {
  const part = parts[i];
  let next = i + 1;
  if (part instanceof BoundMember) {
    let { to } = part;
    for (let other = parts[next]; other instanceof BoundMember && other.bytes === part.bytes; other = parts[++next]) {
      if (other.from !== to) break;
      ({ to } = other);
    }
    writer.writeRaw(part.bytes.buffer.subarray(part.from, to));
  } else if (part !== undefined) {
    const { query, prepared, parameters } = part;
    if (prepared === null) writeBatchQuery(writer, query);
    else writeBatchPrepared(writer, prepared.id, prepared.bindPlan, parameters);
  }
  return next;
}

export class PrepareMessage implements RequestMessage {
  readonly opcode = Opcode.PREPARE;
  readonly flags: number;
  /** PREPARE has no consistency level. */
  readonly consistencyAt = -1;
  readonly #query: string;
  readonly #keyspace: string | null;
  readonly #payload: CustomPayload | null;

  /** `keyspace` only where it is another than the connection's. */
  constructor(query: string, keyspace: string | null, payload: CustomPayload | null) {
    this.#query = query;
    this.#keyspace = keyspace;
    this.#payload = payload;
    this.flags = envelopeFlags(false, payload);
  }

  writeBody(writer: ByteWriter): void {
    if (this.#payload !== null) writeCustomPayload(writer, this.#payload);
    writePrepare(writer, this.#query, this.#keyspace ?? undefined);
  }
}
