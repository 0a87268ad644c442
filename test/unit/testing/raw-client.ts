import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ByteReader } from '../../../src/protocol/byte-reader.js';
import { ByteWriter } from '../../../src/protocol/byte-writer.js';
import { ConsistencyLevel, ENVELOPE_HEADER_BYTES, Opcode } from '../../../src/protocol/constants.js';
import { beginEnvelope, endEnvelope } from '../../../src/protocol/envelope.js';
import {
  readPrefix,
  readPrepared,
  readResultKind,
  readRowsHeader,
  executeHead,
  OWN_QUERY_SETTINGS,
  writeExecute,
  writePrepare,
  writeQuery,
  writeRegister,
  writeStartup,
  type Prepared,
  type QuerySettings,
  type ResponsePrefix,
  type RowsHeader,
  type ValuesWriter,
} from '../../../src/protocol/messages/index.js';
import type { SegmentCompressor } from '../../../src/protocol/segment/compressor.js';
import { InboundFramer } from '../../../src/protocol/segment/inbound.js';
import { splitIntoSegments } from '../../../src/protocol/segment/segment-writer.js';
import { readServerError } from '../../../src/protocol/server-errors.js';
import type { AsyncCassandraError } from '../../../src/errors.js';
import type { FakeNode } from '../../../src/testing/index.js';

export interface Reply {
  readonly opcode: number;
  readonly streamId: number;
  readonly prefix: ResponsePrefix;
  /** Stands behind the prefix. */
  readonly reader: ByteReader;
  /** The version byte. */
  readonly version: number;
}

const SETTINGS: QuerySettings = { ...OWN_QUERY_SETTINGS, consistency: ConsistencyLevel.LOCAL_ONE };

/** Values that are encoded already. */
const RAW_VALUES: ValuesWriter = {
  write(writer, parameters) {
    const values = parameters as readonly (Buffer | null)[];
    writer.writeUint16(values.length);
    for (const value of values) writer.writeBytes(value);
  },
};

/** The smallest client that can talk to a node: the protocol's own functions around a socket. */
export class RawClient {
  static async open(node: FakeNode): Promise<RawClient> {
    const socket = connect(node.port, node.address);
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Opens and starts up. */
  static async start(node: FakeNode, options: Record<string, string> = {}): Promise<RawClient> {
    const client = await RawClient.open(node);
    const reply = await client.startup(options);
    assert.equal(reply.opcode, Opcode.READY);
    return client;
  }

  compressor: SegmentCompressor | null = null;
  readonly events: Reply[] = [];
  /** In the order in which they came. */
  readonly replies: Reply[] = [];
  failure: unknown = null;
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #framer: InboundFramer;
  #framed = false;
  #nextStream = 0;
  #waiting = new Map<number, (reply: Reply) => void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    this.#framer = new InboundFramer({
      onEnvelope: (flags, streamId, opcode, buffer, start, end) => {
        const reader = new ByteReader(Buffer.from(buffer.subarray(start, end)));
        const version = buffer[start - ENVELOPE_HEADER_BYTES] ?? 0;
        this.#take({ opcode, streamId, prefix: readPrefix(reader, flags), reader, version });
      },
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        this.#framer.push(chunk, 0, chunk.length);
      } catch (error) {
        this.failure = error;
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) =>
      socket.once('close', () => {
        resolve();
      }),
    );
  }

  #take(reply: Reply): void {
    if (reply.opcode === Opcode.READY || reply.opcode === Opcode.AUTHENTICATE) {
      if (!this.#framed) this.#framer.enterFramedMode(this.compressor);
      this.#framed = true;
    }
    if (reply.opcode === Opcode.EVENT) {
      this.events.push(reply);
      return;
    }
    this.replies.push(reply);
    this.#waiting.get(reply.streamId)?.(reply);
    this.#waiting.delete(reply.streamId);
  }

  /** Sends a request and resolves with what comes on its stream. */
  request(
    opcode: number,
    write?: (writer: ByteWriter) => void,
    flags = 0,
    streamId = this.#nextStream++,
  ): Promise<Reply> {
    const writer = new ByteWriter();
    beginEnvelope(writer, flags, streamId, opcode);
    write?.(writer);
    endEnvelope(writer);
    const envelope = writer.toBuffer();
    const reply = new Promise<Reply>((resolve) => this.#waiting.set(streamId, resolve));
    if (this.#framed) {
      for (const segment of splitIntoSegments(envelope, 0, envelope.length, this.compressor))
        this.#socket.write(segment);
    } else {
      this.#socket.write(envelope);
    }
    return reply;
  }

  startup(options: Record<string, string> = {}): Promise<Reply> {
    return this.request(Opcode.STARTUP, (writer) => {
      writeStartup(writer, { CQL_VERSION: '3.0.0', ...options });
    });
  }

  register(...types: string[]): Promise<Reply> {
    return this.request(Opcode.REGISTER, (writer) => {
      writeRegister(writer, types);
    });
  }

  query(text: string, settings: Partial<QuerySettings> = {}, flags = 0): Promise<Reply> {
    return this.request(
      Opcode.QUERY,
      (writer) => {
        writeQuery(writer, text, { ...SETTINGS, ...settings }, null);
      },
      flags,
    );
  }

  async prepare(text: string): Promise<Prepared> {
    const reply = await this.request(Opcode.PREPARE, (writer) => {
      writePrepare(writer, text);
    });
    assert.equal(reply.opcode, Opcode.RESULT);
    assert.equal(readResultKind(reply.reader), 4);
    return readPrepared(reply.reader);
  }

  execute(
    prepared: Pick<Prepared, 'id' | 'resultMetadataId'>,
    values: readonly (Buffer | null)[] = [],
    settings: Partial<QuerySettings> = {},
  ): Promise<Reply> {
    return this.request(Opcode.EXECUTE, (writer) => {
      const { id, resultMetadataId } = prepared;
      writeExecute(writer, executeHead(id, resultMetadataId), { ...SETTINGS, ...settings }, RAW_VALUES, values);
    });
  }

  raw(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** `flags`: bits of `RowsFlag`. */
export function rowsOf(reply: Reply): { flags: number; header: RowsHeader; cells: (Buffer | null)[][] } {
  assert.equal(reply.opcode, Opcode.RESULT);
  assert.equal(readResultKind(reply.reader), 2);
  const flags = reply.reader.buffer.readInt32BE(reply.reader.offset);
  const header = readRowsHeader(reply.reader);
  const cells = Array.from({ length: header.rowCount }, () =>
    Array.from({ length: header.columnCount }, () => reply.reader.readBytes()),
  );
  return { flags, header, cells };
}

/** Rows of text columns, by name. */
export function textRowsOf(reply: Reply): Record<string, string | null>[] {
  const { header, cells } = rowsOf(reply);
  return cells.map((row) =>
    Object.fromEntries((header.columns ?? []).map((column, i) => [column.name, row[i]?.toString() ?? null])),
  );
}

export function errorOf(reply: Reply): AsyncCassandraError {
  assert.equal(reply.opcode, Opcode.ERROR);
  return readServerError(reply.reader, 'fake:9042');
}

export function kindOf(reply: Reply): number {
  assert.equal(reply.opcode, Opcode.RESULT);
  return readResultKind(reply.reader);
}
