import type { HostPool } from '../cluster/host-pool.js';
import { PreparedCache } from '../cluster/prepared-cache.js';
import type { Connection } from '../connection/connection.js';
import { ProtocolError, QueryError } from '../errors.js';
import { isTraced, PREPARE_CHANNEL, traceWork, type TracedPrepare } from '../observe/tracing.js';
import type { ByteReader } from '../protocol/byte-reader.js';
import { allStillFit } from '../protocol/codec/type-fit.js';
import { Opcode, ResultKind } from '../protocol/constants.js';
import {
  readPrepared,
  readResultKind,
  type Prepared,
  type ResponsePrefix,
  type SchemaChange,
} from '../protocol/messages/index.js';
import { PreparedQuery } from '../statement/prepared-query.js';
import { ResultShapes } from '../statement/result-shapes.js';
import { mayHaveOtherTypes } from '../statement/schema-dependence.js';
import { shownText } from '../statement/shown-text.js';
import type { CustomPayload } from '../statement/statement-options.js';
import { onAbort } from '../util/abort.js';
import { SharedWork } from '../util/shared-work.js';
import { within, type Limits } from '../util/within.js';
import { PrepareMessage } from './messages.js';
import type { Attempt } from './attempt.js';
import { LiveStatements } from './live-statements.js';
import { Request } from './request.js';
import type { RequestContext, RequestPlan } from './request-plan.js';

/** Re-preparing a thousand statements must not crowd out the requests of a node that has just come up. */
const PREPARED_AT_A_TIME = 8;

function readPreparedResult(reader: ByteReader, coordinator: string): Prepared {
  const kind = readResultKind(reader);
  if (kind === ResultKind.PREPARED) return readPrepared(reader);
  throw new ProtocolError(`${coordinator} answered PREPARE with a result of kind ${String(kind)}`, { coordinator });
}

class PrepareRequest extends Request<Prepared> {
  protected readonly maxReprepares = 0;
  /** 'address:port' of the node that answered. */
  coordinator = '';

  protected readResult(reader: ByteReader, _prefix: ResponsePrefix, attempt: Attempt): void {
    this.coordinator = attempt.pool.host.endpoint;
    this.succeed(readPreparedResult(reader, this.coordinator));
  }

  protected reprepare(): null {
    return null;
  }

  protected pendingPreparation(): null {
    return null;
  }

  protected onIgnored(): void {
    this.fail(new QueryError('A retry policy cannot ignore the failure of a PREPARE: there is no statement then'));
  }
}

/** Prepares statements, each once, and again where a node has forgotten them. */
export class Preparer {
  /** Statements with the same columns share them. */
  readonly shapes: ResultShapes;
  readonly #context: RequestContext;
  readonly #onAllHosts: boolean;
  readonly #cache: PreparedCache<PreparedQuery>;
  readonly #live = new LiveStatements();
  /** Re-preparations under way, by node and statement id: a thousand requests wait for one. */
  readonly #pending = new Map<string, Set<Pending>>();

  constructor(context: RequestContext, onAllHosts: boolean) {
    this.#context = context;
    this.#onAllHosts = onAllHosts;
    this.shapes = new ResultShapes(context.core.settings.registry);
    this.#cache = new PreparedCache(context.core.settings.maxPreparedStatements, ({ isOutdated }) => !isOutdated);
  }

  get size(): number {
    return this.#cache.size;
  }

  /** A statement that was prepared before and is still kept: the way of a request that need not wait. */
  known(query: string, keyspace: string | null): PreparedQuery | undefined {
    return this.#cache.get(query, keyspace);
  }

  /**
   * Whatever this change concerns is prepared anew when it is asked for next: its values would else be refused, or
   * encoded, by types that are no more. What a program holds is compared with the server's types before it is executed
   * again: another client may have prepared it by then, so that no node would say that it does not know it. Null: nobody
   * knows what has changed.
   */
  onSchemaChange(change: SchemaChange | null): void {
    for (const statement of this.#live) {
      const { query, keyspace, bindColumns } = statement;
      const isConcerned = change === null ? bindColumns.length > 0 : mayHaveOtherTypes(statement, change);
      if (!isConcerned) continue;
      statement.isDoubtful = true;
      statement.doubts++;
      this.#cache.forget(query, keyspace, statement);
    }
  }

  /**
   * `keyspace` is the one that unqualified names mean; `plan` says where and how to prepare if it must be done. Its signal
   * is aborted if nobody waits for the preparation any more and the cluster is closed.
   */
  prepare(
    query: string,
    keyspace: string | null,
    payload: CustomPayload | null,
    plan: (signal: AbortSignal) => RequestPlan,
    limits: Limits<PreparedQuery>,
  ): Promise<PreparedQuery> {
    const prepare = (abandoned: AbortSignal): Promise<PreparedQuery> => {
      const work = (): Promise<PreparedQuery> =>
        this.#whileWanted(abandoned, async (signal) => this.#prepare(query, keyspace, payload, plan(signal)));
      if (!isTraced(PREPARE_CHANNEL)) return work();
      return traceWork(PREPARE_CHANNEL, this.#traced(query, keyspace, false), work, (traced, { preparedBy }) => {
        traced.host = preparedBy;
      });
    };
    return this.#cache.obtain(query, keyspace, prepare, limits);
  }

  /** A shutdown need not wait for what nobody waits for: the work's signal is aborted then. */
  async #whileWanted<T>(abandoned: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const unwanted = new AbortController();
    const giveUp = unwanted.abort.bind(unwanted);
    let stopListening = (): void => undefined;
    onAbort(abandoned, () => {
      stopListening = onAbort(this.#context.core.closing, giveUp);
    });
    try {
      return await work(unwanted.signal);
    } finally {
      stopListening();
    }
  }

  /** Whether others wait for this statement already. */
  isPreparing(query: string, keyspace: string | null): boolean {
    return this.#cache.isPending(query, keyspace);
  }

  #traced(query: string, keyspace: string | null, isRepeated: boolean): TracedPrepare {
    return { cluster: this.#context.core.settings.owner, statement: shownText(query), keyspace, isRepeated };
  }

  async #prepare(
    query: string,
    keyspace: string | null,
    payload: CustomPayload | null,
    plan: RequestPlan,
  ): Promise<PreparedQuery> {
    const { settings } = this.#context.core;
    const named = keyspace === plan.group.keyspace ? null : keyspace;
    settings.counters.prepares++;
    const request = new PrepareRequest(this.#context, plan, new PrepareMessage(query, named, payload));
    const prepared = await request.run();
    const statement = new PreparedQuery(query, keyspace, prepared, settings.registry, this.shapes);
    statement.preparedBy = request.coordinator;
    this.#live.add(statement);
    if (this.#onAllHosts) await this.#spread(statement, plan);
    return statement;
  }

  /** Prepares the statement on every other host that is connected. One that fails will be asked when it is needed. */
  async #spread(statement: PreparedQuery, { group, signal }: RequestPlan): Promise<void> {
    const { core } = this.#context;
    const others = [...group.pools].filter(({ host }) => host.endpoint !== statement.preparedBy);
    const connections = others.flatMap((pool) => pool.borrow() ?? []);
    const prepared = Promise.all(connections.map((connection) => this.#reprepareQuietly(statement, connection)));
    // Whoever asked for the statement waits for this: it is part of a request that a shutdown lets come to its end.
    core.requestsUnderWay++;
    // The statement is there, should nobody wait for the rest any more.
    await within<unknown>(prepared, { signal }).catch(() => undefined);
    core.requestsUnderWay--;
  }

  /** A node that comes back may have forgotten everything: the statements in use are prepared there, a few at a time. */
  async prepareAllOn(pool: HostPool): Promise<void> {
    const statements = [...this.#cache.values()];
    const next = async (): Promise<void> => {
      for (let statement = statements.pop(); statement !== undefined; statement = statements.pop()) {
        const connection = pool.borrow();
        if (connection === null) return;
        await this.#reprepareQuietly(statement, connection);
      }
    };
    await Promise.all(Array.from({ length: PREPARED_AT_A_TIME }, next));
  }

  async #reprepareQuietly(statement: PreparedQuery, connection: Connection): Promise<void> {
    try {
      await this.reprepare(statement, connection, this.#context.core.settings.connectTimeoutMs);
    } catch (error) {
      // The first execution there will prepare it again, and tell its caller what is wrong.
      this.#context.core.log({
        level: 'debug',
        message: `A statement could not be prepared on ${connection.endpoint} ahead of its use`,
        error,
      });
    }
  }

  /** Prepares the statement on this very connection, whose node has forgotten it. */
  reprepare(statement: PreparedQuery, connection: Connection, timeoutMs: number): Promise<void> {
    const key = pendingKey(statement, connection);
    const onNode = this.#pending.get(key) ?? new Set<Pending>();
    const shared = ownAmong(onNode, statement, connection);
    if (shared !== null) return shared.done;
    // Known before it begins: whoever is told of the preparation may execute the same statement.
    const work = new SharedWork<void>();
    const pending: Pending = { statement, connection, done: work.outcome };
    onNode.add(pending);
    this.#pending.set(key, onNode);
    work.begin(async () => {
      try {
        await this.#repreparing(statement, connection, timeoutMs);
      } finally {
        onNode.delete(pending);
        if (onNode.size === 0) this.#pending.delete(key);
      }
    });
    return work.outcome;
  }

  #repreparing(statement: PreparedQuery, connection: Connection, timeoutMs: number): Promise<void> {
    const work = (): Promise<void> => this.#reprepare(statement, connection, timeoutMs);
    if (!isTraced(PREPARE_CHANNEL)) return work();
    const traced = this.#traced(statement.query, statement.keyspace, true);
    return traceWork(PREPARE_CHANNEL, { ...traced, host: connection.endpoint }, work, () => undefined);
  }

  /**
   * What an execution on this connection has to wait for, if anything: sent before the server's types are known again,
   * values that were encoded for the table as it was would be taken for others if the table was made anew.
   *
   * @throws QueryError if that is known to have happened.
   */
  pendingOn(connection: Connection, statements: readonly PreparedQuery[]): Promise<void> | null {
    let first: Promise<void> | null = null;
    let begun = 0;
    for (const statement of statements) {
      if (statement.isOutdated) throw outdated(statement);
      const pending = this.#pending.size === 0 ? null : this.#pendingOn(connection, statement);
      if (pending !== null) first ??= pending;
      else if (statement.isDoubtful && (first === null || (begun < PREPARED_AT_A_TIME && connection.hasRoom))) {
        begun++;
        // As long as a connection may take to open: the work is shared, so no single request's deadline ends it.
        const preparing = this.reprepare(statement, connection, this.#context.core.settings.connectTimeoutMs);
        first ??= preparing;
      }
    }
    // The others of a batch are looked for once this one is there.
    return first;
  }

  #pendingOn(connection: Connection, statement: PreparedQuery): Promise<void> | null {
    const onNode = this.#pending.get(pendingKey(statement, connection));
    if (onNode === undefined) return null;
    const own = ownAmong(onNode, statement, connection);
    if (own !== null) return own.done;
    // The node has one cache for all its connections, and for all who hold a statement of this text; if one of theirs
    // fails, it says nothing of ours.
    const [another = null] = onNode;
    return another === null ? null : another.done.catch(() => undefined);
  }

  async #reprepare(statement: PreparedQuery, connection: Connection, timeoutMs: number): Promise<void> {
    const named = statement.keyspace === connection.keyspace ? null : statement.keyspace;
    const { doubts } = statement;
    const answer = await connection.request(new PrepareMessage(statement.query, named, null), timeoutMs);
    if (answer.opcode !== Opcode.RESULT) throw new ProtocolError(`${connection.endpoint} answered PREPARE oddly`);
    const prepared = readPreparedResult(answer.body, connection.endpoint);
    if (!prepared.id.equals(statement.id)) {
      this.#cache.forget(statement.query, statement.keyspace, statement);
      throw new QueryError(
        `The statement got another id when ${connection.endpoint} prepared it again: its keyspace was changed since. ` +
          'Prepare it anew, with its tables qualified by their keyspace',
        { coordinator: connection.endpoint },
      );
    }
    // The id says nothing of types: it is made of the text. A table that was dropped and made anew may have others.
    if (!allStillFit(statement.bindColumns, prepared.bindColumns)) {
      statement.isOutdated = true;
      this.#cache.forget(statement.query, statement.keyspace, statement);
      throw outdated(statement, connection.endpoint);
    }
    if (statement.doubts === doubts) statement.isDoubtful = false;
  }
}

/** A re-preparation under way. */
interface Pending {
  readonly statement: PreparedQuery;
  readonly connection: Connection;
  readonly done: Promise<void>;
}

function ownAmong(all: Iterable<Pending>, statement: PreparedQuery, connection: Connection): Pending | null {
  for (const pending of all) if (pending.statement === statement && pending.connection === connection) return pending;
  return null;
}

function pendingKey({ id }: PreparedQuery, { endpoint }: Connection): string {
  return `${endpoint} ${id.toString('hex')}`;
}

/** Why a statement cannot be executed whose markers have other types on the server than when it was prepared. */
export function outdated(statement: PreparedQuery, coordinator?: string): QueryError {
  return new QueryError(
    'The table of this prepared statement was made anew and its parameters have other types now: prepare it again. ' +
      `The statement is: ${shownText(statement.query)}`,
    coordinator === undefined ? {} : { coordinator },
  );
}
