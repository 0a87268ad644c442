// Imported, for it is read for every request: the global of this name is a getter that is looked up and run each time.
import { performance } from 'node:perf_hooks';
import type { HostPool } from '../cluster/host-pool.js';
import type { Connection } from '../connection/connection.js';
import { encodeAhead, type Envelope } from '../connection/message.js';
import { OperationTimedOut, Overloaded, ProtocolError, QueryError } from '../errors.js';
import { ATTEMPT_CHANNEL, isTraced } from '../observe/tracing.js';
import type { QueryPlan } from '../policies/load-balancing.js';
import { endlessPlan, LONGEST_PLAN } from '../policies/plan-steps.js';
import type { RetryDecision } from '../policies/retry.js';
import { ByteReader } from '../protocol/byte-reader.js';
import type { ConsistencyLevel } from '../protocol/constants.js';
import { Opcode } from '../protocol/constants.js';
import { readPrefix, type ResponsePrefix } from '../protocol/messages/index.js';
import { readServerError, UnpreparedError } from '../protocol/server-errors.js';
import type { Host } from '../topology/host.js';
import { onAbort } from '../util/abort.js';
import { rejectPlainly, rejectWithCallerStack } from '../util/caller-stack.js';
import { asError } from '../util/thrown.js';
import { Attempt, type AttemptOwner } from './attempt.js';
import { AttemptTrace } from './attempt-trace.js';
import { ownError } from './caller-stack.js';
import type { RequestMessage } from './messages.js';
import { nextPool } from './next-pool.js';
import { mayDoBetterElsewhere, nobodyToAsk } from './no-host.js';
import { PendingRetry } from './pending-retry.js';
import type { RequestContext, RequestPlan } from './request-plan.js';
import { adviseRetry } from './retry-advice.js';
import { consistencyOf, NOTHING_SENT, type SentMessage, withConsistency } from './sent-envelope.js';
import { Speculation } from './speculation.js';
import { tracedText } from './statement-text.js';
import { unknownStatement } from './unknown-statement.js';

const NO_BYTES = Buffer.alloc(0);
/** Responses are decoded within the socket's callback, one after the other: one reader serves them all. */
const READER = new ByteReader(NO_BYTES);

/**
 * One request from its first attempt to its settlement: it takes hosts from the plan, sends, retries as the policy
 * says, speculates, prepares again where a node has forgotten the statement. It settles exactly once, and from then on
 * keeps nothing. (`private` and not `#`, see Call.)
 */
export abstract class Request<T> implements AttemptOwner {
  deadline: number;
  protected readonly context: RequestContext;
  protected readonly plan: RequestPlan;
  private readonly message: RequestMessage;
  /** The encoded request, kept as it was sent or put in line first: the caller may change its values since. */
  private envelope: Envelope | null = null;
  private hosts: QueryPlan;
  private errors: Map<string, Error> | null = null;
  /** The same of the pages before this one. */
  private earlierErrors: ReadonlyMap<string, Error> | null = null;
  private resolve!: (value: T | Promise<never>) => void;
  private settled = false;
  /** The attempt under way; with speculation the newest one, the others being in `rivals`. */
  private attempt: Attempt | null = null;
  private rivals: Attempt[] | null = null;
  /** Pools that were passed over because they had no room; once the plan is used up, all that are left of both lists. */
  private busyPools: HostPool[] | null = null;
  /** Pools that were passed over because their node has gone silent: it may just be slow. */
  private silentPools: HostPool[] | null = null;
  private lastHost: Host | null = null;
  /** The error that a node answered with, if the last attempt was answered. */
  private lastAnswer: QueryError | null = null;
  private speculation: Speculation | null = null;
  private stopListening: (() => void) | null = null;
  private retries = 0;
  private retry: PendingRetry | null = null;
  protected attempts = 0;

  constructor(context: RequestContext, plan: RequestPlan, message: RequestMessage) {
    this.context = context;
    this.plan = plan;
    this.message = message;
    this.hosts = plan.newHosts();
    this.deadline = Infinity;
  }

  // ---- for the kinds of request ------------------------------------------------------------------------------------

  /**
   * Reads the answer; calls `succeed`, `fail` or `sendAgain`. What it throws becomes the request's error. The bytes
   * are there during this call only, unless they are `owned`.
   */
  protected abstract readResult(reader: ByteReader, prefix: ResponsePrefix, attempt: Attempt, owned: boolean): void;

  /** Prepares the statement with this id again, on this very connection. Null if the request has no such statement. */
  protected abstract reprepare(id: Buffer, connection: Connection): Promise<void> | null;

  /** The preparation that the request must not overtake on this connection; null if there is none. May throw. */
  protected abstract pendingPreparation(connection: Connection): Promise<void> | null;

  /** How often nodes may answer UNPREPARED before it counts as an error. */
  protected abstract readonly maxReprepares: number;

  // ---- life --------------------------------------------------------------------------------------------------------

  run(): Promise<T> {
    const promise = new Promise<T>((resolve) => {
      this.resolve = resolve;
    });
    this.context.core.requestsUnderWay++;
    const { signal } = this.plan;
    if (signal !== null) {
      this.stopListening = onAbort(signal, (reason) => {
        this.settle();
        this.resolve(rejectPlainly(reason));
      });
      if (this.settled) return promise;
    }
    this.context.retryBudget.recordRequest();
    this.start(this.plan.spentMs);
    return promise;
  }

  private start(spentMs: number): void {
    const { timeoutMs } = this.plan;
    const now = performance.now();
    if (timeoutMs !== Infinity) this.deadline = now + timeoutMs - spentMs;
    this.tryNext(now);
    const { speculativeExecutionPolicy: policy } = this.plan;
    if (policy === null || this.settled) return;
    this.speculation ??= new Speculation(policy, this.context.core.log, () => {
      this.speculate();
    });
    this.speculation.begin();
  }

  /** Sends the message, which asks for something else now (the next page), with a budget of its own. */
  protected sendAgain(): void {
    if (this.settled) return;
    this.envelope = null;
    this.hosts = this.plan.newHosts();
    this.earlierErrors = this.triedHosts;
    this.errors = null;
    this.busyPools = this.silentPools = null;
    this.retries = 0;
    this.stopAttempts();
    this.start(0);
  }

  /** The answer is there: whatever else is under way for it, and its deadline, count no more. */
  protected stopAttempts(): void {
    this.retry?.giveUp();
    this.stopRivals();
    this.attempt?.abandon();
    this.attempt = null;
  }

  /** The bytes of the message that was answered. */
  protected get sent(): SentMessage {
    const { buffer, start, end } = this.envelope ?? NOTHING_SENT;
    return { buffer, start, end, consistencyAt: this.message.consistencyAt };
  }

  /** The level of the attempt under way: a retry may have changed it. */
  protected get consistency(): ConsistencyLevel {
    const { envelope, message, plan, retries } = this;
    if (retries === 0 || envelope === null || message.consistencyAt < 0) return plan.consistency;
    return consistencyOf(envelope, message.consistencyAt);
  }

  /** Further attempts that were started because no answer had come. */
  protected get speculations(): number {
    return this.speculation?.started ?? 0;
  }

  protected get isSettled(): boolean {
    return this.settled;
  }

  protected get triedHosts(): ReadonlyMap<string, Error> | null {
    const { errors, earlierErrors } = this;
    if (earlierErrors === null || errors === null) return errors ?? earlierErrors;
    return new Map([...earlierErrors, ...errors]);
  }

  protected succeed(value: T): void {
    if (this.settled) return;
    this.settle();
    this.resolve(value);
  }

  protected fail(error: unknown): void {
    if (this.settled) return;
    this.settle();
    this.context.core.settings.counters.requestsFailed++;
    this.resolve(rejectWithCallerStack(ownError(error)));
  }

  private settle(): void {
    this.settled = true;
    this.context.core.requestsUnderWay--;
    this.context.core.settings.counters.requestsFinished++;
    this.stopListening?.();
    this.stopListening = null;
    this.stopAttempts();
    this.envelope = null;
    this.busyPools = this.silentPools = null;
  }

  private stopRivals(): void {
    this.speculation?.stop();
    if (this.rivals === null) return;
    for (const rival of this.rivals) rival.abandon();
    this.rivals = null;
  }

  // ---- attempts ----------------------------------------------------------------------------------------------------

  /** The next host of the plan that can take the request now; else a place in line at one that will. */
  private tryNext(now: number): void {
    try {
      this.takeNextHost(now);
    } catch (error) {
      this.fail(error);
    }
  }

  private takeNextHost(now: number): void {
    const { group } = this.plan;
    for (let passed = 0; passed < LONGEST_PLAN; passed++) {
      const pool = nextPool(this.hosts, group);
      if (pool === null) {
        this.returnToPassedOver(now);
        return;
      }
      const connection = pool.borrow();
      if (connection?.isSilent === false) {
        this.attempt = new Attempt(this, pool, now);
        this.send(this.attempt, connection);
        return;
      }
      this.passOver(pool, connection);
    }
    throw endlessPlan();
  }

  /** Remembers why this pool did not have the request: there may be none that does better. */
  private passOver(pool: HostPool, connection: Connection | null): void {
    if (connection !== null) (this.silentPools ??= []).push(pool);
    else if (pool.isHopeful) (this.busyPools ??= []).push(pool);
    else this.note(pool.host, pool.lastError ?? new QueryError('No connection is open'));
  }

  queueDeadlineFrom(now: number): number {
    const { queueTimeoutMs } = this.context.core.settings.pooling;
    return queueTimeoutMs > 0 ? Math.min(this.deadline, now + queueTimeoutMs) : this.deadline;
  }

  /** The plan is used up: a place in line where there was no room, or else a node that has gone silent. */
  private returnToPassedOver(now: number): void {
    const pools = [...(this.busyPools ?? []), ...(this.silentPools ?? [])];
    this.busyPools = this.silentPools = null;
    let isFull = false;
    for (const [index, pool] of pools.entries()) {
      const attempt = new Attempt(this, pool, now);
      // It may have got room since it was passed over.
      const connection = pool.borrow();
      if (connection === null && !this.takeValues()) return;
      if (connection === null && !pool.enqueue(attempt)) {
        if (pool.isHopeful) isFull = true;
        else this.passOver(pool, null);
        continue;
      }
      this.attempt = attempt;
      // The others are asked if this pool loses its host before the request is answered.
      this.busyPools = pools.slice(index + 1);
      if (connection === null) attempt.isQueued = true;
      else this.send(attempt, connection);
      return;
    }
    this.failUnsent(isFull);
  }

  /**
   * Encodes the request before it waits: what the caller does to its values meanwhile must not be sent. False if that
   * settled it.
   */
  private takeValues(): boolean {
    try {
      this.envelope ??= encodeAhead(this.message);
    } catch (error) {
      this.fail(error);
    }
    return !this.settled;
  }

  private failUnsent(isFull: boolean): void {
    if (isFull) {
      const text = 'All connections are busy and the queue of waiting requests is full';
      this.fail(new Overloaded(text, { notExecuted: this.attempts === 0 }));
    }
    // What the last node said tells more than that no further node is left to ask.
    else this.fail(this.lastAnswer ?? nobodyToAsk(this.plan.group, this.errors));
  }

  private send(attempt: Attempt, connection: Connection): void {
    // The user's plan, policy or codec, asked just now, may have aborted the call.
    if (this.settled) return;
    let preparation: Promise<void> | null;
    try {
      preparation = this.pendingPreparation(connection);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (preparation === null) {
      this.sendNow(attempt, connection);
      return;
    }
    this.lastHost = attempt.pool.host;
    if (this.takeValues()) this.sendBehind(preparation, attempt, connection);
  }

  private sendNow(attempt: Attempt, connection: Connection): void {
    this.attempts++;
    this.lastHost = attempt.pool.host;
    attempt.connection = connection;
    if (isTraced(ATTEMPT_CHANNEL)) attempt.trace = this.traceOf(attempt);
    try {
      if (this.envelope === null) {
        attempt.streamId = connection.send(this.message, attempt);
        // Without an id nothing was encoded: what lies there is another request's.
        if (attempt.streamId >= 0) this.envelope = connection.lastEnvelope;
      } else {
        attempt.streamId = connection.resend(this.envelope, attempt);
      }
    } catch (error) {
      // Encoding failed: nothing was sent, and no other host would do better.
      attempt.trace?.fail(error);
      this.fail(error);
      return;
    }
    attempt.pool.host.stats.requests++;
    if (attempt.streamId < 0) this.onAttemptLost(attempt, new Overloaded('No stream id is free'), false);
    else if (!attempt.isSpeculative) this.retry?.onSent();
  }

  private traceOf(attempt: Attempt): AttemptTrace {
    const { text, group } = this.plan;
    return new AttemptTrace({
      cluster: this.context.core.settings.owner,
      statement: tracedText(text),
      keyspace: group.keyspace,
      consistencyLevel: this.consistency,
      host: attempt.pool.host.endpoint,
      attempt: this.attempts,
      isSpeculative: this.rivals !== null && this.rivals.length > 0,
    });
  }

  onAttemptReady(attempt: Attempt, connection: Connection): void {
    // The time in line was not the host's.
    attempt.startedAt = performance.now();
    this.send(attempt, connection);
  }

  onAttemptUnqueued(attempt: Attempt, error: Error, timedOut: boolean): void {
    if (timedOut && performance.now() >= this.deadline) this.onAttemptDeadline(attempt);
    else if (timedOut) this.fail(new Overloaded(error.message, { notExecuted: this.attempts === 0, cause: error }));
    else {
      this.note(attempt.pool.host, error);
      this.goOn(attempt);
    }
  }

  private note(host: Host, error: Error): void {
    (this.errors ??= new Map()).set(host.endpoint, error);
  }

  /** On to the next host, unless another attempt is still under way. */
  private goOn(attempt: Attempt): void {
    if (!this.isOutlived(attempt)) this.tryNext(performance.now());
  }

  /** Takes this attempt for over. True if another one is still under way: its outcome counts. */
  private isOutlived(attempt: Attempt): boolean {
    attempt.isAbandoned = true;
    this.rivals = this.rivals?.filter((rival) => !rival.isAbandoned) ?? null;
    if (this.attempt === attempt) this.attempt = this.rivals?.pop() ?? null;
    return this.attempt !== null;
  }

  // ---- answers -----------------------------------------------------------------------------------------------------

  onAttemptAnswered(
    attempt: Attempt,
    flags: number,
    opcode: number,
    buffer: Buffer,
    start: number,
    end: number,
    owned: boolean,
  ): void {
    const now = attempt.connection?.lastReadAt ?? 0;
    const latency = now - attempt.startedAt;
    if (opcode === Opcode.ERROR) attempt.pool.onErrorAnswer(latency, now);
    else {
      attempt.pool.onAnswer(latency, now);
      this.speculation?.recordLatency(latency);
    }
    READER.reset(buffer, start, end);
    try {
      const prefix = readPrefix(READER, flags);
      if (opcode === Opcode.ERROR) this.onServerError(attempt, readServerError(READER, attempt.pool.host.endpoint));
      else if (opcode === Opcode.RESULT) this.readResult(READER, prefix, attempt, owned);
      else throw new ProtocolError(`The server answered a request with opcode ${String(opcode)}`);
    } catch (error) {
      this.failReading(error);
    } finally {
      // A page of its own may be of many megabytes, and the next answer may be hours away.
      if (owned) READER.reset(NO_BYTES, 0, 0);
    }
  }

  /** Fails for an answer that could not be read. */
  protected failReading(error: unknown): void {
    this.fail(error instanceof QueryError ? error : new QueryError('The answer could not be read', { cause: error }));
  }

  onAttemptLost(attempt: Attempt, error: Error, written: boolean): void {
    attempt.pool.host.stats.errors++;
    this.note(attempt.pool.host, error);
    // Not one byte left this process: whatever the statement is, the next host may have it.
    if (!written) this.goOn(attempt);
    else this.considerRetry(attempt, error);
  }

  onAttemptDeadline(attempt: Attempt): void {
    if (attempt.connection !== null) attempt.pool.onTimeout(attempt.startedAt, attempt.deadline);
    const { timeoutMs } = this.plan;
    const host = this.lastHost?.endpoint;
    const where = host === undefined ? 'while it waited for a connection' : `(last host: ${host})`;
    const text = `The request took longer than its ${String(timeoutMs)} ms ${where}`;
    const error = new OperationTimedOut(text, { timeoutMs, host });
    attempt.trace?.fail(error);
    this.fail(error);
  }

  private onServerError(attempt: Attempt, error: Error): void {
    const { connection } = attempt;
    attempt.trace?.fail(error);
    if (error instanceof UnpreparedError && connection !== null) {
      this.prepareAgain(attempt, connection, error);
      return;
    }
    // The node says good-bye: what is under way there may finish, new requests go elsewhere.
    if (error instanceof Overloaded && connection !== null) {
      if (/shutting down/i.test(error.message)) connection.drain();
      else attempt.pool.onOverload(connection.lastReadAt, attempt.startedAt);
    }
    this.note(attempt.pool.host, error);
    this.considerRetry(attempt, error);
  }

  private prepareAgain(attempt: Attempt, connection: Connection, error: UnpreparedError): void {
    const preparation = attempt.reprepares < this.maxReprepares ? this.reprepare(error.id, connection) : null;
    if (preparation === null) {
      this.failFor(attempt, unknownStatement(attempt.pool.host.endpoint, error));
      return;
    }
    attempt.reprepares++;
    this.context.core.settings.counters.reprepares++;
    this.sendBehind(preparation, attempt, connection);
  }

  /** Sends once the statement is prepared. Its place is kept: the pool's line must not be emptied past the room there. */
  private sendBehind(preparation: Promise<void>, attempt: Attempt, connection: Connection): void {
    attempt.keepPlace(connection);
    // The preparation is shared by many, and none of their deadlines is its own.
    const timer =
      this.deadline === Infinity
        ? undefined
        : setTimeout(() => {
            if (!attempt.isAbandoned && !this.settled) this.onAttemptDeadline(attempt);
          }, this.deadline - performance.now());
    preparation.then(
      () => {
        clearTimeout(timer);
        const hasRoom = attempt.leavePlace();
        if (attempt.isAbandoned || this.settled) return;
        if (performance.now() >= this.deadline) this.onAttemptDeadline(attempt);
        else if (hasRoom) this.send(attempt, connection);
        else {
          // It drains, or its socket is choked: another host, or a place in this pool's line.
          this.passOver(attempt.pool, null);
          this.goOn(attempt);
        }
      },
      (cause: unknown) => {
        clearTimeout(timer);
        attempt.leavePlace();
        if (attempt.isAbandoned || this.settled) return;
        this.onNotPrepared(attempt, connection, asError(cause));
      },
    );
  }

  /** The statement itself was not executed by this node: another one may have it, unless it would say the same. */
  private onNotPrepared(attempt: Attempt, connection: Connection, error: Error): void {
    if (connection.isOpen && !mayDoBetterElsewhere(error)) {
      this.failFor(attempt, error);
      return;
    }
    this.note(attempt.pool.host, error);
    this.lastAnswer = error instanceof QueryError ? error : null;
    this.goOn(attempt);
  }

  /** No further host would do better than this attempt did; one that is asked already may. */
  private failFor(attempt: Attempt, error: Error): void {
    this.note(attempt.pool.host, error);
    if (!this.isOutlived(attempt)) this.fail(error);
  }

  // ---- retries -----------------------------------------------------------------------------------------------------

  private considerRetry(attempt: Attempt, error: Error): void {
    if (this.settled || this.isOutlived(attempt)) return;
    this.lastAnswer = error instanceof QueryError ? error : null;
    const { retryPolicy, statement, isSelect } = this.plan;
    const { consistency, retries: retryNumber } = this;
    let decision: RetryDecision;
    try {
      decision = adviseRetry(retryPolicy, error, { consistency, statement, isSelect, retryNumber });
    } catch (failure) {
      this.fail(failure);
      return;
    }
    this.obey(decision, attempt, error);
  }

  private obey(decision: RetryDecision, attempt: Attempt, error: Error): void {
    if (this.settled) return;
    const { action, consistency } = decision;
    if (action === 'IGNORE') {
      this.onIgnored(attempt);
      return;
    }
    // One may still be pending for which a speculative attempt stood in.
    this.retry?.giveUp();
    const mayRetry = action !== 'RETHROW' && performance.now() < this.deadline;
    this.retry = mayRetry ? PendingRetry.begin(this.context, attempt.pool.host, error) : null;
    if (this.retry === null) {
      this.fail(error);
      return;
    }
    this.retries++;
    if (consistency !== undefined && this.envelope !== null) {
      this.envelope = withConsistency(this.envelope, this.message.consistencyAt, consistency);
    }
    const connection = action === 'RETRY_SAME_HOST' ? attempt.pool.borrow() : null;
    const now = performance.now();
    if (connection === null) this.tryNext(now);
    else {
      this.attempt = new Attempt(this, attempt.pool, now);
      this.send(this.attempt, connection);
    }
  }

  /** The answer in place of an error that the policy ignores. */
  protected abstract onIgnored(attempt: Attempt): void;

  // ---- speculation -------------------------------------------------------------------------------------------------

  private speculate(): void {
    if (this.settled || this.attempt === null) return;
    try {
      this.speculateOnNextHost(this.attempt);
    } catch (error) {
      // The plan is the user's; the attempts under way are not harmed by it.
      this.context.core.log({ level: 'error', message: 'The load balancing policy failed', error });
    }
  }

  private speculateOnNextHost(running: Attempt): void {
    const { speculation, plan } = this;
    const now = performance.now();
    if (speculation === null) return;
    for (let passed = 0; passed < LONGEST_PLAN; passed++) {
      const pool = nextPool(this.hosts, plan.group);
      if (pool === null) return;
      const connection = pool.borrow();
      if (connection?.isSilent !== false) {
        this.passOver(pool, connection);
        continue;
      }
      (this.rivals ??= []).push(running);
      speculation.started++;
      this.context.core.settings.counters.speculativeExecutions++;
      this.attempt = new Attempt(this, pool, now, true);
      this.send(this.attempt, connection);
      if (!this.settled) speculation.arm();
      return;
    }
    throw endlessPlan();
  }
}
