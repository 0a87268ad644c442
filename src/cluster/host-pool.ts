import type { Connection, ConnectionOwner } from '../connection/connection.js';
import { clusterIsClosed } from '../connection/closed.js';
import { ConnectionError } from '../errors.js';
import type { ServerEvent } from '../protocol/messages/index.js';
import type { Sweepable } from '../util/deadline-sweep.js';
import { RingQueue } from '../util/ring-queue.js';
import { asError } from '../util/thrown.js';
import { Backoff } from './backoff.js';
import type { Connector } from './connector.js';
import type { KnownHost } from './known-host.js';
import type { ClusterSettings, Log } from './settings.js';

const SHORT_WAIT_MS = 100;
/** So many connections in a row may be lost before they were of use; from then on the next one waits. */
const EARLY_LOSSES_TAKEN = 3;

/** A request that waits for room on a connection of one host. Exactly one of its methods is called, unless it leaves. */
export interface PoolWaiter {
  /** In performance.now() milliseconds. */
  readonly queueDeadline: number;
  /** It waits no longer: none of its methods is called any more. */
  readonly isAbandoned: boolean;
  onPoolReady(connection: Connection): void;
  /** The host cannot be reached, or the time in the queue is over. */
  onPoolFailed(error: Error, timedOut: boolean): void;
}

/** Who wants to know how the host does. */
export interface PoolObserver {
  readonly log: Log;
  onPoolUp(pool: HostPool): void;
  /** There is no connection and an attempt to open one has failed: told of each such attempt, with its own reason. */
  onPoolDown(pool: HostPool, error: Error): void;
  onAttemptFailed(pool: HostPool, error: Error): void;
  /** Requests to the host are limited now, or are no longer. */
  onLimit(pool: HostPool): void;
}

/**
 * The connections to one host in one keyspace.
 *
 * Invariant: a pool that is not closed and lacks a connection has exactly one attempt under way or scheduled.
 */
export class HostPool implements ConnectionOwner, Sweepable {
  readonly host: KnownHost;
  readonly keyspace: string | null;

  readonly #settings: ClusterSettings;
  readonly #connector: Connector;
  readonly #observer: PoolObserver;
  readonly #queue = new RingQueue<PoolWaiter>();
  /** Waiters in the queue that are abandoned; they are taken out once they are most of it. */
  #abandoned = 0;
  readonly #draining = new Set<Connection>();
  readonly #backoff: Backoff;
  #connections: readonly Connection[] = [];
  #size: number;
  #attempt: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #lastError: Error | null = null;
  /** Connections in a row that were lost before they were of use. */
  #earlyLosses = 0;
  #whenClosed: (() => void) | null = null;

  constructor(
    host: KnownHost,
    keyspace: string | null,
    size: number,
    settings: ClusterSettings,
    connector: Connector,
    observer: PoolObserver,
  ) {
    this.host = host;
    this.keyspace = keyspace;
    this.#size = size;
    this.#settings = settings;
    this.#connector = connector;
    this.#observer = observer;
    this.#backoff = new Backoff(settings.reconnectionPolicy, observer.log);
  }

  // ---- what others read --------------------------------------------------------------------------------------------

  get connections(): readonly Connection[] {
    return this.#connections;
  }

  get lastError(): Error | null {
    return this.#lastError;
  }

  get queued(): number {
    return this.#queue.length - this.#abandoned;
  }

  /** True if no request is under way, on a connection that drains neither, or waits. */
  get isIdle(): boolean {
    if (this.queued > 0) return false;
    for (const connection of this.#connections) if (connection.inFlight > 0) return false;
    for (const connection of this.#draining) if (connection.inFlight > 0) return false;
    return true;
  }

  /** True while requests may hope for a connection: one is open, or the first attempt after a loss is under way. */
  get isHopeful(): boolean {
    return this.#connections.length > 0 || (this.#attempt !== null && this.#backoff.isFresh);
  }

  // ---- requests ----------------------------------------------------------------------------------------------------

  /** The connection with the fewest requests on it that has room; null if there is none, or the host has enough to do. */
  borrow(): Connection | null {
    const { limit, stats } = this.host;
    if (!limit.allows(stats.outstanding)) return null;
    const connections = this.#connections;
    const first = connections[0];
    if (connections.length === 1 && first !== undefined) return first.hasRoom ? first : null;
    let best: Connection | null = null;
    for (const connection of connections) {
      if (connection.hasRoom && (best === null || connection.inFlight < best.inFlight)) best = connection;
    }
    return best;
  }

  /** Waits in line for a connection. False if the line is full or no connection can be hoped for. */
  enqueue(waiter: PoolWaiter): boolean {
    if (this.#closed || !this.isHopeful) return false;
    if (this.queued >= this.#settings.pooling.maxQueuedRequests) return false;
    this.#queue.push(waiter);
    this.#settings.sweep.watch(this);
    return true;
  }

  /** A waiter in the line was abandoned. */
  leave(): void {
    this.#abandoned++;
    if (this.#abandoned * 2 > this.#queue.length) this.#takeOut(() => false);
  }

  /** Takes out whoever is abandoned, and those who are meant; returns the latter. */
  #takeOut(isMeant: (waiter: PoolWaiter) => boolean): PoolWaiter[] {
    const taken: PoolWaiter[] = [];
    this.#abandoned = 0;
    for (let left = this.#queue.length; left > 0; left--) {
      const waiter = this.#queue.shift();
      if (waiter === undefined || waiter.isAbandoned) continue;
      if (isMeant(waiter)) taken.push(waiter);
      else this.#queue.push(waiter);
    }
    return taken;
  }

  /** Those who waited too long leave the line. */
  sweep(now: number): boolean {
    for (const waiter of this.#takeOut((one) => one.queueDeadline <= now)) {
      if (!waiter.isAbandoned) {
        waiter.onPoolFailed(new ConnectionError(`No connection to ${this.host.endpoint} became free`), true);
      }
    }
    // What made room may have been an answer to a pool of another keyspace.
    for (const connection of this.#connections) this.onConnectionFree(connection);
    return this.#queue.length > 0;
  }

  onConnectionFree(connection: Connection): void {
    const { limit, stats } = this.host;
    while (this.#queue.length > 0 && connection.hasRoom && limit.allows(stats.outstanding)) {
      const waiter = this.#queue.shift();
      if (waiter?.isAbandoned === true) this.#abandoned--;
      else waiter?.onPoolReady(connection);
    }
  }

  #failQueue(error: Error): void {
    for (const waiter of this.#takeOut(() => true)) if (!waiter.isAbandoned) waiter.onPoolFailed(error, false);
  }

  // ---- connections -------------------------------------------------------------------------------------------------

  /** Opens what is missing. Resolves when the attempt under way has ended, well or badly. */
  fill(): Promise<void> {
    if (this.#closed || this.#connections.length >= this.#size) return Promise.resolve();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#attempt ??= this.#open();
    return this.#attempt;
  }

  /** How many connections there should be, from now on. */
  resize(size: number): void {
    const grows = size > this.#size;
    this.#size = size;
    for (const surplus of this.#connections.slice(size)) surplus.drain();
    // What was missing before is being opened, or has its back-off: every refresh of the topology comes by here.
    if (grows) void this.fill();
  }

  async #open(): Promise<void> {
    try {
      const connection = await this.#connector.openFor(this.host, this.keyspace, this);
      this.#attempt = null;
      this.#adopt(connection);
    } catch (error) {
      this.#attempt = null;
      // The host is down now: a later sign that it is back is news again.
      if (this.#isFlapping) this.#earlyLosses = EARLY_LOSSES_TAKEN;
      this.#onAttemptFailed(asError(error));
    }
  }

  #adopt(connection: Connection): void {
    if (this.#closed) {
      connection.close();
      return;
    }
    // It may have been lost again between its handshake and this turn.
    if (!connection.isOpen) {
      this.#onAttemptFailed(this.#lostAtOnce(null));
      return;
    }
    this.#connections = [...this.#connections, connection];
    this.#lastError = null;
    if (this.#connections.length === 1) this.#observer.onPoolUp(this);
    this.onConnectionFree(connection);
    if (!this.#isFlapping) void this.fill();
    else this.#fillLater();
  }

  #fillLater(): void {
    if (!this.#closed && this.#connections.length < this.#size) this.#retryLater();
  }

  /** The host takes connections, and none of them lasts: opened again at once, they would be a storm. */
  get #isFlapping(): boolean {
    return this.#earlyLosses > EARLY_LOSSES_TAKEN;
  }

  #lostAtOnce(cause: Error | null): ConnectionError {
    return new ConnectionError(`The connection to ${this.host.endpoint} was lost at once`, {
      cause: cause ?? undefined,
    });
  }

  #onAttemptFailed(error: Error): void {
    if (this.#closed) return;
    this.#lastError = error;
    this.#observer.onAttemptFailed(this, error);
    this.#retryLater();
    if (this.#connections.length > 0) return;
    this.#failQueue(error);
    this.#observer.onPoolDown(this, error);
  }

  #retryLater(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.fill();
    }, this.#backoff.next());
    // A client whose hosts are all away still waits for them: the process stays alive until shutdown().
  }

  /** The host is back: the next attempt is made now. */
  retryNow(): void {
    // That it can be reached is no news while no connection lasts.
    if (this.#timer === null || this.#isFlapping) return;
    void this.fill();
  }

  /**
   * A hint that the host may be back: the next attempt is made within `withinMs`, at random, as every client got the
   * same hint; should it come too early, the back-off begins anew.
   */
  retrySoon(withinMs: number): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#backoff.reset();
      void this.fill();
    }, Math.random() * withinMs);
  }

  /** A hint that the host is down: its connections are asked. */
  checkHealth(): void {
    for (const connection of this.#connections) connection.checkHealth();
  }

  // ---- how much the host is asked ----------------------------------------------------------------------------------

  /** The host answered a request, after `latencyMs`. */
  onAnswer(latencyMs: number, now: number): void {
    const { stats, limit } = this.host;
    stats.recordLatency(latencyMs);
    if (limit.onAnswer(now)) this.#observer.onLimit(this);
  }

  /** An error came after `latencyMs`. Refusals are quick: they must not make a failing host look like a fast one. */
  onErrorAnswer(latencyMs: number, now: number): void {
    const { stats, limit } = this.host;
    stats.errors++;
    if (latencyMs > (stats.latencyMs ?? 0)) stats.recordLatency(latencyMs);
    if (limit.onAnswer(now)) this.#observer.onLimit(this);
  }

  /** The host did not answer a request of `sentAt` by its deadline. */
  onTimeout(sentAt: number, deadline: number): void {
    this.host.stats.timeouts++;
    // Deadlines shorter than this say more of the caller than of the host.
    if (deadline - sentAt >= SHORT_WAIT_MS) this.onOverload(performance.now(), sentAt);
  }

  /** The host showed that it has too much to do, for a request that was sent at `sentAt`. */
  onOverload(now: number, sentAt: number): void {
    const { stats, limit } = this.host;
    const wasCut = limit.isCut;
    if (limit.onSign(now, sentAt, stats.outstanding) && !wasCut) this.#observer.onLimit(this);
  }

  onConnectionDraining(connection: Connection): void {
    this.#remove(connection);
    this.#draining.add(connection);
    this.#replace();
  }

  onConnectionClosed(connection: Connection, error: Error | null): void {
    this.#draining.delete(connection);
    const wasUsed = this.#remove(connection);
    if (this.#closed) {
      if (this.#connections.length === 0 && this.#draining.size === 0) this.#whenClosed?.();
      return;
    }
    if (error !== null) this.#lastError = error;
    if (wasUsed) this.#onLost(connection, error);
  }

  #onLost(connection: Connection, error: Error | null): void {
    this.#earlyLosses = connection.isProven ? 0 : this.#earlyLosses + 1;
    if (!this.#isFlapping) this.#replace();
    else if (this.#attempt === null) this.#onAttemptFailed(this.#lostAtOnce(error));
  }

  /** What kept others from opening was another matter: a host that loses a connection is asked at once, and then often. */
  #replace(): void {
    this.#backoff.reset();
    void this.fill();
  }

  /** False if it is not in use: it drains, or was lost before it came here. */
  #remove(connection: Connection): boolean {
    if (!this.#connections.includes(connection)) return false;
    this.#connections = this.#connections.filter((other) => other !== connection);
    return true;
  }

  onEvent(_event: ServerEvent): void {
    // Only the control connection asks for events.
  }

  // ---- the end -----------------------------------------------------------------------------------------------------

  /** Lets requests under way finish for `timeoutMs`, then closes everything. `reason` is told to those in line. */
  async retire(timeoutMs: number, reason: Error): Promise<void> {
    this.#stopServing(reason);
    await this.#drain(timeoutMs);
    this.#closeConnections();
  }

  close(): void {
    this.#stopServing(clusterIsClosed());
    this.#closeConnections();
  }

  #closeConnections(): void {
    for (const connection of [...this.#connections, ...this.#draining]) connection.close();
  }

  #stopServing(reason: Error): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#settings.sweep.unwatch(this);
    this.#failQueue(reason);
  }

  #drain(timeoutMs: number): Promise<void> {
    for (const connection of this.#connections) connection.drain();
    if (this.#connections.length === 0 && this.#draining.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#whenClosed = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
