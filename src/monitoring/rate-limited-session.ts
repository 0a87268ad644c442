import { ConfigurationError } from '../errors.js';
import { rejectFromCaller } from '../execution/caller-stack.js';
import type { Parameters } from '../protocol/codec/bind-plan.js';
import type { AsyncResultSet, Row } from '../result/result-set.js';
import type { StreamConfig } from '../result/stream-config.js';
import type { AsyncStreamingResultSet } from '../result/streaming-result-set.js';
import {
  AsyncCassandraSession,
  sessionInternalsOf,
  type PrepareOptions,
  type SessionInternals,
  type Statement,
} from '../session/async-session.js';
import { executeAll, type ConcurrentOptions, type ConcurrentSummary, type ExecuteOne } from '../session/concurrent.js';
import {
  validatePrepareOptions,
  type CloseOptions,
  type ExecuteOptions,
  type SetKeyspaceOptions,
} from '../session/options/index.js';
import { batchCopyOf, BatchStatement } from '../statement/batch-statement.js';
import { cqlTagText } from '../statement/cql-tag.js';
import { BoundStatement, boundCopyOf } from '../statement/bound-statement.js';
import { PreparedStatement } from '../statement/prepared-statement.js';
import { SimpleStatement, simpleCopyOf } from '../statement/simple-statement.js';
import { checkStatementSettings, type StatementBase } from '../statement/statement-base.js';
import { takenPayload, takenValues } from '../statement/taken-values.js';
import { RequestLimiter, type Patience, type RateLimitMetrics, type RateLimitOptions } from './request-limiter.js';
import type { SessionSurface } from './session-surface.js';

let innerOf: (session: RateLimitedSession) => AsyncCassandraSession;

const NO_OPTIONS: ExecuteOptions = {};

/**
 * A session that has no more than so many requests under way, and begins no more than so many a second. What goes
 * beyond waits in line, in the order in which it came; time in the line counts as time of the request, and an aborted
 * request leaves the line at once; all of them do when the session or the cluster is closed.
 *
 * A stream takes a place for each page while that page is asked for, not while its rows are read: a slow or forgotten
 * reader keeps nobody waiting. Pages after the first wait in line however long it is: a stream that has begun is not
 * refused half-way. A batch takes one place, `executeConcurrent` one for each execution.
 */
export class RateLimitedSession implements SessionSurface {
  readonly #session: AsyncCassandraSession;
  readonly #internals: SessionInternals;
  readonly #limiter: RequestLimiter;

  static {
    innerOf = (session) => session.#session;
  }

  /** @throws ConfigurationError for wrong options, or something that is no session. */
  constructor(session: AsyncCassandraSession, options: RateLimitOptions = {}) {
    const given: unknown = session;
    if (!(given instanceof AsyncCassandraSession)) {
      throw new ConfigurationError('RateLimitedSession needs a session of cluster.connect()');
    }
    this.#session = session;
    this.#internals = sessionInternalsOf(session);
    this.#limiter = new RequestLimiter(options, (onEnd) => this.#internals.whenClosed(onEnd));
  }

  /** The cluster of the session within. */
  get cluster(): AsyncCassandraSession['cluster'] {
    return this.#session.cluster;
  }

  /** Whether the session within is closed. */
  get isClosed(): boolean {
    return this.#session.isClosed;
  }

  /** The keyspace of the session within. */
  get keyspace(): string | null {
    return this.#session.keyspace;
  }

  /** How many requests there were, are under way, wait, and were refused. */
  getMetrics(): RateLimitMetrics {
    return this.#limiter.metrics;
  }

  /** As `AsyncCassandraSession.execute`, when it is this request's turn. */
  execute<R = Row>(
    statement: Statement,
    parameters?: Parameters,
    options?: ExecuteOptions,
  ): Promise<AsyncResultSet<R>> {
    if (this.#goesAtOnce()) return this.#limiter.run(() => this.#session.execute<R>(statement, parameters, options));
    return this.#inTurn(options ?? NO_OPTIONS, () => {
      const { kept, values } = keptStatement(statement, parameters);
      return (timed) => this.#session.execute<R>(kept, values, timed);
    });
  }

  /** As `AsyncCassandraSession.executeBatch`, when it is this request's turn. */
  executeBatch(batch: BatchStatement, options?: ExecuteOptions): Promise<AsyncResultSet> {
    if (this.#goesAtOnce()) return this.#limiter.run(() => this.#session.executeBatch(batch, options));
    return this.#inTurn(options ?? NO_OPTIONS, () => {
      const kept = (batch as unknown) instanceof BatchStatement ? settled(batchCopyOf(batch)) : batch;
      return (timed) => this.#session.executeBatch(kept, timed);
    });
  }

  /** As `AsyncCassandraSession.executeStream`, when it is this stream's turn. */
  executeStream<R = Row>(
    statement: Statement,
    parameters?: Parameters,
    config: StreamConfig<NoInfer<R>> & ExecuteOptions = {},
  ): Promise<AsyncStreamingResultSet<R>> {
    let hasBegun = false;
    return this.#internals.executeStream<R>(statement, parameters, config, (fetch, options) => {
      const mayExceed = hasBegun;
      hasBegun = true;
      if (this.#goesAtOnce()) return this.#limiter.run(() => fetch(options));
      return this.#inTurn(options, () => fetch, mayExceed);
    });
  }

  /** As `AsyncCassandraSession.executeConcurrent`: each execution waits for its turn. */
  executeConcurrent<R = Row>(
    statement: Statement,
    parameters: Iterable<Parameters> | AsyncIterable<Parameters>,
    options: ConcurrentOptions<R> & Omit<ExecuteOptions, 'pagingState'> = {},
  ): Promise<ConcurrentSummary> {
    const execute: ExecuteOne<R> = (values, rest) => this.execute<R>(statement, values, rest);
    return executeAll<R>(execute, parameters, options, this.#internals.checkOpen);
  }

  /** As `AsyncCassandraSession.cql`, when it is this request's turn. */
  cql<R = Row>(strings: TemplateStringsArray, ...values: readonly unknown[]): Promise<AsyncResultSet<R>> {
    try {
      return this.execute<R>(cqlTagText(strings), values.length === 0 ? undefined : values);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** A preparation takes a place, as a request does. */
  prepare(query: string, options: PrepareOptions = {}): Promise<PreparedStatement> {
    if (this.#goesAtOnce()) return this.#limiter.run(() => this.#session.prepare(query, options));
    const { timeoutMs, signal } = options;
    return this.#inTurn({ timeoutMs, signal }, () => {
      validatePrepareOptions(options);
      const kept = keptOptions(options);
      return ({ timeoutMs: leftMs }) => this.#session.prepare(query, { ...kept, timeoutMs: leftMs });
    });
  }

  /** Takes no place: it opens connections at most. */
  setKeyspace(name: string, options?: SetKeyspaceOptions): Promise<void> {
    return this.#session.setKeyspace(name, options);
  }

  /** Closes the session underneath as well. Requests that wait are refused, those under way finish. Idempotent. */
  async close(options?: CloseOptions): Promise<void> {
    await this.#session.close(options);
  }

  /** `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** A closed session refuses by itself, and at once. */
  #goesAtOnce(): boolean {
    return this.#limiter.mayStartNow || this.#session.isClosed;
  }

  /** `getReady` is called at once, what it returns when the turn has come. */
  async #inTurn<T>(
    options: ExecuteOptions,
    getReady: () => (options: ExecuteOptions) => Promise<T>,
    mayExceed = false,
  ): Promise<T> {
    const patience: Patience = { budgetMs: this.#internals.budgetOf(options), signal: options.signal };
    const kept = keptOptions(options);
    const work = getReady();
    const timed = (leftMs: number): Promise<T> =>
      work(leftMs === Infinity ? kept : { ...kept, timeoutMs: Math.ceil(leftMs) });
    return this.#limiter.runInTurn(patience, timed, mayExceed).catch(rejectFromCaller);
  }
}

// The caller may use all of it for something else while it waits; what is wrong need not wait to be refused.

function keptOptions<O extends Pick<ExecuteOptions, 'customPayload'>>(options: O): O {
  const { customPayload } = options;
  return customPayload === undefined ? { ...options } : { ...options, customPayload: takenPayload(customPayload) };
}

function keptStatement(
  statement: Statement,
  parameters: Parameters | undefined,
): { readonly kept: Statement; readonly values: Parameters | undefined } {
  if (statement instanceof PreparedStatement) {
    return { kept: settled(statement.bind(parameters ?? [])), values: undefined };
  }
  if (statement instanceof SimpleStatement) {
    const values = takenValues(parameters ?? statement.parameters);
    return { kept: settled(simpleCopyOf(statement, values)), values: undefined };
  }
  const kept = statement instanceof BoundStatement ? settled(boundCopyOf(statement)) : statement;
  return { kept, values: takenValues(parameters) };
}

/** A copy whose payload is its own. */
function settled<S extends StatementBase>(copy: S): S {
  checkStatementSettings(copy, 'statement');
  const { customPayload } = copy;
  if (customPayload !== undefined) copy.customPayload = takenPayload(customPayload);
  return copy;
}

/** The session itself, without the limit in front of it. */
export function withoutLimit(session: SessionSurface): SessionSurface {
  return session instanceof RateLimitedSession ? innerOf(session) : session;
}
