/** The command line itself is wrong. The text says what, where and what to do; it never holds a value that may be secret. */
export class UsageError extends Error {
  readonly hint: string | null;

  constructor(message: string, hint: string | null = null) {
    super(message);
    this.hint = hint;
  }
}

/** What was asked for does not exist in the cluster. */
export class NotFound extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
