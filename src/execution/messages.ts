import type { Message } from '../connection/connection.js';
import type { ByteWriter } from '../protocol/byte-writer.js';
import { EnvelopeFlag, Opcode } from '../protocol/constants.js';
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

export type CustomPayload = Readonly<Record<string, Buffer>>;

/** What a request of a user sends. The same message may be encoded again for another node. */
export interface RequestMessage extends Message {
  /** Where the consistency level stands in the encoded envelope: a retry may want another one. */
  readonly consistencyAt: number;
}

export function envelopeFlags(trace: boolean, payload: CustomPayload | null): number {
  return (trace ? EnvelopeFlag.TRACING : 0) | (payload === null ? 0 : EnvelopeFlag.CUSTOM_PAYLOAD);
}

/** A statement as text. */
export class QueryMessage implements RequestMessage {
  readonly opcode = Opcode.QUERY;
  readonly flags: number;
  consistencyAt = -1;
  readonly #query: string;
  readonly #settings: QuerySettings;
  readonly #payload: CustomPayload | null;

  constructor(query: string, settings: QuerySettings, trace: boolean, payload: CustomPayload | null) {
    this.#query = query;
    this.#settings = settings;
    this.#payload = payload;
    this.flags = envelopeFlags(trace, payload);
  }

  writeBody(writer: ByteWriter): void {
    if (this.#payload !== null) writeCustomPayload(writer, this.#payload);
    const before = writer.offset - writer.start;
    writeQuery(writer, this.#query, this.#settings, null, null);
    this.consistencyAt = before + 4 + Buffer.byteLength(this.#query);
  }
}

/** A prepared statement with its values. */
export class ExecuteMessage implements RequestMessage {
  readonly opcode = Opcode.EXECUTE;
  readonly flags: number;
  consistencyAt = -1;
  readonly #id: Buffer;
  readonly #metadataId: Buffer;
  readonly #settings: QuerySettings;
  readonly #values: ValuesWriter;
  readonly #parameters: unknown;
  readonly #payload: CustomPayload | null;

  constructor(
    id: Buffer,
    metadataId: Buffer,
    settings: QuerySettings,
    values: ValuesWriter,
    parameters: unknown,
    trace: boolean,
    payload: CustomPayload | null,
  ) {
    this.#id = id;
    this.#metadataId = metadataId;
    this.#settings = settings;
    this.#values = values;
    this.#parameters = parameters;
    this.#payload = payload;
    this.flags = envelopeFlags(trace, payload);
  }

  writeBody(writer: ByteWriter): void {
    if (this.#payload !== null) writeCustomPayload(writer, this.#payload);
    this.consistencyAt = writer.offset - writer.start + 4 + this.#id.length + this.#metadataId.length;
    writeExecute(writer, this.#id, this.#metadataId, this.#settings, this.#values, this.#parameters);
  }
}

/** One statement of a batch: its text or its prepared id, and its values. */
export interface BatchMember {
  readonly query: string;
  /** Null for a statement as text, which has no values here: one with values is prepared first. */
  readonly id: Buffer | null;
  readonly values: ValuesWriter | null;
  readonly parameters: unknown;
}

export class BatchMessage implements RequestMessage {
  readonly opcode = Opcode.BATCH;
  readonly flags: number;
  consistencyAt = -1;
  readonly #type: number;
  readonly #members: readonly BatchMember[];
  readonly #settings: QuerySettings;
  readonly #payload: CustomPayload | null;

  constructor(
    type: number,
    members: readonly BatchMember[],
    settings: QuerySettings,
    trace: boolean,
    payload: CustomPayload | null,
  ) {
    this.#type = type;
    this.#members = members;
    this.#settings = settings;
    this.#payload = payload;
    this.flags = envelopeFlags(trace, payload);
  }

  writeBody(writer: ByteWriter): void {
    if (this.#payload !== null) writeCustomPayload(writer, this.#payload);
    beginBatch(writer, this.#type, this.#members.length);
    for (const { query, id, values, parameters } of this.#members) {
      if (id === null) writeBatchQuery(writer, query, values, parameters);
      else writeBatchPrepared(writer, id, values, parameters);
    }
    this.consistencyAt = writer.offset - writer.start;
    endBatch(writer, this.#settings);
  }
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
