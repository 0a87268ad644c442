import { ConfigurationError } from '../errors.js';
import type { AsyncResultSet } from '../result/result-set.js';
import { throwIfAborted } from '../util/abort.js';
import type { Parameters } from '../protocol/codec/bind-plan.js';

/** How `executeConcurrent` goes about it. */
export interface ConcurrentOptions<R> {
  /** Executions under way at the same time. Default 100. */
  readonly concurrency?: number;
  /** Told of each result, in the order in which they come; `index` is the position in the input. */
  readonly onResult?: (result: AsyncResultSet<R>, index: number, parameters: Parameters) => void;
  /** True (the default): the first error ends everything and is thrown. False: errors are gathered. */
  readonly raiseOnFirstError?: boolean;
  /** Aborts all of it: the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
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
  /** Executions that ended without an error. */
  readonly succeeded: number;
  /** In the order in which they came; empty unless `raiseOnFirstError` is false. */
  readonly errors: readonly ConcurrentError[];
}

/** Runs `execute` once for each parameters object, `concurrency` at a time; the input is read no faster than that. */
export async function executeAll<R>(
  execute: (parameters: Parameters) => Promise<AsyncResultSet<R>>,
  input: Iterable<Parameters> | AsyncIterable<Parameters>,
  options: ConcurrentOptions<R>,
): Promise<ConcurrentSummary> {
  const { concurrency = 100, onResult, raiseOnFirstError = true, signal } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new ConfigurationError(`concurrency must be an integer of at least 1; got ${String(concurrency)}`);
  }
  const source = iterate(input);
  const errors: ConcurrentError[] = [];
  let total = 0;
  let succeeded = 0;
  let ended = false;

  // An async iterator may be asked for one item at a time only: generators queue such calls, others need not.
  let turn: Promise<unknown> = Promise.resolve();
  const take = (): Promise<{ readonly index: number; readonly parameters: Parameters } | null> => {
    const next = turn.then(async () => {
      if (ended) return null;
      const next = await source.next();
      if (next.done === true) {
        ended = true;
        return null;
      }
      return { index: total++, parameters: next.value };
    });
    turn = next.catch(() => undefined);
    return next;
  };

  const worker = async (): Promise<void> => {
    for (let item = await take(); item !== null; item = await take()) {
      throwIfAborted(signal);
      const { index, parameters } = item;
      try {
        const result = await execute(parameters);
        succeeded++;
        onResult?.(result, index, parameters);
      } catch (error) {
        if (raiseOnFirstError || signal?.aborted === true) throw error;
        errors.push({ index, parameters, error });
      }
    }
  };

  const workers = Array.from({ length: concurrency }, async () => {
    try {
      await worker();
    } catch (error) {
      ended = true;
      throw error;
    }
  });
  const outcomes = await Promise.allSettled(workers);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return { total, succeeded, errors };
  await source.return?.();
  throw failed.reason;
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
