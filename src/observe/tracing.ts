import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel';
// Imported: the global of this name is a getter (see execution/request.ts).
import { performance } from 'node:perf_hooks';

/**
 * What subscribers of the TracingChannels are given: one object for each operation, published to `start`, `end`,
 * `asyncStart`, `asyncEnd` and, if it fails, `error`. Payloads are made only while somebody subscribes. None of them
 * holds a bound value, and a statement that sets a password shows without it.
 */
export interface TracedOperation {
  /** The AsyncCluster that does it. */
  readonly cluster: object;
  /** When it ended: how long it took. */
  durationMs?: number;
  /** What it failed with. */
  error?: unknown;
}

/** `async-cassandra:request`: one execute, one batch, one page of a stream. */
export interface TracedRequest extends TracedOperation {
  /** What kind of call it belongs to. */
  readonly queryType: 'simple' | 'prepared' | 'batch' | 'stream';
  /** The text; of a batch, its distinct texts. */
  readonly statement: string;
  /** The keyspace that unqualified names mean; null if there is none. */
  readonly keyspace: string | null;
  /** The number of the native protocol; none if the call's options are wrong. */
  readonly consistencyLevel?: number;
  /** As the statement or the call says. */
  readonly isIdempotent?: boolean;
  /** Rows a page. */
  readonly fetchSize?: number;
  /** Values bound, of a batch those of all its statements. */
  readonly parametersCount: number;
  /** Statements of a batch. */
  readonly batchSize?: number;
  /** Of a stream, from 1. */
  readonly pageNumber?: number;
  /** What a subscriber of `start` puts here travels in the request's custom payload. */
  customPayload?: Readonly<Record<string, Buffer>>;
  /** When it ended: 'address:port' of the node that answered. */
  host?: string;
  /** When it ended: how often the request was sent. */
  attempts?: number;
  /** When it ended: how many of these were speculative. */
  speculativeExecutions?: number;
  /** When it ended: rows received. */
  rowCount?: number;
}

/** `async-cassandra:attempt`: a request is sent to one node, the first time, as a retry or as a speculative execution. */
export interface TracedAttempt extends TracedOperation {
  /** The text, without bound values. */
  readonly statement: string;
  /** The keyspace that unqualified names mean; null if there is none. */
  readonly keyspace: string | null;
  /** The number of the native protocol. */
  readonly consistencyLevel: number;
  /** 'address:port' of the node. */
  readonly host: string;
  /** From 1, within its request. */
  readonly attempt: number;
  /** It runs beside an attempt that has not been answered yet. */
  readonly isSpeculative: boolean;
  /** The request was settled without this attempt: another answered first, or the caller gave up. */
  isAbandoned?: boolean;
}

/** `async-cassandra:prepare`: a PREPARE that is really sent, whoever waits for it. */
export interface TracedPrepare extends TracedOperation {
  /** The text, without bound values. */
  readonly statement: string;
  /** The keyspace that unqualified names mean; null if there is none. */
  readonly keyspace: string | null;
  /** A node had forgotten the statement, or is told of it ahead of its use. */
  readonly isRepeated: boolean;
  /** Known from the start if it is repeated. */
  host?: string;
}

/** `async-cassandra:connect`: an attempt to open a connection, handshake included. */
export interface TracedConnect extends TracedOperation {
  /** 'address:port' of the node. */
  readonly host: string;
  /** The keyspace that unqualified names mean; null if there is none. */
  readonly keyspace: string | null;
}

type Channel<C extends object> = TracingChannel<unknown, C>;

export const REQUEST_CHANNEL: Channel<TracedRequest> = tracingChannel('async-cassandra:request');
export const ATTEMPT_CHANNEL: Channel<TracedAttempt> = tracingChannel('async-cassandra:attempt');
export const PREPARE_CHANNEL: Channel<TracedPrepare> = tracingChannel('async-cassandra:prepare');
export const CONNECT_CHANNEL: Channel<TracedConnect> = tracingChannel('async-cassandra:connect');

/** True if anybody listens to one of the channel's five parts. */
export function isTraced<C extends object>({ start, end, asyncStart, asyncEnd, error }: Channel<C>): boolean {
  return (
    start.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers
  );
}

/**
 * Does the work between the channel's events. `complete` fills in what is known of a success. Unlike
 * TracingChannel.tracePromise it shows subscribers no rows, and keeps the stack of the caller on errors.
 */
export function traceWork<C extends TracedOperation, T>(
  channel: Channel<C>,
  operation: C,
  work: () => Promise<T>,
  complete: (operation: C, value: T) => void,
): Promise<T> {
  return channel.start.runStores(operation, async () => {
    const startedAt = performance.now();
    const running = work();
    channel.end.publish(operation);
    try {
      const value = await running;
      complete(operation, value);
      return value;
    } catch (error) {
      operation.error = error;
      throw error;
    } finally {
      publishEnd(channel, operation, startedAt);
    }
  });
}

/** The events at the end of what began at `startedAt` (performance.now()). */
export function publishEnd<C extends TracedOperation>(channel: Channel<C>, operation: C, startedAt: number): void {
  operation.durationMs = performance.now() - startedAt;
  if (operation.error !== undefined) channel.error.publish(operation);
  channel.asyncStart.publish(operation);
  channel.asyncEnd.publish(operation);
}
