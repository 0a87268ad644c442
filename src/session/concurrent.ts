import { ConfigurationError } from '../errors.js';
import { rejectFromCaller } from '../execution/caller-stack.js';
import type { AsyncResultSet } from '../result/result-set.js';
import type { Parameters } from '../protocol/codec/bind-plan.js';
import { onAbort, throwIfAborted } from '../util/abort.js';
import {
  aBoolean,
  aFunction,
  anAbortSignal,
  anInteger,
  optionProblems,
  type OptionCheck,
} from '../util/option-checks.js';
import { callHook } from '../util/hook-outcome.js';
import { SlicedTurns } from '../util/sliced-job.js';
import { isThenable } from '../util/thenable.js';
import type { ExecuteOptions } from './options/index.js';

/** How `executeConcurrent` goes about it. */
export interface ConcurrentOptions<R> {
  /** Executions under way at the same time. Default 100. */
  readonly concurrency?: number | undefined;
  /**
   * Told of each result, in the order in which they come; `index` is the position in the input. A promise that it
   * returns is waited for before another item takes its place. If it throws or rejects, that is the item's error.
   */
  readonly onResult?: ((result: AsyncResultSet<R>, index: number, parameters: Parameters) => unknown) | undefined;
  /**
   * True (the default): the first error ends everything and is thrown at once; executions under way then are neither
   * waited for nor told of. False: errors are gathered.
   */
  readonly raiseOnFirstError?: boolean | undefined;
  /** Aborts all of it: the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** One execution that failed. */
export interface ConcurrentError {
  /** The position in the input. */
  readonly index: number;
  /** What it was executed with. */
  readonly parameters: Parameters;
  /** What it failed with. */
  readonly error: unknown;
}

/** What `executeConcurrent` did. */
export interface ConcurrentSummary {
  /** Executions that were started. */
  readonly total: number;
  /** Executions that ended without an error, `onResult`'s included. */
  readonly succeeded: number;
  /** In the order in which they came; empty unless `raiseOnFirstError` is false. */
  readonly errors: readonly ConcurrentError[];
}

type ExecutionOptions = Omit<ExecuteOptions, 'pagingState'>;

/** One of many executions; `options` are what is not for the whole of them. */
export type ExecuteOne<R> = (parameters: Parameters, options: ExecutionOptions) => Promise<AsyncResultSet<R>>;

/**
 * Runs `execute` once for each parameters object, `concurrency` at a time; the input is read no faster than that.
 * `checkOpen` throws if the session is closed: an input without items would not tell.
 */
export async function executeAll<R>(
  execute: ExecuteOne<R>,
  input: Iterable<Parameters> | AsyncIterable<Parameters>,
  options: ConcurrentOptions<R> & ExecutionOptions,
  checkOpen: () => void,
): Promise<ConcurrentSummary> {
  const { concurrency, onResult, raiseOnFirstError, ...rest } = options;
  const { signal } = rest;
  const problems = optionProblems({ concurrency, onResult, raiseOnFirstError, signal }, CHECKS);
  if (problems.length > 0) throw new ConfigurationError(`executeConcurrent: ${problems.join('; ')}`);
  checkOpen();
  const source = iterate(input);
  throwIfAborted(signal);
  return new ConcurrentRun<R>((values) => execute(values, rest), source, options).outcome.catch(rejectFromCaller);
}

const CHECKS = {
  concurrency: anInteger(1, Number.MAX_SAFE_INTEGER),
  onResult: aFunction,
  raiseOnFirstError: aBoolean,
  signal: anAbortSignal,
} as const satisfies { readonly [K in keyof ConcurrentOptions<unknown>]-?: OptionCheck };

type Source = AsyncIterator<Parameters> | Iterator<Parameters>;

/** One call of `executeConcurrent`. It holds what is under way, so that it costs what its items cost. */
class ConcurrentRun<R> {
  readonly outcome: Promise<ConcurrentSummary>;
  readonly #execute: (parameters: Parameters) => Promise<AsyncResultSet<R>>;
  readonly #source: Source;
  readonly #concurrency: number;
  readonly #onResult: ConcurrentOptions<R>['onResult'];
  readonly #raiseOnFirstError: boolean;
  readonly #stopListening: () => void;
  /** Items that fail at once follow one another without a wait: the event loop has its turn all the same. */
  readonly #turns = new SlicedTurns();
  #givesWay = false;
  readonly #errors: ConcurrentError[] = [];
  #total = 0;
  #succeeded = 0;
  #underWay = 0;
  /** An async iterator may be asked for one item at a time only: generators queue such calls, others need not. */
  #isAsking = false;
  #isExhausted = false;
  #isOver = false;
  #resolve!: (summary: ConcurrentSummary) => void;
  #reject!: (error: unknown) => void;

  constructor(
    execute: (parameters: Parameters) => Promise<AsyncResultSet<R>>,
    source: Source,
    { concurrency = 100, onResult, raiseOnFirstError = true, signal }: ConcurrentOptions<R>,
  ) {
    this.#execute = execute;
    this.#source = source;
    this.#concurrency = concurrency;
    this.#onResult = onResult;
    this.#raiseOnFirstError = raiseOnFirstError;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#stopListening = onAbort(signal, (reason) => {
      this.#fail(reason);
    });
    this.#goOn();
  }

  #goOn(): void {
    while (this.#mayAsk) {
      const turn = this.#turns.next();
      if (turn === null) this.#ask();
      else void this.#giveWay(turn);
    }
    if (this.#isOver || !this.#isExhausted || this.#underWay > 0) return;
    this.#end();
    this.#resolve({ total: this.#total, succeeded: this.#succeeded, errors: this.#errors });
  }

  get #mayAsk(): boolean {
    if (this.#isOver || this.#isExhausted || this.#isAsking || this.#givesWay) return false;
    return this.#underWay < this.#concurrency;
  }

  async #giveWay(turn: Promise<void>): Promise<void> {
    this.#givesWay = true;
    await turn;
    this.#givesWay = false;
    this.#goOn();
  }

  #ask(): void {
    this.#isAsking = true;
    try {
      const next = this.#source.next();
      if (isThenable(next)) void this.#await(next);
      else this.#take(next);
    } catch (error) {
      this.#failOfSource(error);
    }
  }

  async #await(next: PromiseLike<IteratorResult<Parameters, unknown>>): Promise<void> {
    try {
      const item = await next;
      if (!this.#isOver) this.#take(item);
    } catch (error) {
      this.#failOfSource(error);
    }
    this.#goOn();
  }

  #take(next: IteratorResult<Parameters, unknown>): void {
    this.#isAsking = false;
    if (next.done === true) this.#isExhausted = true;
    // Over already: the source itself aborted, and could not be closed while it ran.
    else if (this.#isOver) this.#closeSource();
    else void this.#run(this.#total++, next.value);
  }

  async #run(index: number, parameters: Parameters): Promise<void> {
    this.#underWay++;
    try {
      const result = await this.#execute(parameters);
      if (this.#isOver) return;
      const told = this.#onResult?.(result, index, parameters);
      if (isThenable(told)) await told;
      this.#succeeded++;
    } catch (error) {
      if (this.#raiseOnFirstError) this.#fail(error);
      else this.#errors.push({ index, parameters, error });
    }
    this.#underWay--;
    this.#goOn();
  }

  #failOfSource(error: unknown): void {
    this.#isExhausted = true;
    this.#fail(error);
  }

  /** What is under way goes on unheard. */
  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#end();
    this.#closeSource();
    this.#reject(error);
  }

  #end(): void {
    this.#isOver = true;
    this.#stopListening();
  }

  /** Not waited for: a generator that hangs in its `next()` does not get to its end. */
  #closeSource(): void {
    if (this.#isExhausted) return;
    // The caller is told of the first failure.
    callHook(() => this.#source.return?.(), ignore);
  }
}

function ignore(): void {
  // The caller is told of the first failure.
}

function iterate<T>(input: Iterable<T> | AsyncIterable<T>): AsyncIterator<T> | Iterator<T> {
  // A caller without types can pass anything.
  const given: unknown = input;
  if (typeof given === 'object' && given !== null) {
    if (Symbol.asyncIterator in input) return input[Symbol.asyncIterator]();
    if (Symbol.iterator in input) return input[Symbol.iterator]();
  }
  throw new ConfigurationError('executeConcurrent needs an iterable or an async iterable of parameters');
}
