import { ProtocolError } from '../../errors.js';
import { ByteReader } from '../../protocol/byte-reader.js';
import {
  ENVELOPE_HEADER_BYTES,
  EnvelopeFlag,
  Opcode,
  PrepareFlag,
  QueryFlag,
  UNSET_LENGTH,
} from '../../protocol/constants.js';
import type { RawRequest } from './request-framer.js';

/** A bound value as it came: its bytes, null, or undefined where it was left unset. */
export type WireValue = Buffer | null | undefined;

/** One member of a BATCH: a text or a prepared id, and its values. */
export interface BatchMember {
  /** The text; null for a prepared one. */
  readonly query: string | null;
  /** The prepared id; null for a text. */
  readonly id: Buffer | null;
  /** Its values, by position. */
  readonly values: readonly WireValue[];
}

/** A request's body, decoded. What a request of its opcode does not have is null, empty or false. */
export interface RequestBody {
  /** A number of the native protocol. */
  readonly opcode: number;
  /** The answer has to bear the same. */
  readonly streamId: number;
  /** True if the client asked the server to trace the request. */
  readonly tracing: boolean;
  /** Bytes by name; null if there were none. */
  readonly customPayload: Readonly<Record<string, Buffer>> | null;
  /** The size of the envelope. */
  readonly bytes: number;
  /** The text of QUERY and PREPARE. */
  readonly query: string | null;
  /** EXECUTE. */
  readonly id: Buffer | null;
  /** What the client knows the result's columns by; null but for EXECUTE. */
  readonly resultMetadataId: Buffer | null;
  /** QUERY and EXECUTE. */
  readonly values: readonly WireValue[];
  /** Names of the values, where they came with names. */
  readonly valueNames: readonly string[] | null;
  /** The level's number; also of BATCH. */
  readonly consistency: number | null;
  /** The level's number; null if there was none. Also of BATCH. */
  readonly serialConsistency: number | null;
  /** Rows a page; null if the client asks for no pages. */
  readonly pageSize: number | null;
  /** Where to go on; null for the start. */
  readonly pagingState: Buffer | null;
  /** Microseconds; null if the node is to set it. Also of BATCH. */
  readonly timestamp: bigint | null;
  /** Of PREPARE and BATCH too; null if there was none. */
  readonly keyspace: string | null;
  /** Seconds since 1970; null if there was none. Also of BATCH. */
  readonly nowInSeconds: number | null;
  /** True if the client knows the columns and wants them left out. */
  readonly skipMetadata: boolean;
  /** BATCH. */
  readonly batchType: number | null;
  /** The members of a BATCH. */
  readonly batch: readonly BatchMember[];
  /** STARTUP. */
  readonly options: Readonly<Record<string, string>> | null;
  /** REGISTER. */
  readonly eventTypes: readonly string[];
  /** AUTH_RESPONSE. */
  readonly token: Buffer | null;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Decodes the requests of native protocol v5 as strictly as Cassandra does. Throws ProtocolError. */
export function readRequest(raw: RawRequest): RequestBody {
  const reader = new ByteReader(raw.body);
  const withPayload = (raw.flags & EnvelopeFlag.CUSTOM_PAYLOAD) !== 0;
  const request: Writable<RequestBody> = {
    opcode: raw.opcode,
    streamId: raw.streamId,
    tracing: (raw.flags & EnvelopeFlag.TRACING) !== 0,
    customPayload: withPayload ? reader.readBytesMap() : null,
    bytes: ENVELOPE_HEADER_BYTES + raw.body.length,
    query: null,
    id: null,
    resultMetadataId: null,
    values: [],
    valueNames: null,
    consistency: null,
    serialConsistency: null,
    pageSize: null,
    pagingState: null,
    timestamp: null,
    keyspace: null,
    nowInSeconds: null,
    skipMetadata: false,
    batchType: null,
    batch: [],
    options: null,
    eventTypes: [],
    token: null,
  };
  readBody(reader, request);
  if (reader.remaining > 0) {
    throw new ProtocolError(
      `${String(reader.remaining)} bytes are left behind the body of opcode ${String(raw.opcode)}`,
    );
  }
  return request;
}

function readBody(reader: ByteReader, request: Writable<RequestBody>): void {
  switch (request.opcode) {
    case Opcode.STARTUP:
      request.options = readStringMap(reader);
      break;
    case Opcode.OPTIONS:
      break;
    case Opcode.REGISTER:
      request.eventTypes = reader.readStringList();
      break;
    case Opcode.AUTH_RESPONSE:
      request.token = reader.readBytes();
      break;
    case Opcode.QUERY:
      request.query = reader.readLongString();
      readParameters(reader, request);
      break;
    case Opcode.PREPARE:
      request.query = reader.readLongString();
      if ((reader.readInt32() & PrepareFlag.KEYSPACE) !== 0) request.keyspace = reader.readString();
      break;
    case Opcode.EXECUTE:
      request.id = reader.readShortBytes();
      request.resultMetadataId = reader.readShortBytes();
      readParameters(reader, request);
      break;
    case Opcode.BATCH:
      readBatch(reader, request);
      break;
    default:
      throw new ProtocolError(`Unknown opcode ${String(request.opcode)}`);
  }
}

function readStringMap(reader: ByteReader): Record<string, string> {
  const entries: [string, string][] = [];
  for (let left = reader.readShortCount(4); left > 0; left--) entries.push([reader.readString(), reader.readString()]);
  return Object.fromEntries(entries);
}

function readValue(reader: ByteReader): WireValue {
  const length = reader.readInt32();
  if (length === UNSET_LENGTH) return undefined;
  if (length < UNSET_LENGTH) throw new ProtocolError(`Invalid length of a value: ${String(length)}`);
  if (length < 0) return null;
  const at = reader.skip(length);
  return reader.buffer.subarray(at, at + length);
}

function readParameters(reader: ByteReader, request: Writable<RequestBody>): void {
  request.consistency = reader.readUint16();
  const flags = reader.readInt32();
  if ((flags & QueryFlag.VALUES) !== 0) {
    const named = (flags & QueryFlag.NAMES_FOR_VALUES) !== 0;
    const names: string[] = [];
    const values: WireValue[] = [];
    for (let left = reader.readUint16(); left > 0; left--) {
      if (named) names.push(reader.readString());
      values.push(readValue(reader));
    }
    request.values = values;
    if (named) request.valueNames = names;
  }
  request.skipMetadata = (flags & QueryFlag.SKIP_METADATA) !== 0;
  if ((flags & QueryFlag.PAGE_SIZE) !== 0) {
    request.pageSize = reader.readInt32();
    if (request.pageSize === 0) throw new ProtocolError('The page size cannot be 0');
  }
  if ((flags & QueryFlag.PAGING_STATE) !== 0) request.pagingState = reader.readBytes();
  readCommon(reader, request, flags);
}

function readCommon(reader: ByteReader, request: Writable<RequestBody>, flags: number): void {
  if ((flags & QueryFlag.SERIAL_CONSISTENCY) !== 0) request.serialConsistency = reader.readUint16();
  if ((flags & QueryFlag.TIMESTAMP) !== 0) request.timestamp = reader.readInt64();
  if ((flags & QueryFlag.KEYSPACE) !== 0) request.keyspace = reader.readString();
  if ((flags & QueryFlag.NOW_IN_SECONDS) !== 0) request.nowInSeconds = reader.readInt32() >>> 0;
}

function readBatch(reader: ByteReader, request: Writable<RequestBody>): void {
  request.batchType = reader.readUint8();
  if (request.batchType > 2) throw new ProtocolError(`Invalid batch type ${String(request.batchType)}`);
  const members: BatchMember[] = [];
  for (let left = reader.readUint16(); left > 0; left--) {
    const kind = reader.readUint8();
    if (kind > 1)
      throw new ProtocolError(`Invalid query kind in BATCH messages. Must be 0 or 1 but got ${String(kind)}`);
    const query = kind === 0 ? reader.readLongString() : null;
    const id = kind === 1 ? reader.readShortBytes() : null;
    const values: WireValue[] = [];
    for (let count = reader.readUint16(); count > 0; count--) values.push(readValue(reader));
    members.push({ query, id, values });
  }
  request.batch = members;
  request.consistency = reader.readUint16();
  const flags = reader.readInt32();
  if ((flags & 0x4f) !== 0) throw new ProtocolError(`A BATCH cannot have the flags 0x${flags.toString(16)}`);
  readCommon(reader, request, flags);
}
