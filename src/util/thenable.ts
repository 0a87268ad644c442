/** True for whatever `await` waits for, which may come from a library or another realm: its rejection must be heard. */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  const mayBe = typeof value === 'object' || typeof value === 'function';
  return mayBe && typeof (value as { readonly then?: unknown } | null)?.then === 'function';
}
