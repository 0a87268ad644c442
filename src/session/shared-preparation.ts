import { rejectSharedFromCaller } from '../execution/caller-stack.js';
import type { Executor } from '../execution/executor.js';
import type { ResolvedOptions } from '../execution/resolved-options.js';
import { OperationTimedOut } from '../errors.js';
import type { PreparedQuery } from '../statement/prepared-query.js';
import type { CustomPayload } from '../statement/statement-options.js';
import { throwIfAborted } from '../util/abort.js';

/** The time of a PREPARE that nobody sets a time for: its answer may have been lost, and more may wait for it. */
const PREPARED_WITHIN_MS = 12_000;

/** What is to be prepared, and with what. */
export interface Preparation {
  readonly query: string;
  readonly keyspace: string | null;
  readonly payload: CustomPayload | null;
}

/**
 * The statement, unless this caller's time is up or its signal aborted before. The preparation is shared with all who ask
 * at the same time, and goes on for them. One that nobody waits for any more is joined by nobody: its answer may be lost.
 *
 * @throws OperationTimedOut after the caller's `timeoutMs`, and the signal's reason.
 */
export function prepareShared(
  executor: Executor,
  preparation: Preparation,
  usual: ResolvedOptions,
  caller: ResolvedOptions,
): Promise<PreparedQuery> {
  throwIfAborted(caller.signal);
  return prepare(executor, preparation, preparationOptions(usual, caller), caller).catch(rejectSharedFromCaller);
}

async function prepare(
  executor: Executor,
  { query, keyspace, payload }: Preparation,
  options: ResolvedOptions,
  { timeoutMs, signal }: ResolvedOptions,
): Promise<PreparedQuery> {
  const giveUpAt = performance.now() + timeoutMs;
  let own: Error | null = null;
  const error = (): Error => {
    own = new OperationTimedOut(`The statement was not prepared within ${String(timeoutMs)} ms`, { timeoutMs });
    return own;
  };
  for (;;) {
    const outlastsIt = timeoutMs === Infinity || executor.preparer.isPreparing(query, keyspace);
    const timeout = { ms: giveUpAt - performance.now(), error };
    try {
      return await executor.prepare(query, keyspace, payload, options, { timeout, signal });
    } catch (failure) {
      // The time that was up may have been that of a preparation that began long before this call. What is this call's
      // own ends it: a signal's reason may be such an error as well.
      const isOwn = failure === own || signal?.aborted === true || performance.now() >= giveUpAt;
      if (isOwn || !outlastsIt || !(failure instanceof OperationTimedOut)) throw failure;
    }
  }
}

/**
 * How a statement is prepared for all who ask for it at the same time: with the session's own settings, not those of
 * the one who came first, whose time may be short and whose host slow. Whoever has more time than usual gives it; whoever
 * has all the time asks again when the usual time is up.
 */
function preparationOptions(usual: ResolvedOptions, first: ResolvedOptions): ResolvedOptions {
  const usualMs = usual.timeoutMs === Infinity ? PREPARED_WITHIN_MS : usual.timeoutMs;
  const firstMs = first.timeoutMs === Infinity ? usualMs : first.timeoutMs;
  return { ...usual, timeoutMs: Math.max(usualMs, firstMs) };
}

/** The options for what is executed now: of its time, what has passed since is used up. */
export function withoutTimeSince(since: number, options: ResolvedOptions): ResolvedOptions {
  return options.timeoutMs === Infinity ? options : { ...options, spentMs: performance.now() - since };
}
