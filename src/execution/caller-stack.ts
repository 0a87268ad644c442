import { AsyncCassandraError } from '../errors.js';
import { rejectWithCallerStack } from '../util/caller-stack.js';

/** Errors that a request was failed with. */
const TAKEN = new WeakSet<AsyncCassandraError>();

/**
 * The error as one request's own. A lost connection, or a preparation, fails all that wait for it with one object:
 * the first request gets it, every other one a copy, for each has another caller.
 */
export function ownError(error: unknown): unknown {
  if (!(error instanceof AsyncCassandraError)) return error;
  if (TAKEN.has(error)) return copyOf(error);
  TAKEN.add(error);
  return error;
}

/** Made without its class, as each class has a constructor of its own; it is one of that class all the same. */
function copyOf(error: Error): Error {
  const copy = new Error(error.message);
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  return Object.defineProperties(copy, Object.getOwnPropertyDescriptors(error));
}

/** For `promise.catch`: our own errors with the caller's frames; an abort's reason and the like as they are. */
export async function rejectFromCaller(error: unknown): Promise<never> {
  if (error instanceof AsyncCassandraError) return rejectWithCallerStack(error);
  throw error;
}

/** The same for work that several callers wait for: it failed with one error for all of them. */
export function rejectSharedFromCaller(error: unknown): Promise<never> {
  return rejectFromCaller(ownError(error));
}
