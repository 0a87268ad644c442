import { isThenable } from './thenable.js';

/**
 * A hook of the user's may be an async function, whatever its type says of results: what its promise is rejected with is
 * told to `onRejected`, and does not end the process.
 */
export function watchOutcome(outcome: unknown, onRejected: (error: unknown) => void): void {
  if (isThenable(outcome)) Promise.resolve(outcome).then(undefined, onRejected);
}

/** Calls the hook with the arguments; `onFailure` is told of what it throws as well. */
export function callHook<A extends readonly unknown[]>(
  hook: (...given: A) => unknown,
  onFailure: (error: unknown) => void,
  ...given: A
): void {
  try {
    watchOutcome(hook(...given), onFailure);
  } catch (error) {
    onFailure(error);
  }
}
