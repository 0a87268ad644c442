import type { Connection } from '../connection/connection.js';
import { ConnectionError } from '../errors.js';
import { systemQuery, type SystemRow } from './system-query.js';

/** What queries need to know of the control connection. */
export interface ControlSource {
  /** Null while there is none. */
  readonly controlConnection: Connection | null;
  /** False before connect() was called for the first time. */
  readonly connectAsked: boolean;
}

/**
 * Queries on the control connection for users who can wait: while it is being replaced they wait for the next one, and
 * a query that went down with the old one is asked again.
 */
export class ControlQueries {
  readonly #source: ControlSource;
  readonly #timeoutMs: number;
  readonly #waiting = new Set<() => void>();
  #closed = false;

  /** `timeoutMs` is both how long a query waits for a connection, and how long the node has for an answer. */
  constructor(source: ControlSource, timeoutMs: number) {
    this.#source = source;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws ConnectionError if there is no control connection; OperationTimedOut; what the server answers. */
  async ask(query: string, parameters: readonly string[]): Promise<SystemRow[]> {
    const giveUpAt = performance.now() + this.#timeoutMs;
    for (;;) {
      const connection = await this.#connection(giveUpAt);
      try {
        return await systemQuery(connection, query, parameters, this.#timeoutMs);
      } catch (error) {
        if (!(error instanceof ConnectionError) || connection.isOpen || performance.now() >= giveUpAt) throw error;
      }
    }
  }

  /** Throws ConnectionError if there is nothing to wait for. */
  check(): void {
    if (this.#closed) throw new ConnectionError('Cluster is closed');
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
