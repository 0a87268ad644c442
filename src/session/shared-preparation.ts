import { rejectSharedFromCaller } from '../execution/caller-stack.js';
import type { ResolvedOptions } from '../execution/resolved-options.js';
import { OperationTimedOut } from '../errors.js';
import { within } from '../util/within.js';

/**
 * How a statement is prepared for all who ask for it at the same time: with the session's own settings, not those of
 * the one who came first, whose time may be short and whose host slow. Whoever has more time than usual gives it.
 */
export function preparationOptions(usual: ResolvedOptions, first: ResolvedOptions): ResolvedOptions {
  return first.timeoutMs > usual.timeoutMs ? { ...usual, timeoutMs: first.timeoutMs } : usual;
}

/**
 * The statement, unless this one caller's time is up or its signal aborted before: the preparation goes on for others.
 *
 * @throws OperationTimedOut after the caller's `timeoutMs`, and the signal's reason.
 */
export function untilPrepared<T>(preparation: Promise<T>, { timeoutMs, signal }: ResolvedOptions): Promise<T> {
  const error = (): Error =>
    new OperationTimedOut(`The statement was not prepared within ${String(timeoutMs)} ms`, { timeoutMs });
  return within(preparation, { timeout: { ms: timeoutMs, error }, signal }).catch(rejectSharedFromCaller);
}

/** The options for what is executed now: of its time, what has passed since is used up. */
export function withoutTimeSince(since: number, options: ResolvedOptions): ResolvedOptions {
  return options.timeoutMs === Infinity ? options : { ...options, spentMs: performance.now() - since };
}
