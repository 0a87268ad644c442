import type { HostPool, PoolWaiter } from '../cluster/host-pool.js';
import type { Connection } from '../connection/connection.js';
import type { InFlight } from '../connection/in-flight.js';
import type { AttemptTrace } from './attempt-trace.js';

/** What an attempt tells the request that it is made for. */
export interface AttemptOwner {
  readonly deadline: number;
  /** Until when an attempt may stand in a pool's line that came there at `now`. */
  queueDeadlineFrom(now: number): number;
  onAttemptAnswered(
    attempt: Attempt,
    flags: number,
    opcode: number,
    buffer: Buffer,
    start: number,
    end: number,
    owned: boolean,
  ): void;
  onAttemptLost(attempt: Attempt, error: Error, written: boolean): void;
  onAttemptDeadline(attempt: Attempt): void;
  onAttemptReady(attempt: Attempt, connection: Connection): void;
  onAttemptUnqueued(attempt: Attempt, error: Error, timedOut: boolean): void;
}

const NO_STREAM = -1;
/** The connection keeps an id for it. */
const KEPT = -2;

/** One try of one request at one host: in the pool's line first, if it must, then on a connection. */
export class Attempt implements InFlight, PoolWaiter {
  readonly owner: AttemptOwner;
  readonly pool: HostPool;
  /** When it was sent, or made if it stands in line. */
  startedAt: number;
  connection: Connection | null = null;
  streamId = NO_STREAM;
  /** How often this host said that it does not know the statement. */
  reprepares = 0;
  /** It stands in the pool's line. */
  isQueued = false;
  /** It was made beside another one that had not been answered. */
  readonly isSpeculative: boolean;
  /** The request is settled, or has gone on without this attempt. */
  isAbandoned = false;
  /** Only while somebody subscribes to the attempts' channel. */
  trace: AttemptTrace | null = null;

  constructor(owner: AttemptOwner, pool: HostPool, startedAt: number, isSpeculative = false) {
    this.owner = owner;
    this.pool = pool;
    this.startedAt = startedAt;
    this.isSpeculative = isSpeculative;
  }

  get deadline(): number {
    return this.owner.deadline;
  }

  get queueDeadline(): number {
    return this.owner.queueDeadlineFrom(this.startedAt);
  }

  /** It waits for a preparation on the connection, which keeps room for it. */
  keepPlace(connection: Connection): void {
    this.connection = connection;
    this.streamId = KEPT;
    connection.keep();
  }

  /** It waits no longer. Returns whether it can be sent now. */
  leavePlace(): boolean {
    if (this.streamId !== KEPT) return false;
    this.streamId = NO_STREAM;
    return this.connection?.unkeep() === true;
  }

  /** Whatever still comes of this attempt is thrown away. */
  abandon(): void {
    this.isAbandoned = true;
    if (this.isQueued) this.pool.leave();
    this.isQueued = false;
    this.leavePlace();
    if (this.streamId >= 0) {
      this.connection?.forget(this.streamId, this);
      this.trace?.abandon();
    }
    this.streamId = NO_STREAM;
  }

  onEnvelope(flags: number, opcode: number, buffer: Buffer, start: number, end: number, owned: boolean): void {
    this.streamId = NO_STREAM;
    const { trace } = this;
    if (!this.isAbandoned) this.owner.onAttemptAnswered(this, flags, opcode, buffer, start, end, owned);
    trace?.end();
  }

  onConnectionLost(error: Error, written: boolean): void {
    this.streamId = NO_STREAM;
    this.trace?.fail(error);
    if (!this.isAbandoned) this.owner.onAttemptLost(this, error, written);
  }

  onDeadline(): void {
    this.streamId = NO_STREAM;
    if (!this.isAbandoned) this.owner.onAttemptDeadline(this);
  }

  onPoolReady(connection: Connection): void {
    this.isQueued = false;
    if (!this.isAbandoned) this.owner.onAttemptReady(this, connection);
  }

  onPoolFailed(error: Error, timedOut: boolean): void {
    this.isQueued = false;
    if (!this.isAbandoned) this.owner.onAttemptUnqueued(this, error, timedOut);
  }
}
