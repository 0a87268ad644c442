/** What is no Promise, but rejects like one: unless somebody listens, the process hears of it. */
export function rejectedThenable(reason: Error): PromiseLike<never> {
  const inner = Promise.reject(reason);
  return { then: (onFulfilled, onRejected) => inner.then(onFulfilled, onRejected) };
}
