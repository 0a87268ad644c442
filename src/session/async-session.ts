import type { PoolGroup } from '../cluster/pool-group.js';
import { clusterIsClosed, sessionIsClosed } from '../connection/closed.js';
import { ConfigurationError, OperationTimedOut } from '../errors.js';
import type { BatchPart } from '../execution/messages.js';
import type { ResolvedOptions } from '../execution/resolved-options.js';
import { rejectFromCaller } from '../execution/caller-stack.js';
import { ResultInfo } from '../execution/result-info.js';
import { type BatchType, ConsistencyLevel } from '../protocol/constants.js';
import { EMPTY_PREFIX } from '../protocol/messages/index.js';
import type { Parameters } from '../protocol/codec/bind-plan.js';
import { OWN_REGISTRY } from '../protocol/codec/own-registry.js';
import { allStillFit } from '../protocol/codec/type-fit.js';
import { readQueryTrace } from '../result/query-trace.js';
import { AsyncResultSet, attachTraceReader, type Row } from '../result/result-set.js';
import type { StreamEnd } from '../result/page-source.js';
import type { StreamConfig } from '../result/stream-config.js';
import { AsyncStreamingResultSet } from '../result/streaming-result-set.js';
import { batchMembersOf, BatchStatement, BoundMember, type BatchMember } from '../statement/batch-statement.js';
import { BoundStatement, boundPartsOf, type BoundParts } from '../statement/bound-statement.js';
import { cqlTagText } from '../statement/cql-tag.js';
import { ENCODED_VALUES, encodeValues } from '../statement/encoded-values.js';
import type { PreparedQuery } from '../statement/prepared-query.js';
import { PreparedStatement, preparedQueryOf } from '../statement/prepared-statement.js';
import { isSelectQuery, isUseQuery } from '../statement/query-text.js';
import { StatementBase } from '../statement/statement-base.js';
import { SimpleStatement } from '../statement/simple-statement.js';
import { CallFacts, type Statement } from './call-facts.js';
import type { CallSettings } from './call-observer.js';
import type { CustomPayload, StatementOptions } from '../statement/statement-options.js';
import { isGiven, takenValues } from '../statement/taken-values.js';
import { StreamedText } from '../statement/streamed-text.js';
import { throwIfAborted } from '../util/abort.js';
import { LastWord } from '../util/last-word.js';
import { within, type Limits } from '../util/within.js';
import type { ClusterHandle } from './cluster-handle.js';
import { executeAll, type ConcurrentOptions, type ConcurrentSummary, type ExecuteOne } from './concurrent.js';
import {
  validatePrepareOptions,
  validateSignalOptions,
  type CloseOptions,
  type ExecuteOptions,
  type PrepareOptions,
  type SetKeyspaceOptions,
} from './options/index.js';
import { NO_OPTIONS, OptionResolver } from './option-resolver.js';
import { prepareShared, withoutTimeSince } from './shared-preparation.js';
import type { SessionHome } from './session-home.js';

export type { PrepareOptions, Statement };

/** Lets one page of a stream be asked for when it may: calls `fetch` with these options, or narrower ones. */
export type PageGate = <T>(fetch: (options: ExecuteOptions) => Promise<T>, options: ExecuteOptions) => Promise<T>;

/** What a wrapper around a session needs of it beyond its public face. */
export interface SessionInternals {
  /** The cluster's option `metrics`; null if there is none. */
  readonly metrics: object | null;
  /** How long this call may take, in milliseconds: its own timeoutMs, else its profile's; Infinity for no limit. */
  budgetOf(options: ExecuteOptions): number;
  /** Calls the listener, with the reason, when the session or its cluster is closed. Returns what takes it off again. */
  whenClosed(listener: (reason: () => Error) => void): () => void;
  /** For the cluster: it is being closed. */
  onClusterClosed(): void;
  /** Throws ConnectionError if the session or its cluster is closed. */
  readonly checkOpen: () => void;
  /** A stream whose requests, one for each page, go through the gate. */
  executeStream<R>(
    statement: Statement,
    parameters: Parameters | undefined,
    config: StreamConfig<R> & ExecuteOptions,
    gate: PageGate,
  ): Promise<AsyncStreamingResultSet<R>>;
}

let internalsOf: (session: AsyncCassandraSession) => SessionInternals;

const openGate: PageGate = (fetch, options) => fetch(options);
const NO_STATEMENT_OPTIONS: StatementOptions = {};
const OWN_READ: ExecuteOptions = { consistencyLevel: ConsistencyLevel.ONE };

/** Runs statements in one keyspace of a cluster. Made by `cluster.connect()`. */
export class AsyncCassandraSession {
  readonly #home: SessionHome<AsyncCassandraSession>;
  readonly #resolver: OptionResolver;
  #group: PoolGroup;
  readonly #keyspaceCalls = new LastWord();
  readonly #closeListeners = new Set<(reason: () => Error) => void>();
  #isClosed = false;

  static {
    internalsOf = (session) => ({
      metrics: session.#home.options.metrics,
      budgetOf: (options) => session.#resolver.resolve(session.#group, NO_STATEMENT_OPTIONS, options).timeoutMs,
      whenClosed: (listener) => {
        session.#closeListeners.add(listener);
        return () => session.#closeListeners.delete(listener);
      },
      onClusterClosed: () => {
        session.#tellClosed(clusterIsClosed);
      },
      checkOpen: () => {
        session.#checkOpen();
      },
      executeStream: (statement, parameters, config, gate) => session.#stream(statement, parameters, config, gate),
    });
  }

  /** @internal Sessions are made by `cluster.connect()`. */
  constructor(home: SessionHome<AsyncCassandraSession>, group: PoolGroup) {
    this.#home = home;
    this.#group = group;
    this.#resolver = new OptionResolver(home);
  }

  /** The cluster that this is a session of. */
  get cluster(): ClusterHandle<AsyncCassandraSession> {
    return this.#home.cluster;
  }

  /** True from the first call of `close` on, of the session or its cluster. */
  get isClosed(): boolean {
    return this.#isClosed || this.#home.isClosed();
  }

  /** The keyspace that unqualified names mean; null if none was chosen. */
  get keyspace(): string | null {
    return this.#group.keyspace;
  }

  #checkOpen(): void {
    if (this.#home.isClosed()) throw clusterIsClosed();
    if (this.#isClosed) throw sessionIsClosed();
  }

  // ---- execute -----------------------------------------------------------------------------------------------------

  /**
   * Runs a statement and reads all its pages, or the one page that `options.pagingState` names. A string with
   * parameters is prepared through the cache; values are never put into the text.
   *
   * @throws InvalidParameter before anything is sent; the server's errors as they are; OperationTimedOut; NoHostAvailable.
   */
  execute<R = Row>(
    statement: Statement,
    parameters?: Parameters,
    options?: ExecuteOptions,
  ): Promise<AsyncResultSet<R>> {
    const { observer } = this.#home;
    if (!observer.isWatching) return this.#run<R>(statement, parameters, options ?? NO_OPTIONS);
    const facts = CallFacts.ofStatement(statement, parameters);
    return this.#watched<R>(facts, options ?? NO_OPTIONS, (given) => this.#run<R>(statement, parameters, given));
  }

  /** Lets those who watch know of the call. */
  #watched<R>(
    facts: CallFacts,
    options: ExecuteOptions,
    work: (options: ExecuteOptions) => Promise<AsyncResultSet<R>>,
  ): Promise<AsyncResultSet<R>> {
    return this.#home.observer.watch(facts, options, () => this.#settingsOf(facts, options), work);
  }

  #settingsOf(facts: CallFacts, options: ExecuteOptions): CallSettings {
    const { keyspace } = this.#group;
    try {
      const resolved = this.#resolver.resolve(this.#group, facts.settings, options);
      return { ...resolved, keyspace: resolved.keyspace ?? keyspace };
    } catch {
      // The call itself is about to be refused for it.
      return { keyspace };
    }
  }

  #run<R>(
    statement: Statement | StreamedText,
    parameters: Parameters | undefined,
    options: ExecuteOptions,
  ): Promise<AsyncResultSet<R>> {
    try {
      this.#checkOpen();
      const running = this.#execute(statement, parameters, options);
      return (options.trace === true ? running.then((result) => this.#traceable(result)) : running) as Promise<
        AsyncResultSet<R>
      >;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #execute(
    statement: Statement | StreamedText,
    parameters: Parameters | undefined,
    options: ExecuteOptions,
  ): Promise<AsyncResultSet<unknown>> {
    if (typeof statement === 'string') return this.#executeText(statement, parameters, NO_STATEMENT_OPTIONS, options);
    if (statement instanceof PreparedStatement) {
      return this.#executePrepared(preparedQueryOf(statement), parameters ?? [], statement, options);
    }
    if (statement instanceof BoundStatement) {
      if (parameters !== undefined) {
        throw new ConfigurationError('A BoundStatement has its parameters already: bind the prepared statement anew');
      }
      return this.#executeBound(boundPartsOf(statement), statement, options);
    }
    if (statement instanceof SimpleStatement) {
      return this.#executeText(statement.query, parameters ?? statement.parameters, statement, options);
    }
    if (statement instanceof StreamedText) return this.#executeStreamed(statement, options);
    throw new ConfigurationError(
      'A statement is a string, a SimpleStatement, a PreparedStatement or a BoundStatement; batches go to executeBatch()',
    );
  }

  #executePrepared(
    prepared: PreparedQuery,
    parameters: Parameters,
    statement: StatementOptions,
    options: ExecuteOptions,
  ): Promise<AsyncResultSet<unknown>> {
    const resolved = this.#resolver.resolve(this.#group, statement, options);
    const keyspace = options.keyspace ?? statement.keyspace ?? prepared.keyspace;
    // In another keyspace it is another statement: the server goes by where it was prepared, whatever EXECUTE names.
    if (keyspace !== prepared.keyspace) return this.#executeCached(prepared.query, keyspace, parameters, resolved);
    return this.#home.executor.execute(prepared, prepared.bindPlan, parameters, resolved);
  }

  #executeBound(
    { prepared, values }: BoundParts,
    statement: StatementOptions,
    options: ExecuteOptions,
  ): Promise<AsyncResultSet<unknown>> {
    const resolved = this.#resolver.resolve(this.#group, statement, options);
    const keyspace = options.keyspace ?? statement.keyspace ?? prepared.keyspace;
    if (keyspace !== prepared.keyspace) return this.#executeBoundIn(keyspace, { prepared, values }, resolved);
    return this.#home.executor.execute(prepared, ENCODED_VALUES, values, resolved);
  }

  async #executeBoundIn(
    keyspace: string | null,
    { prepared, values }: BoundParts,
    resolved: ResolvedOptions,
  ): Promise<AsyncResultSet<unknown>> {
    const { executor } = this.#home;
    const since = performance.now();
    const known = executor.preparer.known(prepared.query, keyspace);
    const there = known ?? (await this.#prepareShared(prepared.query, keyspace, null, resolved));
    if (!allStillFit(prepared.bindColumns, there.bindColumns)) {
      throw new ConfigurationError(
        `The values of this BoundStatement do not have the types of keyspace ${String(keyspace)}: ` +
          'prepare and bind the statement there, with session.prepare(query, { keyspace })',
      );
    }
    return executor.execute(there, ENCODED_VALUES, values, withoutTimeSince(since, resolved));
  }

  async #executeStreamed(statement: StreamedText, options: ExecuteOptions): Promise<AsyncResultSet<unknown>> {
    const { executor } = this.#home;
    const resolved = this.#resolver.resolve(this.#group, statement, options);
    const since = performance.now();
    const { query } = statement;
    const keyspace = keyspaceOf(resolved);
    const known = executor.preparer.known(query, keyspace);
    const prepared = known ?? (await this.#prepareShared(query, keyspace, null, resolved));
    return executor.execute(prepared, ENCODED_VALUES, statement.valuesFor(prepared), withoutTimeSince(since, resolved));
  }

  /** A text with values is prepared once for each keyspace, and kept. */
  #executeCached(
    query: string,
    keyspace: string | null,
    parameters: Parameters,
    resolved: ResolvedOptions,
  ): Promise<AsyncResultSet<unknown>> {
    const { executor } = this.#home;
    const known = executor.preparer.known(query, keyspace);
    if (known !== undefined) return executor.execute(known, known.bindPlan, parameters, resolved);
    return this.#prepareAndExecute(query, keyspace, parameters, resolved);
  }

  #executeText(
    query: string,
    parameters: Parameters | undefined,
    statement: StatementOptions,
    options: ExecuteOptions,
  ): Promise<AsyncResultSet<unknown>> {
    const { executor } = this.#home;
    const resolved = this.#resolver.resolve(this.#group, statement, options);
    if (isGiven(parameters)) return this.#executeCached(query, keyspaceOf(resolved), parameters, resolved);
    const use = isUseQuery(query);
    if (use !== null) return this.#use(use, resolved);
    return executor.query(query, isSelectQuery(query), resolved, (keyspace) => this.setKeyspace(keyspace));
  }

  /** USE is not sent as it is: it would put one connection of the pool into the keyspace. */
  async #use(keyspace: string, { consistency, timeoutMs, signal }: ResolvedOptions): Promise<AsyncResultSet<unknown>> {
    const error = (): Error =>
      new OperationTimedOut(`The session did not get to keyspace ${keyspace} within ${String(timeoutMs)} ms`, {
        timeoutMs,
      });
    await this.#moveTo(keyspace, { timeout: { ms: timeoutMs, error }, signal });
    const coordinator = this.#home.core.hosts.find((host) => host.isUp)?.endpoint ?? '';
    const info = new ResultInfo(coordinator, consistency, EMPTY_PREFIX, null, 1, 0, true);
    return new AsyncResultSet([], [], null, info);
  }

  /** Gives the result of a traced request the way to its trace. */
  #traceable(result: AsyncResultSet<unknown>): AsyncResultSet<unknown> {
    attachTraceReader(result, (tracingId, signal) =>
      readQueryTrace(tracingId, (query) => this.#ownRows(query), { signal }),
    );
    return result;
  }

  /** The rows of a SELECT of the driver's own: neither the user's codecs nor the user's metrics have to do with it. */
  async #ownRows(query: string): Promise<readonly Row[]> {
    this.#checkOpen();
    const options = this.#resolver.resolve(this.#group, NO_STATEMENT_OPTIONS, OWN_READ);
    const own = { ...options, registry: OWN_REGISTRY };
    const result = await this.#home.executor.query(query, true, own, (keyspace) => this.setKeyspace(keyspace));
    return result.rows as Row[];
  }

  async #prepareAndExecute(
    query: string,
    keyspace: string | null,
    parameters: Parameters,
    resolved: ResolvedOptions,
  ): Promise<AsyncResultSet<unknown>> {
    // The caller may use its array for something else while the statement is being prepared.
    const values = takenValues(parameters);
    const since = performance.now();
    const prepared = await this.#prepareShared(query, keyspace, null, resolved);
    return this.#home.executor.execute(prepared, prepared.bindPlan, values, withoutTimeSince(since, resolved));
  }

  #prepareShared(
    query: string,
    keyspace: string | null,
    payload: CustomPayload | null,
    resolved: ResolvedOptions,
  ): Promise<PreparedQuery> {
    const usual = this.#resolver.resolve(this.#group, NO_STATEMENT_OPTIONS, NO_OPTIONS);
    return prepareShared(this.#home.executor, { query, keyspace, payload }, usual, resolved);
  }

  /** Runs a batch: logged, unlogged or of counters. Statements with parameters are prepared. */
  executeBatch(batch: BatchStatement, options: ExecuteOptions = NO_OPTIONS): Promise<AsyncResultSet> {
    if (!this.#home.observer.isWatching) return this.#runBatch(batch, options);
    return this.#watched(CallFacts.ofBatch(batch), options, (given) => this.#runBatch(batch, given));
  }

  #runBatch(batch: BatchStatement, options: ExecuteOptions): Promise<AsyncResultSet> {
    try {
      this.#checkOpen();
      if (!(batch instanceof BatchStatement)) {
        throw new ConfigurationError('executeBatch() needs a BatchStatement; single statements go to execute()');
      }
      const resolved = this.#resolver.resolve(this.#group, batch, options);
      const members = batchMembersOf(batch);
      const running = areReady(members, resolved)
        ? this.#home.executor.batch(batch.type, members, resolved)
        : this.#prepareAndRun(batch.type, members, resolved);
      return (resolved.trace ? running.then((result) => this.#traceable(result)) : running) as Promise<AsyncResultSet>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #prepareAndRun(
    type: BatchType,
    members: readonly BatchMember[],
    resolved: ResolvedOptions,
  ): Promise<AsyncResultSet<unknown>> {
    const since = performance.now();
    const parts = await Promise.all(members.map((member) => this.#batchPart(member, resolved)));
    return this.#home.executor.batch(type, parts, withoutTimeSince(since, resolved));
  }

  async #batchPart(member: BatchMember, resolved: ResolvedOptions): Promise<BatchPart> {
    const keyspace = keyspaceOf(resolved);
    if (member instanceof BoundMember || isReady(member, keyspace)) return member;
    const { query, parameters } = member;
    const inKeyspace = member.keyspace ?? keyspace;
    const known = this.#home.executor.preparer.known(query, inKeyspace);
    const prepared = known ?? (await this.#prepareShared(query, inKeyspace, null, resolved));
    const given = parameters ?? [];
    const { bindPlan, isKeyReadOnce } = prepared;
    // The batch's key and its message are not to read them twice.
    return { query, parameters: isKeyReadOnce ? encodeValues(bindPlan, given) : bindPlan.inOrder(given), prepared };
  }

  // ---- streams and many --------------------------------------------------------------------------------------------

  /** Runs a statement and gives its rows page by page. The first page is asked for at once: errors surface here. */
  executeStream<R = Row>(
    statement: Statement,
    parameters?: Parameters,
    config: StreamConfig<NoInfer<R>> & ExecuteOptions = {},
  ): Promise<AsyncStreamingResultSet<R>> {
    return this.#stream<R>(statement, parameters, config, openGate);
  }

  #stream<R>(
    statement: Statement,
    parameters: Parameters | undefined,
    config: StreamConfig<R> & ExecuteOptions,
    gate: PageGate,
  ): Promise<AsyncStreamingResultSet<R>> {
    try {
      const { stream, execute, start } = this.#resolver.splitStreamConfig(settingsOf(statement), config);
      const { keyspace } = this.#group;
      // Later pages are asked for with the values of now, whatever the caller does to them meanwhile.
      const values = statement instanceof PreparedStatement ? undefined : (parameters ?? parametersOf(statement));
      const bound =
        statement instanceof PreparedStatement
          ? statement.bind(parameters ?? [])
          : streamedStatement(statement, values);
      const { observer } = this.#home;
      let pages = 0;
      const page = (options: ExecuteOptions): Promise<AsyncResultSet<R>> => {
        pages++;
        if (!observer.isWatching) return this.#run<R>(bound, values, options);
        const facts = CallFacts.ofStatement(bound, values, pages);
        return this.#watched<R>(facts, options, (given) => this.#run<R>(bound, values, given));
      };
      const fetch = (
        pagingState: Buffer | null,
        signal: AbortSignal | null,
        fetchSize: number,
      ): Promise<AsyncResultSet<R>> =>
        gate(page, {
          // A stream stays in the keyspace that it began in; what was prepared does so anyway.
          ...(keyspace === null || keyspace === this.#group.keyspace || bound instanceof BoundStatement
            ? {}
            : { keyspace }),
          ...execute,
          fetchSize,
          pagingState,
          ...(signal === null ? {} : { signal }),
        });
      const startedAt = performance.now();
      const onEnd = (end: StreamEnd): void => {
        if (observer.isWatching) observer.recordStream(CallFacts.ofStatement(bound, values, pages), startedAt, end);
      };
      return AsyncStreamingResultSet.open<R>({ fetch, onEnd }, stream, start).catch(rejectFromCaller);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Runs one statement with each of many parameters, `concurrency` at a time. */
  executeConcurrent<R = Row>(
    statement: Statement,
    parameters: Iterable<Parameters> | AsyncIterable<Parameters>,
    options: ConcurrentOptions<R> & Omit<ExecuteOptions, 'pagingState'> = {},
  ): Promise<ConcurrentSummary> {
    const execute: ExecuteOne<R> = (values, rest) => this.execute<R>(statement, values, rest);
    return executeAll<R>(execute, parameters, options, internalsOf(this).checkOpen);
  }

  /** `session.cql`SELECT … WHERE id = ${id}``: values are bound, the text is prepared once per call site. */
  cql<R = Row>(strings: TemplateStringsArray, ...values: readonly unknown[]): Promise<AsyncResultSet<R>> {
    try {
      return this.execute<R>(cqlTagText(strings), values.length === 0 ? undefined : values);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  // ---- prepare and keyspace ----------------------------------------------------------------------------------------

  /** Prepares a statement with `?` or `:name` markers; calls for the same text at the same time share one request. */
  async prepare(query: string, options: PrepareOptions = {}): Promise<PreparedStatement> {
    const { observer } = this.#home;
    if (!observer.isWatching) return new PreparedStatement(await this.#prepare(query, options));
    const facts = CallFacts.ofPreparation(query);
    return new PreparedStatement(await observer.watchPrepare(facts, () => this.#prepare(query, options)));
  }

  async #prepare(query: string, options: PrepareOptions): Promise<PreparedQuery> {
    this.#checkOpen();
    if (typeof query !== 'string') throw new ConfigurationError('prepare() needs the text of a statement');
    validatePrepareOptions(options);
    const { customPayload, timeoutMs, keyspace, signal } = options;
    const resolved = this.#resolver.resolve(this.#group, NO_STATEMENT_OPTIONS, { timeoutMs, signal });
    return this.#prepareShared(query, keyspace ?? this.#group.keyspace, customPayload ?? null, resolved);
  }

  /**
   * Changes the keyspace that unqualified names mean. Requests under way stay in the old one; those made after the
   * promise is fulfilled are in the new one. Of calls at the same time, the last one that succeeds counts.
   *
   * @throws InvalidRequest if there is no such keyspace; the session stays in its old one then.
   */
  async setKeyspace(name: string, options: SetKeyspaceOptions = {}): Promise<void> {
    this.#checkOpen();
    if (typeof name !== 'string' || name === '') throw new ConfigurationError('setKeyspace() needs a keyspace name');
    validateSignalOptions(options, 'setKeyspace()');
    await this.#moveTo(name, options);
  }

  async #moveTo(name: string, limits: Omit<Limits<PoolGroup>, 'discard'>): Promise<void> {
    const { signal } = limits;
    throwIfAborted(signal);
    const call = this.#keyspaceCalls.begin();
    if (name === this.#group.keyspace) {
      this.#keyspaceCalls.take(call);
      return;
    }
    const { core } = this.#home;
    const discard = core.release.bind(core);
    const group = await within(core.acquire(name), { ...limits, discard }).catch(rejectFromCaller);
    if (this.isClosed || signal?.aborted === true) {
      core.release(group);
      this.#checkOpen();
      throwIfAborted(signal);
    }
    // One that was called later was faster: that is where the session stays.
    if (!this.#keyspaceCalls.take(call)) {
      core.release(group);
      return;
    }
    const old = this.#group;
    this.#group = group;
    core.release(old);
  }

  /** Closes this session only; its requests under way finish. Idempotent. Throws ConfigurationError for wrong options. */
  async close(options: CloseOptions = {}): Promise<void> {
    validateSignalOptions(options, 'close()');
    if (!this.#isClosed) this.#close();
    throwIfAborted(options.signal);
  }

  #close(): void {
    this.#isClosed = true;
    this.#home.onClosed(this);
    this.#tellClosed(sessionIsClosed);
    this.#home.core.release(this.#group);
  }

  #tellClosed(reason: () => Error): void {
    for (const listener of this.#closeListeners) listener(reason);
  }

  /** `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** For wrappers of this package alone. */
export function sessionInternalsOf(session: AsyncCassandraSession): SessionInternals {
  return internalsOf(session);
}

function settingsOf(statement: Statement): StatementOptions {
  return statement instanceof StatementBase ? statement : NO_STATEMENT_OPTIONS;
}

/** The keyspace that a request's unqualified names mean. */
function keyspaceOf({ keyspace, group }: ResolvedOptions): string | null {
  return keyspace ?? group.keyspace;
}

function areReady(members: readonly BatchMember[], resolved: ResolvedOptions): boolean {
  const keyspace = keyspaceOf(resolved);
  for (const member of members) if (!isReady(member, keyspace)) return false;
  return true;
}

/**
 * True if the statement can be sent as it is in a batch of this keyspace: a text with values is prepared first, and so
 * is one of another keyspace, for a BATCH names one keyspace for all its texts.
 */
function isReady(member: BatchMember, keyspace: string | null): boolean {
  if (member instanceof BoundMember) return true;
  return member.parameters === null && (member.keyspace ?? keyspace) === keyspace;
}

function parametersOf(statement: Statement): Parameters | undefined {
  return statement instanceof SimpleStatement ? statement.parameters : undefined;
}

/** Of a text with values: later pages are asked for with those of now. */
function streamedStatement(statement: Statement, values: Parameters | undefined): Statement | StreamedText {
  if (!isGiven(values)) return statement;
  if (typeof statement === 'string') return new StreamedText(statement, values, NO_STATEMENT_OPTIONS);
  return statement instanceof SimpleStatement ? new StreamedText(statement.query, values, statement) : statement;
}
