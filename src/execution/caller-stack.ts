import { AsyncCassandraError } from '../errors.js';

/**
 * An answer is read in a callback of the socket, so an error made there knows nothing of the code that asked. This
 * promise rejects from inside an async function whose promise the caller awaits: V8 then finds the callers' frames,
 * and `error.stack` shows where the request was made. A request that succeeds pays nothing for it.
 */
export async function rejectWithCallerStack(error: unknown): Promise<never> {
  // The caller's promise has to be chained to this one before the frames are looked for.
  await Promise.resolve();
  await Promise.resolve();
  if (error instanceof Error && !Object.isFrozen(error)) {
    const own = error.stack;
    Error.captureStackTrace(error, rejectWithCallerStack);
    if (own !== undefined && !/\n\s+at /.test(error.stack ?? '')) error.stack = own;
  }
  throw error;
}

/** For `promise.catch`: our own errors with the caller's frames; an abort's reason and the like as they are. */
export async function rejectFromCaller(error: unknown): Promise<never> {
  if (error instanceof AsyncCassandraError) return rejectWithCallerStack(error);
  throw error;
}
