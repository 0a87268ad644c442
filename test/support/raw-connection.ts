import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { loadLz4 } from '../../src/connection/lz4.js';
import { ByteReader } from '../../src/protocol/byte-reader.js';
import { ByteWriter } from '../../src/protocol/byte-writer.js';
import { ENVELOPE_HEADER_BYTES, Opcode } from '../../src/protocol/constants.js';
import { beginEnvelope, endEnvelope } from '../../src/protocol/envelope.js';
import { OWN_QUERY_SETTINGS, writeQuery, writeStartup, type QuerySettings } from '../../src/protocol/messages/index.js';
import { readServerError } from '../../src/protocol/server-errors.js';
import type { SegmentCompressor } from '../../src/protocol/segment/compressor.js';
import { InboundFramer } from '../../src/protocol/segment/inbound.js';
import { splitIntoSegments } from '../../src/protocol/segment/segment-writer.js';
import type { TestNode } from './node-table.js';

/** One envelope as it came; `version` is its first byte. */
export interface Envelope {
  readonly version: number;
  readonly flags: number;
  readonly stream: number;
  readonly opcode: number;
  readonly body: Buffer;
}

/** What a request consists of beside its stream id. */
export interface Request {
  readonly opcode: number;
  readonly flags?: number;
  readonly stream?: number;
  readonly write?: (writer: ByteWriter) => void;
}

export function query(text: string, settings: Partial<QuerySettings> = {}, flags = 0): Request {
  return {
    opcode: Opcode.QUERY,
    flags,
    write: (writer) => {
      writeQuery(writer, text, { ...OWN_QUERY_SETTINGS, ...settings });
    },
  };
}

export function startup(options: Readonly<Record<string, string>> = {}): Request {
  return {
    opcode: Opcode.STARTUP,
    write: (writer) => {
      writeStartup(writer, { CQL_VERSION: '3.0.0', ...options });
    },
  };
}

/** A bare envelope. */
export function envelopeBytes(request: Request): Buffer {
  const writer = new ByteWriter();
  beginEnvelope(writer, request.flags ?? 0, request.stream ?? 1, request.opcode);
  request.write?.(writer);
  endEnvelope(writer);
  return writer.toBuffer();
}

/** The bytes of a request as they go to the socket: bare before STARTUP was answered, in segments after. */
export function requestBytes(request: Request, framed: boolean, compressor: SegmentCompressor | null): Buffer {
  const envelope = envelopeBytes(request);
  return framed ? Buffer.concat(splitIntoSegments(envelope, 0, envelope.length, compressor)) : envelope;
}

/** A framer that keeps a copy of every envelope, and changes to segments after STARTUP's answer like a client does. */
export class EnvelopeCollector {
  readonly envelopes: Envelope[] = [];
  readonly #framer: InboundFramer;

  constructor(compressor: SegmentCompressor | null, onEnvelope?: (envelope: Envelope) => void) {
    this.#framer = new InboundFramer({
      onEnvelope: (flags, stream, opcode, buffer, start, end) => {
        const body = Buffer.from(buffer.subarray(start, end));
        const envelope = { version: buffer[start - ENVELOPE_HEADER_BYTES] ?? 0, flags, stream, opcode, body };
        if (opcode === Opcode.READY || opcode === Opcode.AUTHENTICATE) this.#framer.enterFramedMode(compressor);
        this.envelopes.push(envelope);
        onEnvelope?.(envelope);
      },
    });
  }

  push(bytes: Buffer): void {
    this.#framer.push(bytes, 0, bytes.length);
  }
}

/** A bare socket to a node with the project's own codec, for tests of what servers send. No pools, no time-outs of its own. */
export class RawConnection implements AsyncDisposable {
  readonly socket: Socket;
  /** Everything that came, since `takeReceived` was called last. */
  #received: Buffer[] = [];
  readonly #collector: EnvelopeCollector;
  readonly #compressor: SegmentCompressor | null;
  #framed = false;
  #taken = 0;
  #wake: (() => void) | null = null;
  #failure: Error | null = null;
  isClosed = false;

  private constructor(socket: Socket, compressor: SegmentCompressor | null) {
    this.socket = socket;
    this.#compressor = compressor;
    this.#collector = new EnvelopeCollector(compressor, ({ opcode }) => {
      if (opcode === Opcode.READY || opcode === Opcode.AUTHENTICATE) this.#framed = true;
    });
    socket.on('data', (chunk) => {
      this.#received.push(chunk);
      try {
        this.#collector.push(chunk);
      } catch (error) {
        this.#failure = error as Error;
      }
      this.#wake?.();
    });
    socket.on('error', (error) => {
      this.#failure = error;
    });
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake?.();
    });
  }

  static async open(node: TestNode, compression: 'lz4' | null = null): Promise<RawConnection> {
    const socket = connect({ host: node.contactPoints[0]?.split(':')[0] ?? '', port: node.port, noDelay: true });
    await once(socket, 'connect');
    return new RawConnection(socket, compression === null ? null : await loadLz4());
  }

  /** Opened and through STARTUP. */
  static async ready(node: TestNode, compression: 'lz4' | null = null): Promise<RawConnection> {
    const connection = await RawConnection.open(node, compression);
    const answer = await connection.ask(startup(compression === null ? {} : { COMPRESSION: compression }));
    if (answer.opcode !== Opcode.READY) throw new Error(`STARTUP was answered by opcode ${String(answer.opcode)}`);
    return connection;
  }

  bytesOf(request: Request): Buffer {
    return requestBytes(request, this.#framed, this.#compressor);
  }

  send(request: Request): Buffer {
    const bytes = this.bytesOf(request);
    this.socket.write(bytes);
    return bytes;
  }

  /** The next `count` envelopes, in the order in which they come. */
  async take(count: number, timeoutMs = 20_000): Promise<Envelope[]> {
    const wanted = this.#taken + count;
    const timer = setTimeout(() => {
      this.#failure = new Error(`The node sent nothing more within ${String(timeoutMs)} ms`);
      this.#wake?.();
    }, timeoutMs);
    try {
      while (this.#collector.envelopes.length < wanted) {
        if (this.#failure !== null) throw this.#failure;
        if (this.isClosed) throw new Error('The node closed the connection');
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      clearTimeout(timer);
    }
    const envelopes = this.#collector.envelopes.slice(this.#taken, wanted);
    this.#taken = wanted;
    return envelopes;
  }

  async ask(request: Request): Promise<Envelope> {
    this.send(request);
    const [answer] = await this.take(1);
    if (answer === undefined) throw new Error('There is no answer');
    return answer;
  }

  /** Runs CQL whose answer is of no interest but that it must not be an error. */
  async run(cql: string): Promise<void> {
    const answer = await this.ask(query(cql));
    if (answer.opcode === Opcode.ERROR) {
      const reader = new ByteReader(answer.body);
      throw new Error(`${cql}: ${readServerError(reader, '').message}`);
    }
  }

  /** The bytes that came since this was called last. */
  takeReceived(): Buffer {
    const bytes = Buffer.concat(this.#received);
    this.#received = [];
    return bytes;
  }

  /** Waits until the node closes the connection; a reset counts. */
  closed(timeoutMs = 10_000): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`The node left the connection open for ${String(timeoutMs)} ms`));
      }, timeoutMs);
      this.socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isClosed) return;
    this.socket.destroy();
    await once(this.socket, 'close');
  }
}
