import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { AsyncCassandraError, ConnectionClosed, ConnectionError, OperationTimedOut } from '../errors.js';
import type { ConnectionErrorKind, Counters } from '../observe/counters.js';
import { ByteReader } from '../protocol/byte-reader.js';
import { ByteWriter } from '../protocol/byte-writer.js';
import { Opcode } from '../protocol/constants.js';
import { readEvent, readPrefix, type ServerEvent } from '../protocol/messages/index.js';
import type { SegmentCompressor } from '../protocol/segment/compressor.js';
import { type EnvelopeSink, InboundFramer } from '../protocol/segment/inbound.js';
import { readServerError } from '../protocol/server-errors.js';
import type { DeadlineSweep, Sweepable } from '../util/deadline-sweep.js';
import { messageOf } from '../util/thrown.js';
import { type Envelope, type Message, writeEnvelope } from './message.js';
import type { InFlight } from './in-flight.js';
import { Outbox, type Wire } from './outbox.js';
import { type Answer, RoundTrip } from './round-trip.js';
import { type HostLoad, StreamSlots } from './stream-slots.js';
import { openSocket, TlsRefused, type TransportEvents, type TransportOptions } from './transport.js';

/** Bytes that the socket has not taken yet; past this, no further requests are put behind them. */
const CONGESTED_BYTES = 8 * 1024 * 1024;
/** Answers on ids that nobody asked on, before the connection counts as broken. */
const STRAY_ANSWERS_TAKEN = 3;
/** Ids beside those of the users' requests, so that heartbeats and system queries find one on a full connection. */
const OWN_IDS = 16;
/** A node that owes answers and says nothing for so long is asked whether it is there. */
const SILENT_MS = 1000;
/** A connection with more than this share of its ids orphaned is replaced. */
const ORPHAN_SHARE = 0.25;
/** A node is thought to work on what was given up for so long, and twice that at most. */
const ORPHAN_WEIGHS_MS = 1000;
/** A connection that is kept for so long is good, whether or not anything was asked on it. */
const PROOF_MS = 1000;
/** A peer that has not read the last bytes by then does not get them. */
const LAST_FLUSH_MS = 2000;

export interface ConnectionSettings {
  readonly transport: TransportOptions;
  /** 'address:port', for messages. */
  readonly endpoint: string;
  readonly maxRequests: number;
  /** 0 for no heartbeat. */
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly sweep: DeadlineSweep;
  readonly counters: Counters;
  /** Where the requests of all connections to this node are summed up. */
  readonly load?: HostLoad;
}

/** Who owns a connection. */
export interface ConnectionOwner {
  /** The socket is gone; everything that waited was told. `error` is null after a close of our own. */
  onConnectionClosed(connection: Connection, error: Error | null): void;
  /** The connection takes no more requests: it closes when those under way are answered. */
  onConnectionDraining(connection: Connection): void;
  /** A stream id became free, or the socket took what had piled up. */
  onConnectionFree(connection: Connection): void;
  onEvent(event: ServerEvent): void;
}

type State = 'opening' | 'open' | 'draining' | 'closed';

/**
 * One socket to one node, from its opening to its end. It frames, counts stream ids, expires deadlines, beats its
 * heart; what a request means is not its matter.
 */
export class Connection implements EnvelopeSink, TransportEvents, Sweepable, Wire {
  readonly endpoint: string;
  readonly settings: ConnectionSettings;
  /** The keyspace that the server has this connection in. */
  keyspace: string | null = null;

  readonly #owner: ConnectionOwner;
  readonly #counters: Counters;
  readonly #slots: StreamSlots;
  readonly #outbox: Outbox;
  /** Where the envelope sent last was written. */
  #lastWriter: ByteWriter;
  readonly #framer: InboundFramer;
  readonly #reader = new ByteReader(Buffer.alloc(0));
  readonly #orphanLimit: number;
  #socket: Socket | null = null;
  #state: State = 'opening';
  #opened: ((error: Error | null) => void) | null = null;
  /** During the handshake every envelope is its answer, whatever stream it names (CASSANDRA-21508). */
  #handshake: InFlight | null = null;
  #congested = false;
  #watched = false;
  #lastReadAt = 0;
  /** Since when answers are owed and nothing was read; Infinity while that is not so. */
  #quietSince = Infinity;
  #silent = false;
  #strays = 0;
  #wroteOffAt = 0;
  #readyAt = Infinity;
  #answered = false;
  #heartbeat: NodeJS.Timeout | null = null;
  #beating = false;
  #closeError: Error | null = null;

  constructor(settings: ConnectionSettings, owner: ConnectionOwner) {
    this.settings = settings;
    this.endpoint = settings.endpoint;
    this.#owner = owner;
    this.#counters = settings.counters;
    this.#slots = new StreamSlots(settings.maxRequests + OWN_IDS, settings.load);
    // Orphans must never take all ids of the users' requests.
    this.#orphanLimit = Math.min(settings.maxRequests - 1, Math.max(1, settings.maxRequests * ORPHAN_SHARE));
    this.#outbox = new Outbox(this);
    this.#lastWriter = this.#outbox;
    this.#framer = new InboundFramer(this);
  }

  // ---- opening -----------------------------------------------------------------------------------------------------

  /** Opens the socket, with TLS unless `security` is null. The handshake is the caller's next step. */
  openSocket(security: ConnectionOptions | null): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opened = (error) => {
        this.#opened = null;
        if (error === null) resolve();
        else reject(error);
      };
      this.#socket = openSocket(this.settings.transport, security, this, () => this.#opened?.(null));
    });
  }

  /** The node's port took the connection; TLS may still be missing. */
  get hasReached(): boolean {
    return this.#socket?.connecting === false;
  }

  /** Sends one request of the handshake, alone on the connection. The handshake as a whole has a deadline, not this. */
  handshake(message: Message): Promise<Answer> {
    const trip = new RoundTrip(this.endpoint, Infinity);
    if (this.#state === 'closed') return Promise.reject(this.#lost());
    this.#handshake = trip;
    const id = this.#slots.take(trip, this.#outbox.flushes);
    this.#encode(message, id);
    this.#outbox.flush();
    return trip.promise;
  }

  /** Everything after this byte travels in segments, both ways: the server sends nothing more before our next request. */
  enterFramedMode(compressor: SegmentCompressor | null): void {
    this.#outbox.enterFramedMode(compressor);
    this.#framer.enterFramedMode(compressor);
  }

  /** The handshake is over: requests may come. */
  ready(): void {
    if (this.#state === 'closed') throw this.#lost();
    this.#handshake = null;
    this.#state = 'open';
    this.#readyAt = performance.now();
    this.#counters.connectionsOpened++;
    this.#beatLater();
  }

  // ---- requests ----------------------------------------------------------------------------------------------------

  /** True if a request can be sent now. */
  get hasRoom(): boolean {
    return this.#state === 'open' && !this.#congested && this.#slots.available > OWN_IDS + this.#slots.kept;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** True once the connection was of use: something was answered on it, or it lasts. */
  get isProven(): boolean {
    return this.#answered || performance.now() - this.#readyAt >= PROOF_MS;
  }

  /** Requests that wait for an answer. */
  get inFlight(): number {
    return this.#slots.inFlight;
  }

  /**
   * True if the node owes answers, has said nothing for a second, and has not answered the heartbeat that was sent for
   * it: it hangs, or is gone without a word. Requests that can go elsewhere should.
   */
  get isSilent(): boolean {
    return this.#silent;
  }

  /** Stream ids whose request was given up and whose answer has not come. */
  get orphans(): number {
    return this.#slots.orphans;
  }

  /** When something was read last, in performance.now() milliseconds: while an answer is handed over, its arrival. */
  get lastReadAt(): number {
    return this.#lastReadAt;
  }

  /** Where the envelope sent last lies, for sending the same bytes again. Valid right after `send`. */
  get lastEnvelope(): Envelope {
    const { buffer, start, offset } = this.#lastWriter;
    return { buffer, start, end: offset };
  }

  /**
   * Encodes the message into the open segment, which leaves at the end of this turn. Returns the stream id, or −1 if
   * none is free. Throws what the encoding throws, and then nothing was sent and no id is taken.
   */
  send(message: Message, waiting: InFlight): number {
    const id = this.#slots.take(waiting, this.#outbox.flushes);
    if (id < 0) return -1;
    this.#encode(message, id);
    if (waiting.deadline !== Infinity) this.#watch();
    return id;
  }

  #encode(message: Message, id: number): void {
    const outbox = this.#outbox;
    if (outbox.isOpen) {
      this.#encodeBeside(message, id);
      return;
    }
    outbox.open();
    try {
      writeEnvelope(outbox, message, id);
      outbox.commit();
    } catch (error) {
      outbox.abort();
      this.#slots.untake(id);
      throw error;
    }
    this.#lastWriter = outbox;
  }

  /** Sent by what reads the values of a message that is being encoded: it cannot be written into the midst of that. */
  #encodeBeside(message: Message, id: number): void {
    const writer = new ByteWriter();
    try {
      writeEnvelope(writer, message, id);
    } catch (error) {
      this.#slots.untake(id);
      throw error;
    }
    this.#outbox.commitBehind(writer);
    this.#lastWriter = writer;
  }

  /**
   * Sends bytes that were encoded before, ahead of time or for another connection. Returns the stream id, or −1 if none
   * is free.
   */
  resend(envelope: Envelope, waiting: InFlight): number {
    const id = this.#slots.take(waiting, this.#outbox.flushes);
    if (id < 0) return -1;
    this.#outbox.resend(envelope.buffer, envelope.start, envelope.end, id);
    if (waiting.deadline !== Infinity) this.#watch();
    return id;
  }

  /** Keeps room for a request that has to wait for another one's answer here: until `unkeep`, others do not get it. */
  keep(): void {
    this.#slots.keep();
  }

  /** Returns whether the request can be sent now. */
  unkeep(): boolean {
    this.#slots.unkeep();
    // The last id is the heartbeat's. Others of our own may be taken by what is waited for.
    return this.#state === 'open' && !this.#congested && this.#slots.available > 1;
  }

  /** The caller waits no longer: the late answer will be thrown away. */
  forget(id: number, waiting: InFlight): void {
    if (!this.#slots.orphan(id, waiting)) return;
    this.#watch();
    this.#afterOrphan();
  }

  /** A request of the client's own. Rejects if the connection has no room for it: the last id is the heartbeat's. */
  request(message: Message, timeoutMs: number): Promise<Answer> {
    if (this.#state === 'closed') return Promise.reject(this.#lost());
    const trip = new RoundTrip(this.endpoint, timeoutMs);
    if (this.#slots.available === 1 || this.send(message, trip) < 0) {
      return Promise.reject(new ConnectionError(`The connection to ${this.endpoint} has no free stream id`));
    }
    return trip.promise;
  }

  #watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    this.settings.sweep.watch(this);
  }

  sweep(now: number): boolean {
    const expired = this.#slots.expire(now);
    if (expired > 0) {
      this.#counters.timeouts += expired;
      this.#afterOrphan();
    }
    if (now - this.#wroteOffAt >= ORPHAN_WEIGHS_MS) {
      this.#wroteOffAt = now;
      this.#slots.writeOff();
    }
    this.#watched = this.#slots.inFlight > 0 || this.#slots.orphansWeigh;
    this.#listen(now);
    return this.#watched;
  }

  /** A peer that is gone without a word answers nothing: ask now, not at the next beat. */
  #listen(now: number): void {
    const { inFlight, orphans } = this.#slots;
    if (inFlight + orphans === 0) this.#quietSince = Infinity;
    else if (this.#quietSince === Infinity) this.#quietSince = now;
    else if (!this.#silent && now - this.#quietSince > Math.min(SILENT_MS, this.settings.heartbeatTimeoutMs)) {
      this.#silent = true;
      this.checkHealth();
    }
  }

  #afterOrphan(): void {
    if (this.#slots.orphans > this.#orphanLimit) this.drain();
    this.#closeIfDrained();
  }

  // ---- what the socket says ----------------------------------------------------------------------------------------

  onRead(buffer: Buffer, size: number): void {
    this.#lastReadAt = performance.now();
    this.#quietSince = Infinity;
    this.#silent = false;
    this.#counters.bytesReceived += size;
    try {
      this.#framer.push(buffer, 0, size);
    } catch (error) {
      const reason = messageOf(error);
      const advice = this.#state === 'opening' ? ` (${WRONG_PORT_ADVICE})` : '';
      this.#fail(this.#lost(`what the server sent cannot be read: ${reason}${advice}`, error), 'protocol');
    }
    this.#counters.decodeMs += performance.now() - this.#lastReadAt;
  }

  onEnvelope(flags: number, streamId: number, opcode: number, buffer: Buffer, start: number, end: number): void {
    if (this.#handshake !== null) {
      this.#answerHandshake(flags, opcode, buffer, start, end);
    } else if (streamId > 0) {
      const waiting = this.#slots.answer(streamId);
      if (waiting === undefined) {
        this.#stray();
        return;
      }
      this.#answered = true;
      if (waiting !== null) waiting.onEnvelope(flags, opcode, buffer, start, end, this.#framer.bodyIsOwned);
      this.#owner.onConnectionFree(this);
      if (this.#state === 'draining') this.#closeIfDrained();
    } else this.#unasked(flags, streamId, opcode, buffer, start, end);
  }

  #answerHandshake(flags: number, opcode: number, buffer: Buffer, start: number, end: number): void {
    const waiting = this.#handshake;
    this.#handshake = null;
    this.#slots.answer(1);
    waiting?.onEnvelope(flags, opcode, buffer, start, end, false);
  }

  /** An event, or an error that the server could not attribute to a request: then none of them can be trusted. */
  #unasked(flags: number, streamId: number, opcode: number, buffer: Buffer, start: number, end: number): void {
    const reader = this.#reader;
    reader.reset(buffer, start, end);
    if (streamId === -1 && opcode === Opcode.EVENT) {
      readPrefix(reader, flags);
      this.#owner.onEvent(readEvent(reader));
    } else if (opcode === Opcode.ERROR) {
      readPrefix(reader, flags);
      const error = readServerError(reader, this.endpoint);
      this.#fail(this.#lost(`the server gave the connection up: ${error.message}`, error), 'protocol');
    } else this.#stray();
  }

  #stray(): void {
    this.#counters.strayAnswers++;
    this.#strays++;
    if (this.#strays > STRAY_ANSWERS_TAKEN) {
      this.#fail(this.#lost('the server answers requests that were never sent'), 'protocol');
    }
  }

  onDrain(): void {
    if (!this.#congested) return;
    this.#congested = false;
    this.#owner.onConnectionFree(this);
  }

  onClosed(error: Error | null): void {
    const cause = this.#closeError ?? this.#whyClosed(error);
    this.#opened?.(cause ?? this.#lost());
    this.#fail(cause, 'lost');
  }

  #whyClosed(error: Error | null): Error | null {
    if (this.#state === 'closed') return error;
    if (error instanceof TlsRefused) return error;
    if (this.#handshake !== null && this.#lastReadAt === 0) return this.#unanswered(error);
    if (error === null) return this.#lost('the server closed it');
    // What keeps a connection from opening is told as it is: TLS refusals among it.
    return this.#state === 'opening' ? error : this.#lost(error.message, error);
  }

  /** The server took the connection, and ended it at our first word. */
  #unanswered(error: Error | null): ConnectionClosed {
    const end = error === null ? 'closed it' : 'broke it off';
    const guess = this.settings.transport.tls === null ? 'does it want TLS, ' : '';
    return this.#lost(
      `the server ${end} before it said anything: ${guess}has it too many connections, or ${WRONG_PORT_ADVICE}`,
      error ?? undefined,
    );
  }

  write(pieces: readonly Buffer[]): void {
    const socket = this.#socket;
    if (socket === null || this.#state === 'closed') return;
    const counters = this.#counters;
    counters.writes++;
    counters.requestsSent += this.#outbox.takeCount();
    if (pieces.length > 1) socket.cork();
    let drained = true;
    for (const piece of pieces) {
      counters.bytesSent += piece.length;
      drained = socket.write(piece);
    }
    if (pieces.length > 1) socket.uncork();
    if (!drained && socket.writableLength > CONGESTED_BYTES) this.#congested = true;
  }

  // ---- heartbeat ---------------------------------------------------------------------------------------------------

  #beatLater(): void {
    const { heartbeatIntervalMs } = this.settings;
    if (heartbeatIntervalMs <= 0) return;
    this.#heartbeat = setInterval(() => {
      if (performance.now() - this.#lastReadAt < heartbeatIntervalMs * 0.9) return;
      this.#rest();
      void this.#beat();
    }, heartbeatIntervalMs);
    this.#heartbeat.unref();
  }

  /** A quiet connection keeps as little as a new one: what a burst needed is let go, and made again by the next. */
  #rest(): void {
    this.#outbox.rest();
    this.#framer.rest();
    this.#slots.rest();
  }

  /** Asks the node whether it is there; the connection is closed if it does not answer in time. */
  checkHealth(): void {
    void this.#beat();
  }

  async #beat(): Promise<void> {
    if (this.#beating || this.#state === 'opening' || this.#state === 'closed') return;
    this.#beating = true;
    const trip = new RoundTrip(this.endpoint, this.settings.heartbeatTimeoutMs);
    try {
      if (this.send(OPTIONS_MESSAGE, trip) >= 0) await trip.promise;
    } catch (error) {
      // A node that refuses is there.
      if (!(error instanceof OperationTimedOut)) return;
      this.#fail(this.#lost('it does not answer a heartbeat', error), 'heartbeat');
    } finally {
      this.#beating = false;
    }
  }

  // ---- the end -----------------------------------------------------------------------------------------------------

  /** Takes no more requests, and closes once those under way are answered or given up. */
  drain(): void {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    this.#owner.onConnectionDraining(this);
    this.#closeIfDrained();
  }

  #closeIfDrained(): void {
    if (this.#state === 'draining' && this.#slots.inFlight === 0) this.close();
  }

  /** Closes at once; what is under way fails with `error`. */
  close(error?: Error): void {
    if (this.#state === 'closed') return;
    this.#outbox.flush();
    this.#finish(error ?? null);
  }

  /** What keeps a connection from opening is counted by whoever opens it. */
  #fail(error: Error | null, kind: ConnectionErrorKind): void {
    if (error !== null && (this.#state === 'open' || this.#state === 'draining')) {
      this.#counters.countConnectionError(this.endpoint, kind);
    }
    this.#finish(error);
  }

  #finish(error: Error | null): void {
    const socket = this.#socket;
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#closeError = error;
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    this.settings.sweep.unwatch(this);
    this.#framer.close();
    this.#outbox.close();
    if (socket !== null) closeSocket(socket, error === null);
    this.#slots.fail(error ?? this.#lost('the client closed it'), this.#outbox.flushes);
    this.#handshake = null;
    this.#opened?.(error ?? this.#lost());
    this.#owner.onConnectionClosed(this, error);
  }

  #lost(reason?: string, cause?: unknown): ConnectionClosed {
    if (reason === undefined && this.#closeError instanceof AsyncCassandraError) cause ??= this.#closeError;
    const text = reason ?? this.#closeError?.message ?? 'it is closed';
    return new ConnectionClosed(`The connection to ${this.endpoint} is lost: ${text}`, {
      cause,
      host: this.endpoint,
    });
  }
}

const WRONG_PORT_ADVICE = "is this not Cassandra's CQL port, native_transport_port?";

/** After a close of our own the last flush may still be in the socket: it is let out for a while; nobody waits for it. */
function closeSocket(socket: Socket, gracefully: boolean): void {
  if (!gracefully || socket.writableLength === 0) {
    socket.destroy();
    return;
  }
  const giveUp = setTimeout(() => socket.destroy(), LAST_FLUSH_MS).unref();
  socket.once('close', () => {
    clearTimeout(giveUp);
  });
  socket.end(() => socket.destroy());
  socket.unref();
}

const OPTIONS_MESSAGE: Message = {
  opcode: Opcode.OPTIONS,
  flags: 0,
  writeBody() {
    // OPTIONS has no body (section 4.1.2).
  },
};
