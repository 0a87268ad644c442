import { onAbort } from './abort.js';

/** How long somebody waits for work that goes on for itself, or for others. */
export interface Limits<T> {
  /** After so many milliseconds (Infinity: as long as it takes) the error is thrown. */
  readonly timeout?: { readonly ms: number; readonly error: () => Error };
  /** Its reason is thrown when it is aborted. */
  readonly signal?: AbortSignal | null | undefined;
  /** Gets the result if it comes after the end of the wait: there may be something to close. */
  readonly discard?: (late: T) => void;
}

const NEVER = { ms: Infinity, error: () => new Error() };

/** The work's outcome, unless time or patience ends before. The work itself goes on unheard. */
export async function within<T>(work: Promise<T>, limits: Limits<T>): Promise<T> {
  const { timeout = NEVER, signal = null, discard = ignore } = limits;
  if (timeout.ms === Infinity && signal === null) return work;
  let timer: NodeJS.Timeout | undefined;
  let stopListening = ignore;
  const ended = new Promise<never>((_, reject) => {
    if (timeout.ms !== Infinity) {
      timer = setTimeout(() => {
        reject(timeout.error());
      }, timeout.ms);
    }
    stopListening = onAbort(signal, reject);
  });
  try {
    return await Promise.race([work, ended]);
  } catch (error) {
    // If it was the work that failed, there is nothing to discard.
    work.then(discard, ignore);
    throw error;
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

function ignore(): void {
  // Nobody waits any more.
}
