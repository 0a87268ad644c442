import { clusterIsClosed } from '../connection/closed.js';
import type { Connection } from '../connection/connection.js';
import { ConnectionError, OperationTimedOut } from '../errors.js';
import { RingQueue } from '../util/ring-queue.js';
import { systemQuery, type SystemRow } from './system-query.js';

/** So many queries find a stream id beside what the client reads of its own accord, however small connections are. */
const LEAST_AT_ONCE = 8;

/** What queries need to know of the control connection. */
export interface ControlSource {
  /** Null while there is none. */
  readonly controlConnection: Connection | null;
  /** False before connect() was called for the first time. */
  readonly connectAsked: boolean;
}

/**
 * Queries on the control connection for users who can wait: while it is being replaced they wait for the next one, and
 * a query that went down with the old one is asked again. There are only so many at a time, or hundreds of tables that
 * are asked for at once would take all its stream ids; the others stand in line.
 */
export class ControlQueries {
  readonly #source: ControlSource;
  readonly #timeoutMs: number;
  readonly #atOnce: number;
  readonly #waiting = new Set<() => void>();
  readonly #line = new RingQueue<() => void>();
  #running = 0;
  #answeredAt = -Infinity;
  #closed = false;

  /**
   * `timeoutMs` is both how long a query waits for a connection, and how long the node has for an answer;
   * `maxRequests` is how many users' requests a connection takes.
   */
  constructor(source: ControlSource, timeoutMs: number, maxRequests: number) {
    this.#source = source;
    this.#timeoutMs = timeoutMs;
    // Orphans take a quarter of the ids at most: even then there are enough for the client's other queries.
    this.#atOnce = Math.max(LEAST_AT_ONCE, Math.floor(maxRequests / 2));
  }

  /** @throws ConnectionError if there is no control connection; OperationTimedOut; what the server answers. */
  async ask(query: string, parameters: readonly string[]): Promise<SystemRow[]> {
    const askedAt = performance.now();
    if (this.#running < this.#atOnce) this.#running++;
    else await this.#turn();
    try {
      this.#checkProgress(askedAt);
      return await this.#ask(query, parameters);
    } finally {
      this.#endTurn();
    }
  }

  /** Until one that has ended leaves its place to this one. */
  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#line.push(resolve);
    });
  }

  #endTurn(): void {
    const begin = this.#line.shift();
    if (begin === undefined) this.#running--;
    else begin();
  }

  /** A line that moves may be long; but one whose head gets no answers must not wait for one time-out after the other. */
  #checkProgress(askedAt: number): void {
    const timeoutMs = this.#timeoutMs;
    if (performance.now() - Math.max(askedAt, this.#answeredAt) < timeoutMs) return;
    const text = `No query on the control connection, of those before this one, was answered within ${String(timeoutMs)} ms`;
    throw new OperationTimedOut(text, { timeoutMs });
  }

  async #ask(query: string, parameters: readonly string[]): Promise<SystemRow[]> {
    const giveUpAt = performance.now() + this.#timeoutMs;
    for (;;) {
      const connection = await this.#connection(giveUpAt);
      try {
        const rows = await systemQuery(connection, query, parameters, this.#timeoutMs);
        this.#answeredAt = performance.now();
        return rows;
      } catch (error) {
        if (!(error instanceof ConnectionError) || connection.isOpen || performance.now() >= giveUpAt) throw error;
      }
    }
  }

  /** Throws ConnectionError if there is nothing to wait for. */
  check(): void {
    if (this.#closed) throw clusterIsClosed();
    if (!this.#source.connectAsked) throw new ConnectionError('The cluster is not connected: call connect() first');
  }

  async #connection(giveUpAt: number): Promise<Connection> {
    for (;;) {
      this.check();
      const { controlConnection: connection } = this.#source;
      if (connection?.isOpen === true) return connection;
      const left = giveUpAt - performance.now();
      if (left <= 0) {
        throw new ConnectionError(
          `There is no control connection to read the schema with, and within ${String(this.#timeoutMs)} ms none came about`,
        );
      }
      await this.#news(left);
    }
  }

  /** Until there is a connection, or none is to be expected any more, or the time is over. */
  #news(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, timeoutMs);
      this.#waiting.add(end);
    });
  }

  /** There is a connection, or there will be none. */
  wake(): void {
    for (const end of [...this.#waiting]) end();
  }

  close(): void {
    this.#closed = true;
    this.wake();
  }
}
