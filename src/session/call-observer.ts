// Imported: the global of this name is a getter (see execution/request.ts).
import { performance } from 'node:perf_hooks';
import type { Log } from '../cluster/settings.js';
import { OperationTimedOut, QueryError } from '../errors.js';
import type { MetricsMiddleware } from '../observe/metrics/middleware.js';
import type { PageMetrics, QueryMetrics } from '../observe/metrics/types.js';
import { QueryHashes } from '../observe/metrics/query-hash.js';
import { isTraced, REQUEST_CHANNEL, traceWork, type TracedRequest } from '../observe/tracing.js';
import type { StreamEnd } from '../result/page-source.js';
import { coordinatorOf, type AsyncResultSet } from '../result/result-set.js';
import type { PreparedQuery } from '../statement/prepared-query.js';
import { shownText } from '../statement/shown-text.js';
import { errorTypeOf } from '../util/error-type.js';
import type { CallFacts } from './call-facts.js';
import type { ExecuteOptions } from './options/index.js';

/** Who wants to know of the calls of a cluster's sessions, beside the subscribers of TracingChannels. */
export interface CallObserverOptions {
  readonly metrics: MetricsMiddleware | null;
  /** 0: slow requests are not told of. */
  readonly slowQueryMs: number;
  readonly log: Log;
  readonly cluster: object;
}

/** What the options of a call come to, for traces. */
export interface CallSettings {
  readonly keyspace: string | null;
  readonly consistency?: number;
  readonly fetchSize?: number;
  readonly isIdempotent?: boolean | undefined;
}

type Result = AsyncResultSet<unknown>;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Failure {
  readonly error: unknown;
}

const LONGEST_TEXT = 2000;

/** Records calls: for metrics, the log of slow queries, and the TracingChannel of requests. */
export class CallObserver {
  readonly #options: CallObserverOptions;
  readonly #hashes = new QueryHashes();
  readonly #metrics: MetricsMiddleware | null;
  readonly #tellsSlow: boolean;

  constructor(options: CallObserverOptions) {
    this.#options = options;
    this.#metrics = options.metrics;
    this.#tellsSlow = options.slowQueryMs > 0;
  }

  /** False: nobody wants to know, and the call need not come here. */
  get isWatching(): boolean {
    return (this.#metrics !== null && this.#metrics.isEnabled) || this.#tellsSlow || isTraced(REQUEST_CHANNEL);
  }

  /** Runs a call. `work` is given the options, to which a tracer may have added a custom payload. */
  watch<R extends Result>(
    facts: CallFacts,
    options: ExecuteOptions,
    settings: () => CallSettings,
    work: (options: ExecuteOptions) => Promise<R>,
  ): Promise<R> {
    if (!isTraced(REQUEST_CHANNEL)) return this.#timed(facts, () => work(options));
    const request = this.#describe(facts, settings);
    const traced = async (): Promise<R> =>
      this.#timed(facts, () => work(withPayload(options, facts, request.customPayload))).catch((error: unknown) => {
        const host = hostOf(error);
        if (host !== undefined) request.host = host;
        throw error;
      });
    return traceWork(REQUEST_CHANNEL, request, traced, complete);
  }

  #describe(facts: CallFacts, settings: () => CallSettings): TracedRequest {
    const { queryType, text, parametersCount, batchSize, pageNumber } = facts;
    const { keyspace, consistency, fetchSize, isIdempotent } = settings();
    return {
      cluster: this.#options.cluster,
      // Preparations have a channel of their own.
      queryType: queryType === 'prepare' ? 'prepared' : queryType,
      statement: text,
      keyspace,
      ...(consistency === undefined ? {} : { consistencyLevel: consistency }),
      ...(fetchSize === undefined ? {} : { fetchSize }),
      ...(isIdempotent === undefined ? {} : { isIdempotent }),
      parametersCount,
      ...(batchSize === null ? {} : { batchSize }),
      ...(pageNumber === null ? {} : { pageNumber }),
    };
  }

  /** Async, so that the stack of the caller stays with errors. */
  async #timed<R extends Result>(facts: CallFacts, work: () => Promise<R>): Promise<R> {
    const startedAt = performance.now();
    try {
      const result = await work();
      this.#record(facts, startedAt, coordinatorOf(result), result.length, null);
      return result;
    } catch (error) {
      this.#record(facts, startedAt, hostOf(error), 0, { error });
      throw error;
    }
  }

  /** The same for a preparation, which is traced where it is sent. */
  async watchPrepare(facts: CallFacts, work: () => Promise<PreparedQuery>): Promise<PreparedQuery> {
    const startedAt = performance.now();
    try {
      const prepared = await work();
      this.#record(facts, startedAt, prepared.preparedBy, 0, null);
      return prepared;
    } catch (error) {
      this.#record(facts, startedAt, hostOf(error), 0, { error });
      throw error;
    }
  }

  /** A stream is over, one way or another. */
  recordStream(facts: CallFacts, startedAt: number, { rows, failure }: StreamEnd): void {
    this.#recordQuery(facts, performance.now() - startedAt, undefined, rows, failure);
  }

  #record(
    facts: CallFacts,
    startedAt: number,
    coordinator: string | undefined,
    rows: number,
    failure: Failure | null,
  ): void {
    const durationMs = performance.now() - startedAt;
    // A request that was sent to no node names none.
    const host = coordinator === '' ? undefined : coordinator;
    const { slowQueryMs } = this.#options;
    if (slowQueryMs > 0 && durationMs >= slowQueryMs) this.#tellSlow(facts, durationMs, host);
    if (facts.pageNumber === null) this.#recordQuery(facts, durationMs, host, rows, failure);
    else this.#recordPage(facts, facts.pageNumber, durationMs, host, rows, failure);
  }

  #recordQuery(
    facts: CallFacts,
    durationMs: number,
    host: string | undefined,
    resultSize: number,
    failure: Failure | null,
  ): void {
    const metrics = this.#metrics;
    if (metrics?.isEnabled !== true) return;
    const { key, queryType, parametersCount } = facts;
    const told: Writable<QueryMetrics> = {
      queryHash: this.#hashOf(key),
      queryType,
      durationMs,
      success: failure === null,
      timestamp: new Date(),
      parametersCount,
      resultSize,
    };
    addOutcome(told, host, failure);
    metrics.recordQuery(told);
  }

  #recordPage(
    { key }: CallFacts,
    pageNumber: number,
    durationMs: number,
    host: string | undefined,
    rows: number,
    failure: Failure | null,
  ): void {
    const metrics = this.#metrics;
    if (metrics?.isEnabled !== true) return;
    const success = failure === null;
    const told: Writable<PageMetrics> = { queryHash: this.#hashOf(key), pageNumber, rows, durationMs, success };
    addOutcome(told, host, failure);
    metrics.recordPage(told);
  }

  #hashOf(key: string): string {
    return this.#hashes.of(key, () => shownText(key));
  }

  #tellSlow({ text, queryType }: CallFacts, durationMs: number, host: string | undefined): void {
    const statement = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
    const where = host === undefined ? '' : ` at ${host}`;
    this.#options.log({
      level: 'warn',
      message: `Slow query (${queryType}): ${durationMs.toFixed(0)} ms${where}: ${statement}`,
      statement,
      durationMs,
      ...(host === undefined ? {} : { host }),
    });
  }
}

function complete(request: TracedRequest, result: Result): void {
  const { coordinator, attempts, speculativeExecutions } = result.info;
  request.host = coordinator;
  request.attempts = attempts;
  request.speculativeExecutions = speculativeExecutions;
  request.rowCount = result.length;
}

function withPayload(
  options: ExecuteOptions,
  { settings }: CallFacts,
  added: Readonly<Record<string, Buffer>> | undefined,
): ExecuteOptions {
  if (added === undefined) return options;
  return { ...options, customPayload: { ...(options.customPayload ?? settings.customPayload), ...added } };
}

/** Assigned one by one: an object put together by spreading others took 3.5 µs of each request. */
function addOutcome(
  told: Pick<Writable<QueryMetrics>, 'host' | 'errorType'>,
  host: string | undefined,
  failure: Failure | null,
): void {
  if (host !== undefined) told.host = host;
  if (failure !== null) told.errorType = errorTypeOf(failure.error);
}

/** Which node a request failed at, if one did. */
function hostOf(error: unknown): string | undefined {
  if (error instanceof OperationTimedOut) return error.host;
  return error instanceof QueryError ? error.coordinator : undefined;
}
