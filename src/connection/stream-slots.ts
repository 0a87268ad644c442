import type { InFlight } from './in-flight.js';

/** Stream 0 carries errors that the server could not attribute, so no request uses it (CASSANDRA-21508). */
const FIRST_ID = 1;
const MAX_STREAM_ID = 32_767;

const FREE = 0;
const TAKEN = 1;
const ORPHANED = 2;

/** How much one node has to do for this client, over all connections to it. */
export interface HostLoad {
  /** Stream ids taken: requests that the node has not answered yet, whether or not somebody still waits. */
  outstanding: number;
}

/**
 * The stream ids of one connection and who waits on each.
 *
 * An id whose request was given up stays *orphaned* until the server's late answer comes: used again before that, it
 * would hand one request's rows to another.
 */
export class StreamSlots {
  readonly #waiting: (InFlight | null)[];
  /** For each id, how often requests had been flushed when it was sent: tells whether its bytes left. */
  readonly #flushes: Float64Array;
  readonly #state: Uint8Array;
  /** A stack of free ids; the lowest are on top, so that a quiet connection touches few. */
  readonly #free: Int16Array;
  readonly #load: HostLoad;
  #freeCount: number;
  #orphans = 0;
  /** No id above this one was taken yet. */
  #highest = 0;

  constructor(capacity: number, load: HostLoad = { outstanding: 0 }) {
    this.#load = load;
    const ids = Math.min(capacity, MAX_STREAM_ID);
    this.#waiting = new Array<InFlight | null>(ids + FIRST_ID).fill(null);
    this.#flushes = new Float64Array(ids + FIRST_ID);
    this.#state = new Uint8Array(ids + FIRST_ID);
    this.#free = new Int16Array(ids);
    for (let i = 0; i < ids; i++) this.#free[i] = ids - i;
    this.#freeCount = ids;
  }

  get available(): number {
    return this.#freeCount;
  }

  /** Requests that wait for their answer; orphans do not count. */
  get inFlight(): number {
    return this.#free.length - this.#freeCount - this.#orphans;
  }

  get orphans(): number {
    return this.#orphans;
  }

  /** Takes a free id, or returns −1. */
  take(waiting: InFlight, flushes: number): number {
    if (this.#freeCount === 0) return -1;
    const id = this.#free[--this.#freeCount] ?? -1;
    this.#load.outstanding++;
    if (id > this.#highest) this.#highest = id;
    this.#waiting[id] = waiting;
    this.#flushes[id] = flushes;
    this.#state[id] = TAKEN;
    return id;
  }

  /** Gives an id back whose request was never sent. */
  untake(id: number): void {
    this.#release(id);
  }

  /**
   * An answer came for the id. Returns who waits for it, null if it was given up (its id is free again now), and
   * undefined if nobody ever asked.
   */
  answer(id: number): InFlight | null | undefined {
    const state = this.#state[id];
    if (state === TAKEN) {
      const waiting = this.#waiting[id];
      this.#release(id);
      return waiting ?? undefined;
    }
    if (state === ORPHANED) {
      this.#orphans--;
      this.#release(id);
      return null;
    }
    return undefined;
  }

  #release(id: number): void {
    this.#load.outstanding--;
    this.#waiting[id] = null;
    this.#state[id] = FREE;
    this.#free[this.#freeCount++] = id;
  }

  /** Nobody waits for the answer any more; the id stays taken until it comes. False if `waiting` does not hold it. */
  orphan(id: number, waiting: InFlight): boolean {
    if (this.#state[id] !== TAKEN || this.#waiting[id] !== waiting) return false;
    this.#waiting[id] = null;
    this.#state[id] = ORPHANED;
    this.#orphans++;
    return true;
  }

  /** Orphans every request whose deadline has passed and tells it. */
  expire(now: number): number {
    let expired = 0;
    for (let id = FIRST_ID; id <= this.#highest; id++) {
      const waiting = this.#waiting[id];
      if (waiting === null || waiting === undefined || waiting.deadline > now) continue;
      this.orphan(id, waiting);
      expired++;
      waiting.onDeadline();
    }
    return expired;
  }

  /** Empties every slot and tells those who wait. `flushes` is how often the connection flushed in all. */
  fail(error: Error, flushes: number): void {
    this.#orphans = 0;
    for (let id = FIRST_ID; id <= this.#highest; id++) {
      if (this.#state[id] === FREE) continue;
      const waiting = this.#waiting[id];
      this.#release(id);
      waiting?.onConnectionLost(error, (this.#flushes[id] ?? 0) < flushes);
    }
  }
}
