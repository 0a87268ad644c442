import type { Socket } from 'node:net';
import { ByteWriter } from '../protocol/byte-writer.js';
import { ENVELOPE_HEADER_BYTES, EnvelopeFlag, Opcode, RESPONSE_VERSION } from '../protocol/constants.js';
import type { SegmentCompressor } from '../protocol/segment/compressor.js';
import {
  compressSegment,
  MAX_SEGMENT_PAYLOAD,
  sealSegment,
  SEGMENT_HEADER_BYTES,
  SEGMENT_TRAILER_BYTES,
  splitIntoSegments,
} from '../protocol/segment/segment-writer.js';
import { messageOf } from '../util/thrown.js';
import { answerError, type Answer } from './wire/answers.js';
import { RequestFramer, type RawRequest } from './wire/request-framer.js';

/** Who a connection reports to. */
export interface ConnectionOwner {
  onRequest(connection: FakeConnection, request: RawRequest): void;
  onClose(connection: FakeConnection): void;
}

/** How an answer is sent, beside what it says. */
export interface Delivery {
  readonly streamId: number;
  readonly tracingId?: Buffer | null;
  readonly warnings?: readonly string[];
  readonly payload?: Readonly<Record<string, Uint8Array>> | null;
  readonly corruptCrc?: boolean;
  /** Pieces of so many bytes; 0 for one write. */
  readonly chunk?: number;
  readonly version?: number;
}

/** What the client on a connection has said about itself. */
export interface ConnectionSession {
  /** How far the handshake is. */
  state: 'startup' | 'authenticating' | 'ready';
  /** STARTUP's. */
  options: Readonly<Record<string, string>>;
  /** As USE set it; null before. */
  keyspace: string | null;
  /** What it REGISTERed for. */
  readonly eventTypes: Set<string>;
  /** How many AUTH_RESPONSE messages came. */
  authenticationRounds: number;
}

interface Write {
  readonly bytes: Buffer;
  /** Whether the next write waits for another turn of the event loop. */
  readonly alone: boolean;
}

/** One client's connection to a fake node: its framing in both directions, and what it has negotiated. */
export class FakeConnection {
  /** Which connection of its node this is, from 1. */
  readonly index: number;
  /** The client's IP address. */
  readonly remoteAddress: string;
  /** The client's port. */
  readonly remotePort: number;
  /** What the client has said about itself. */
  readonly session: ConnectionSession = {
    state: 'startup',
    options: {},
    keyspace: null,
    eventTypes: new Set(),
    authenticationRounds: 0,
  };

  /** Used for the segments of both directions once framing begins. */
  compressor: SegmentCompressor | null = null;

  readonly #socket: Socket;
  readonly #framer = new RequestFramer();
  #framed = false;
  /** Envelopes that wait for the end of this turn, to share a segment. */
  #envelopes: Buffer[] = [];
  #writes: Write[] = [];
  #flushing: NodeJS.Immediate | null = null;
  #paused = false;
  #ending = false;
  #dead = false;

  /** Made by the node for a socket that it accepted; `index` counts from 1. */
  constructor(socket: Socket, index: number, owner: ConnectionOwner) {
    this.#socket = socket;
    this.index = index;
    this.remoteAddress = socket.remoteAddress ?? '';
    this.remotePort = socket.remotePort ?? 0;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk, owner);
    });
    // What goes wrong with a socket ends in 'close'; a double has nobody to tell more.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#dead = true;
      if (this.#flushing !== null) clearImmediate(this.#flushing);
      owner.onClose(this);
    });
  }

  /** Whether the socket is still open. */
  get isOpen(): boolean {
    return !this.#dead && !this.#ending;
  }

  /** Whether segments are in use. */
  get isFramed(): boolean {
    return this.#framed;
  }

  #receive(chunk: Buffer, owner: ConnectionOwner): void {
    if (this.#ending) return;
    try {
      this.#framer.push(chunk, (request) => {
        owner.onRequest(this, request);
      });
    } catch (error) {
      // As Cassandra does: an error on stream 0, then the end.
      const message = messageOf(error);
      this.send(answerError('PROTOCOL_ERROR', { message }), { streamId: 0 });
      this.close();
    }
  }

  /** Nothing is read or written until `resume`, as if the process were stopped. */
  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  /** Reads and answers again, first what came meanwhile. */
  resume(): void {
    this.#paused = false;
    this.#socket.resume();
    this.#scheduleFlush();
  }

  /** Sends an answer, or an event, right now. */
  send(answer: Answer, delivery: Delivery): void {
    if (!this.isOpen) return;
    const envelope = makeEnvelope(answer, delivery);
    const chunk = delivery.chunk ?? 0;
    if (!this.#framed) {
      this.#queue(envelope, chunk);
      if (answer.opcode === Opcode.READY || answer.opcode === Opcode.AUTHENTICATE) {
        this.#framed = true;
        this.#framer.enterFramedMode(this.compressor);
      }
    } else if (delivery.corruptCrc === true || chunk > 0) {
      this.#sealWaiting();
      for (const segment of splitIntoSegments(envelope, 0, envelope.length, this.compressor)) {
        // The last byte of a segment belongs to its payload's CRC.
        if (delivery.corruptCrc === true) segment[segment.length - 1] = (segment.at(-1) ?? 0) ^ 0xff;
        this.#queue(segment, chunk);
      }
    } else {
      this.#envelopes.push(envelope);
    }
    if (answer.opcode === Opcode.READY || answer.opcode === Opcode.AUTH_SUCCESS) this.session.state = 'ready';
    if (answer.opcode === Opcode.AUTHENTICATE) this.session.state = 'authenticating';
    this.#scheduleFlush();
  }

  #queue(bytes: Buffer, chunk: number): void {
    if (chunk <= 0) {
      this.#writes.push({ bytes, alone: false });
      return;
    }
    for (let at = 0; at < bytes.length; at += chunk) {
      this.#writes.push({ bytes: bytes.subarray(at, at + chunk), alone: true });
    }
  }

  /** Puts the waiting envelopes into segments: small ones together, a large one over several. */
  #sealWaiting(): void {
    let group: Buffer[] = [];
    let size = 0;
    const seal = (): void => {
      if (size > 0) this.#queue(this.#segment(Buffer.concat(group, size)), 0);
      group = [];
      size = 0;
    };
    for (const envelope of this.#envelopes) {
      if (size + envelope.length > MAX_SEGMENT_PAYLOAD) seal();
      if (envelope.length > MAX_SEGMENT_PAYLOAD) {
        for (const segment of splitIntoSegments(envelope, 0, envelope.length, this.compressor)) this.#queue(segment, 0);
      } else {
        group.push(envelope);
        size += envelope.length;
      }
    }
    seal();
    this.#envelopes = [];
  }

  #segment(payload: Buffer): Buffer {
    if (this.compressor !== null) return compressSegment(payload, 0, payload.length, true, this.compressor);
    const segment = Buffer.allocUnsafe(SEGMENT_HEADER_BYTES + payload.length + SEGMENT_TRAILER_BYTES);
    payload.copy(segment, SEGMENT_HEADER_BYTES);
    sealSegment(segment, 0, SEGMENT_HEADER_BYTES + payload.length, true);
    return segment;
  }

  #scheduleFlush(): void {
    if (this.#flushing !== null || this.#dead) return;
    this.#flushing = setImmediate(() => {
      this.#flushing = null;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#paused || this.#dead) return;
    this.#sealWaiting();
    while (this.#writes.length > 0) {
      const alone = this.#writes.findIndex((write) => write.alone);
      const count = alone < 0 ? this.#writes.length : Math.max(1, alone);
      const now = this.#writes.splice(0, count);
      this.#socket.write(now.length === 1 ? (now[0]?.bytes ?? '') : Buffer.concat(now.map((write) => write.bytes)));
      if (alone === 0) {
        this.#scheduleFlush();
        return;
      }
    }
    if (this.#ending) this.#socket.end();
  }

  /** Closes the connection when everything sent so far is written. */
  close(): void {
    this.#ending = true;
    this.#scheduleFlush();
  }

  /** Closes the connection at once; with `reset` by RST. */
  destroy({ reset = false }: { readonly reset?: boolean } = {}): void {
    this.#dead = true;
    const { writableEnded, writableFinished } = this.#socket;
    // While the socket ends it cannot be reset (libuv refuses it), and Node would keep it open for ever.
    if (reset && writableEnded === writableFinished) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }
}

function makeEnvelope(answer: Answer, delivery: Delivery): Buffer {
  const { tracingId = null, warnings = [], payload = null } = delivery;
  const prefix = new ByteWriter(64);
  let flags = 0;
  if (tracingId !== null) {
    flags |= EnvelopeFlag.TRACING;
    prefix.writeRaw(tracingId);
  }
  if (warnings.length > 0) {
    flags |= EnvelopeFlag.WARNING;
    prefix.writeStringList(warnings);
  }
  if (payload !== null) {
    flags |= EnvelopeFlag.CUSTOM_PAYLOAD;
    prefix.writeBytesMap(payload);
  }
  const header = Buffer.alloc(ENVELOPE_HEADER_BYTES);
  header[0] = delivery.version ?? RESPONSE_VERSION;
  header[1] = flags;
  header.writeInt16BE(delivery.streamId, 2);
  header[4] = answer.opcode;
  header.writeInt32BE(prefix.offset + answer.body.length, 5);
  return Buffer.concat([header, prefix.toBuffer(), answer.body]);
}
