import type { InFlight } from './in-flight.js';

/** Stream 0 carries errors that the server could not attribute, so no request uses it (CASSANDRA-21508). */
const FIRST_ID = 1;
const MAX_STREAM_ID = 32_767;

/** Room for so many ids is made at first, and doubled when all are taken: most connections never need more. */
const FIRST_ROOM = 64;

const FREE = 0;
const TAKEN = 1;
const ORPHANED = 2;
/** Orphaned for a while. */
const OVERDUE = 3;
/** Orphaned for so long that the node is not thought to work on it any more. */
const WRITTEN_OFF = 4;

/** How much one node has to do for this client, over all connections to it. */
export interface HostLoad {
  /** Requests that the node has not answered yet, and those that room is kept for; not those written off. */
  outstanding: number;
}

/**
 * The stream ids of one connection and who waits on each.
 *
 * An id whose request was given up stays *orphaned* until the server's late answer comes: used again before that, it
 * would hand one request's rows to another.
 */
export class StreamSlots {
  #waiting: (InFlight | null)[] = [null];
  /** For each id, how often requests had been flushed when it was sent: tells whether its bytes left. */
  #flushes = new Float64Array(FIRST_ID);
  #state = new Uint8Array(FIRST_ID);
  /** A stack of free ids; the lowest are on top, so that a quiet connection touches few. */
  #free = new Int16Array(0);
  readonly #load: HostLoad;
  readonly #capacity: number;
  /** How many ids there is room for by now. */
  #room = 0;
  #taken = 0;
  #orphans = 0;
  /** Orphans that count as the node's load. */
  #weighing = 0;
  #kept = 0;
  /** No id above this one was taken yet. */
  #highest = 0;

  constructor(capacity: number, load: HostLoad = { outstanding: 0 }) {
    this.#load = load;
    this.#capacity = Math.min(capacity, MAX_STREAM_ID);
  }

  get available(): number {
    return this.#capacity - this.#taken;
  }

  /** Requests that wait for their answer; orphans do not count. */
  get inFlight(): number {
    return this.#taken - this.#orphans;
  }

  get orphans(): number {
    return this.#orphans;
  }

  /** True while an orphan counts as the node's load. */
  get orphansWeigh(): boolean {
    return this.#weighing > 0;
  }

  /** Free ids that are kept for requests that will be sent later. */
  get kept(): number {
    return this.#kept;
  }

  /** Keeps a free id for a request that must not be sent yet. */
  keep(): void {
    this.#kept++;
    this.#load.outstanding++;
  }

  /** The request is to be sent now, or will never be. */
  unkeep(): void {
    this.#kept--;
    this.#load.outstanding--;
  }

  /** Takes a free id, or returns −1. */
  take(waiting: InFlight, flushes: number): number {
    if (this.#taken === this.#capacity) return -1;
    if (this.#taken === this.#room) this.#makeRoom();
    this.#taken++;
    const id = this.#free[this.#room - this.#taken] ?? -1;
    this.#load.outstanding++;
    if (id > this.#highest) this.#highest = id;
    this.#waiting[id] = waiting;
    this.#flushes[id] = flushes;
    this.#state[id] = TAKEN;
    return id;
  }

  /** All ids that there is room for are taken: the new ones are the only free ones. */
  #makeRoom(): void {
    const before = this.#room;
    const room = Math.min(this.#capacity, Math.max(FIRST_ROOM, before * 2));
    this.#waiting = this.#waiting.concat(new Array<null>(room - before).fill(null));
    this.#flushes = grown(this.#flushes, new Float64Array(room + FIRST_ID));
    this.#state = grown(this.#state, new Uint8Array(room + FIRST_ID));
    this.#free = new Int16Array(room);
    for (let i = 0; i < room - before; i++) this.#free[i] = room - i;
    this.#room = room;
  }

  /** Nothing was asked for a while: the room of busy times is let go, unless an answer is still owed. */
  rest(): void {
    if (this.#taken > 0 || this.#room <= FIRST_ROOM) return;
    this.#waiting = [null];
    this.#flushes = new Float64Array(FIRST_ID);
    this.#state = new Uint8Array(FIRST_ID);
    this.#free = new Int16Array(0);
    this.#room = 0;
    this.#highest = 0;
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
    if (state === undefined || state === FREE) return undefined;
    this.#orphans--;
    if (state === WRITTEN_OFF) this.#load.outstanding++;
    else this.#weighing--;
    this.#release(id);
    return null;
  }

  #release(id: number): void {
    this.#load.outstanding--;
    this.#waiting[id] = null;
    this.#state[id] = FREE;
    this.#free[this.#room - this.#taken] = id;
    this.#taken--;
  }

  /** Nobody waits for the answer any more; the id stays taken until it comes. False if `waiting` does not hold it. */
  orphan(id: number, waiting: InFlight): boolean {
    if (this.#state[id] !== TAKEN || this.#waiting[id] !== waiting) return false;
    this.#waiting[id] = null;
    this.#state[id] = ORPHANED;
    this.#orphans++;
    this.#weighing++;
    return true;
  }

  /**
   * Called at intervals: what was an orphan at the last call already counts no longer as the node's load. A few answers
   * that never come would else use up a limited node's share for ever. The ids stay taken.
   */
  writeOff(): void {
    for (let id = FIRST_ID; id <= this.#highest && this.#weighing > 0; id++) {
      const state = this.#state[id];
      if (state === ORPHANED) this.#state[id] = OVERDUE;
      if (state !== OVERDUE) continue;
      this.#state[id] = WRITTEN_OFF;
      this.#weighing--;
      this.#load.outstanding--;
    }
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
    this.#weighing = 0;
    for (let id = FIRST_ID; id <= this.#highest; id++) {
      const state = this.#state[id];
      if (state === FREE) continue;
      if (state === WRITTEN_OFF) this.#load.outstanding++;
      const waiting = this.#waiting[id];
      this.#release(id);
      waiting?.onConnectionLost(error, (this.#flushes[id] ?? 0) < flushes);
    }
  }
}

function grown<T extends Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
