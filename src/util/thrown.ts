// Anything can be thrown, by users' code. What stands in a catch clause must not throw again: an object may have no text.

/** What a text may say of it. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return 'an object without a text was thrown';
  }
}

/** Itself if it is an Error, else one that has it as its cause. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown), { cause: thrown });
}
