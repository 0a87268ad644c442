import { setMaxListeners } from 'node:events';

/** Throws the signal's reason if it is aborted. */
export function throwIfAborted(signal: AbortSignal | null | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}

function nothing(): void {
  // There is no listener to take off.
}

/**
 * Calls `fn` once when the signal is aborted, at once if it already is. The function returned takes the listener off
 * again; call it when the work is done, because a long-lived signal would otherwise keep everything `fn` refers to.
 */
export function onAbort(signal: AbortSignal | null | undefined, fn: (reason: unknown) => void): () => void {
  if (signal === null || signal === undefined) return nothing;
  if (signal.aborted) {
    fn(signal.reason);
    return nothing;
  }
  const listener = (): void => {
    fn(signal.reason);
  };
  // One signal for hundreds of requests is ordinary use, and no leak for Node to warn of: each takes its listener off.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', listener, { once: true });
  return () => {
    signal.removeEventListener('abort', listener);
  };
}
