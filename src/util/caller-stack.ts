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

/** An abort's reason is the caller's own object: it is handed back as it is. */
export async function rejectPlainly(reason: unknown): Promise<never> {
  throw reason;
}

/** The place that began something whose failure nobody awaits: an event tells of it. */
export class CallSite {
  /** The text of its stack is made when it is asked for. */
  readonly #taken = new Error();

  /** The frames above `callee`, the class whose constructor takes them. */
  constructor(callee: NewableFunction) {
    Error.captureStackTrace(this.#taken, callee);
  }

  /** Lets the error's stack show this place. One whose stack cannot be changed is left as it is. */
  showIn(error: Error): void {
    const { stack } = this.#taken;
    // Programs may make something else of stacks, or turn frames off.
    if (Object.isFrozen(error) || typeof stack !== 'string' || !stack.startsWith('Error\n')) return;
    error.stack = Error.prototype.toString.call(error) + stack.slice('Error'.length);
  }
}
