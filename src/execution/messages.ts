import type { Message } from '../connection/message.js';
import type { ByteWriter } from '../protocol/byte-writer.js';
import { EnvelopeFlag, Opcode } from '../protocol/constants.js';
import {
  beginBatch,
  writeBatchPrepared,
  writeBatchQuery,
  writeCustomPayload,
  writePrepare,
} from '../protocol/messages/index.js';
import { BoundMember } from '../statement/batch-statement.js';
import { ENCODED_VALUES, EncodedValues } from '../statement/encoded-values.js';
import type { PreparedQuery } from '../statement/prepared-query.js';
import type { CustomPayload } from '../statement/statement-options.js';

/** What a request of a user sends. The same message may be encoded again for another node. */
export interface RequestMessage extends Message {
  /** Where the consistency level stands in the envelope that was encoded last: a retry may want another one. */
  readonly consistencyAt: number;
}

export function envelopeFlags(trace: boolean, payload: CustomPayload | null): number {
  return (trace ? EnvelopeFlag.TRACING : 0) | (payload === null ? 0 : EnvelopeFlag.CUSTOM_PAYLOAD);
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

/** Writes a batch up to its consistency level. */
export function writeBatchBody(writer: ByteWriter, { type, parts }: BatchBody): void {
  beginBatch(writer, type, parts.length);
  for (let i = 0; i < parts.length;) i = writeParts(writer, parts, i);
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
    else {
      const values = parameters instanceof EncodedValues ? ENCODED_VALUES : prepared.bindPlan;
      writeBatchPrepared(writer, prepared.batchHead, values, parameters);
    }
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
