import { setTimeout as delay } from 'node:timers/promises';
import { OperationTimedOut } from '../errors.js';
import { timeuuidDate } from '../values/timeuuid.js';

/** One step of a traced request. */
export interface QueryTraceEvent {
  /** What was done, in the server's words. */
  readonly activity: string;
  /** The address of the node that took the step. */
  readonly source: string | null;
  /** Microseconds since that node began with the request. */
  readonly sourceElapsedMicros: number | null;
  /** The server's thread; null where it tells none. */
  readonly thread: string | null;
  /** When it was done, by the node's clock. */
  readonly timestamp: Date;
}

/** A server's account of one request (system_traces). */
export interface QueryTrace {
  /** As in `info.tracingId`. */
  readonly tracingId: string;
  /** The address of the node that coordinated the request. */
  readonly coordinator: string | null;
  /** What kind of request it was, in the server's words; null where it tells none. */
  readonly requestType: string | null;
  /** When the coordinator began. */
  readonly startedAt: Date;
  /** How long the coordinator took, in microseconds. */
  readonly durationMicros: number;
  /** What the server noted of the request: its text, its consistency level, its page size … */
  readonly parameters: ReadonlyMap<string, string>;
  /** The client's address. */
  readonly client: string | null;
  /** In the order of their time. */
  readonly events: readonly QueryTraceEvent[];
}

/** Options of `getQueryTrace`. */
export interface TraceOptions {
  /** Aborts the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

type TraceRow = Readonly<Record<string, unknown>>;

/** Runs a query and gives all its rows, as they are read without codecs and forms of a user's. */
export type TraceQuery = (query: string) => Promise<readonly TraceRow[]>;

export interface ReadTraceOptions {
  /** How long the server may take to write the trace, in milliseconds. Default 10000. */
  readonly maxWaitMs?: number | undefined;
  /** The first pause between two looks, in milliseconds; each further one is twice as long, up to 500. Default 5. */
  readonly intervalMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

// The id is put behind them, as the server gave it: what is bound would go through a user's codec for uuids.
const SESSION =
  'SELECT coordinator, request, started_at, duration, parameters, client FROM system_traces.sessions WHERE session_id = ';
const EVENTS =
  'SELECT event_id, activity, source, source_elapsed, thread FROM system_traces.events WHERE session_id = ';

const LONGEST_INTERVAL_MS = 500;

/**
 * Reads a trace. The server writes it after the answer, and the session's duration last: until that is there the trace
 * is not complete. Another replica may have the session before it has the events, of which there is always one.
 * Throws OperationTimedOut.
 */
export async function readQueryTrace(
  tracingId: string,
  runQuery: TraceQuery,
  options: ReadTraceOptions = {},
): Promise<QueryTrace> {
  const { maxWaitMs = 10_000, signal } = options;
  const until = performance.now() + maxWaitMs;
  let pause = options.intervalMs ?? 5;
  for (;;) {
    signal?.throwIfAborted();
    const isLastLook = performance.now() + pause > until;
    const [session] = await runQuery(SESSION + tracingId);
    if (typeof session?.['duration'] === 'number') {
      const events = await runQuery(EVENTS + tracingId);
      if (events.length > 0 || isLastLook) return toTrace(tracingId, session, events);
    }
    if (isLastLook) {
      throw new OperationTimedOut(`The trace ${tracingId} is not complete after ${String(maxWaitMs)} ms`, {
        timeoutMs: maxWaitMs,
      });
    }
    await wait(pause, signal);
    pause = Math.min(pause * 2, LONGEST_INTERVAL_MS);
  }
}

async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    // The timer rejects with an error of its own; callers are promised the signal's reason.
    signal?.throwIfAborted();
    throw error;
  }
}

function toTrace(tracingId: string, session: TraceRow, events: readonly TraceRow[]): QueryTrace {
  const startedAt = session['started_at'];
  return {
    tracingId,
    coordinator: text(session['coordinator']),
    requestType: text(session['request']),
    startedAt: startedAt instanceof Date ? startedAt : new Date(NaN),
    durationMicros: number(session['duration']) ?? 0,
    parameters: session['parameters'] instanceof Map ? (session['parameters'] as Map<string, string>) : new Map(),
    client: text(session['client']),
    // event_id is the clustering key, a timeuuid: the rows come in the order of time.
    events: events.map((event) => ({
      activity: text(event['activity']) ?? '',
      source: text(event['source']),
      sourceElapsedMicros: number(event['source_elapsed']),
      thread: text(event['thread']),
      timestamp: timeuuidDate(text(event['event_id']) ?? ''),
    })),
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
