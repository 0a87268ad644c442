import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { resolveStreamConfig } from '../../../src/result/stream-config.js';
import { AsyncStreamingResultSet } from '../../../src/result/streaming-result-set.js';
import { ListFetcher, turn } from './support.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Opens a stream, reads a row of it if asked to, and drops it. */
async function forget(signal: AbortSignal, reads: number): Promise<WeakRef<object>> {
  const stream = await AsyncStreamingResultSet.open(
    new ListFetcher([5, 5, 5]),
    resolveStreamConfig({ timeoutMs: 60_000 }),
    { signal },
  );
  const iterator = stream[Symbol.asyncIterator]();
  for (let i = 0; i < reads; i++) await iterator.next();
  return new WeakRef(iterator);
}

for (const reads of [0, 1, 6]) {
  test(`a stream that is forgotten after ${String(reads)} rows leaks nothing`, async () => {
    const controller = new AbortController();
    const forgotten = await forget(controller.signal, reads);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
    for (let i = 0; i < 50; i++) {
      await turn();
      collect();
      if (forgotten.deref() === undefined && getEventListeners(controller.signal, 'abort').length === 0) break;
    }
    assert.equal(forgotten.deref(), undefined, 'its pages are still held');
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0, 'the signal still knows it');
    assert.equal(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length, 0);
  });
}

test('a stream that was read to its end leaves the signal at once', async () => {
  const { signal } = new AbortController();
  const stream = await AsyncStreamingResultSet.open(new ListFetcher([2, 1]), resolveStreamConfig(), { signal });
  let rows = 0;
  for await (const row of stream) rows += row.n >= 0 ? 1 : 0;
  assert.equal(rows, 3);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});
