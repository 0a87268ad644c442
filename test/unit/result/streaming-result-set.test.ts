import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { OperationTimedOut, QueryError } from '../../../src/errors.js';
import type { PageFetcher, StreamStart } from '../../../src/result/page-source.js';
import type { QueryTrace } from '../../../src/result/query-trace.js';
import { AsyncResultSet, attachTraceReader } from '../../../src/result/result-set.js';
import { resolveStreamConfig, type StreamConfig } from '../../../src/result/stream-config.js';
import { AsyncStreamingResultSet } from '../../../src/result/streaming-result-set.js';
import { INFO, ListFetcher, ManualFetcher, N, pagesOf, state, turn, type Numbered } from './support.js';

type Stream = AsyncStreamingResultSet<Numbered>;

function open(
  fetcher: PageFetcher<Numbered>,
  config: StreamConfig<Numbered> = {},
  start: StreamStart = {},
): Promise<Stream> {
  return AsyncStreamingResultSet.open(fetcher, resolveStreamConfig(config), start);
}

async function numbers(stream: AsyncIterable<Numbered>): Promise<number[]> {
  const seen: number[] = [];
  for await (const row of stream) seen.push(row.n);
  return seen;
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

/** A page by hand; `next` is the state of the page after it. */
function page(rows: number[], next: number | null): AsyncResultSet<Numbered> {
  const objects = rows.map((n) => ({ n }));
  return new AsyncResultSet(objects, [N], next === null ? null : state(next), INFO);
}

function first(fetcher: ManualFetcher): void {
  fetcher.calls[0]?.resolve(page([0, 1], 1));
}

describe('reading', () => {
  for (const prefetchPages of [0, 1, 3]) {
    test(`all rows come in order, ${String(prefetchPages)} pages ahead`, async () => {
      const stream = await open(new ListFetcher([3, 1, 4, 2]), { prefetchPages });
      assert.deepEqual(await numbers(stream), upTo(10));
      assert.equal(stream.pageNumber, 4);
      assert.equal(stream.totalRowsFetched, 10);
      assert.equal(stream.pagingState, null);
    });
  }

  for (const sizes of [[0, 2], [2, 0, 0, 3, 0], [0, 0, 0], [0]]) {
    test(`an empty page does not end a stream (rows were lost): pages of ${sizes.join()}`, async () => {
      const total = sizes.reduce((sum, size) => sum + size, 0);
      assert.deepEqual(await numbers(await open(new ListFetcher(sizes))), upTo(total));
      const pages: Numbered[][] = [];
      for await (const rows of (await open(new ListFetcher(sizes))).pages()) pages.push(rows);
      assert.deepEqual(
        pages.flat().map((row) => row.n),
        upTo(total),
      );
      assert.ok(pages.every((rows) => rows.length > 0));
      const seen: number[] = [];
      for await (const row of (await open(new ListFetcher(sizes))).toReadable()) seen.push((row as Numbered).n);
      assert.deepEqual(seen, upTo(total));
    });
  }

  test('columns are known before the first row', async () => {
    const stream = await open(new ListFetcher([1]));
    assert.deepEqual(stream.columns, [{ keyspace: 'ks', table: 't', name: 'n', type: 'int' }]);
    assert.equal(stream.pageNumber, 0);
    await stream.close();
  });

  test('next() called many times without waiting gives every row once, in order', async () => {
    const iterator = (await open(new ListFetcher([2, 0, 2])))[Symbol.asyncIterator]();
    const results = await Promise.all(Array.from({ length: 6 }, () => iterator.next()));
    assert.deepEqual(
      results.map(({ value }) => value?.n),
      [0, 1, 2, 3, undefined, undefined],
    );
    assert.deepEqual(await iterator.next(), { value: undefined, done: true });
  });

  test('a second reader is a clear error, whatever its kind', async () => {
    const readers: ((stream: Stream) => unknown)[] = [
      (stream) => stream[Symbol.asyncIterator](),
      (stream) => stream.pages(),
      (stream) => stream.toReadable(),
    ];
    for (const one of readers) {
      for (const other of readers) {
        const stream = await open(new ListFetcher([1]));
        one(stream);
        assert.throws(
          () => other(stream),
          (error: unknown) => error instanceof QueryError && error.code === 'ERR_STREAM_CONSUMED',
        );
        stream.cancel();
      }
    }
  });

  test('info and trace are those of the page that is being read, also when the stream is closed', async () => {
    const pages = pagesOf([1, 0, 1]).map(({ rows, pagingState }, page) => {
      const info = { ...INFO, warnings: [`page ${String(page)}`], tracingId: `id ${String(page)}` };
      const result = new AsyncResultSet<Numbered>(rows, [N], pagingState, info);
      attachTraceReader(result, (tracingId) => Promise.resolve({ tracingId } as QueryTrace));
      return result;
    });
    const seen: unknown[] = [];
    const note = async (): Promise<unknown> =>
      seen.push([stream.pageNumber, stream.info.warnings[0], (await stream.getQueryTrace()).tracingId]);
    const fetch = async (pagingState: Buffer | null): Promise<AsyncResultSet<Numbered>> => {
      const page = pages[pagingState?.[0] ?? 0];
      assert.ok(page !== undefined);
      return page;
    };
    const stream: Stream = await open({ fetch }, { pageCallback: note });
    await note();
    for await (const row of stream) assert.ok(row.n < 2);
    await note();
    assert.deepEqual(seen, [
      [0, 'page 0', 'id 0'],
      [1, 'page 0', 'id 0'],
      [2, 'page 1', 'id 1'],
      [3, 'page 2', 'id 2'],
      [3, 'page 2', 'id 2'],
    ]);
    await assert.rejects((await open(new ListFetcher([1]))).getQueryTrace(), QueryError);
  });

  test('the paging state is that of the page after the present one, also when the stream is closed', async () => {
    const stream = await open(new ListFetcher([2, 2, 2]));
    assert.equal(stream.pagingState, null);
    for await (const row of stream) if (row.n === 3) break;
    assert.deepEqual(stream.pagingState, state(2));
    const rest = await open(new ListFetcher([2, 2, 2]), {}, { pagingState: stream.pagingState });
    assert.deepEqual(rest.pagingState, state(2));
    assert.deepEqual(await numbers(rest), [4, 5]);
  });

  test('maxPages ends the stream, and it can be gone on with', async () => {
    const fetcher = new ListFetcher([2, 2, 2]);
    const stream = await open(fetcher, { maxPages: 2, prefetchPages: 5 });
    assert.deepEqual(await numbers(stream), [0, 1, 2, 3]);
    assert.deepEqual(fetcher.asked, [0, 1]);
    assert.deepEqual(stream.pagingState, state(2));
  });
});

describe('prefetching', () => {
  for (const prefetchPages of [0, 1, 2]) {
    test(`no more than ${String(prefetchPages)} pages ahead are ever asked for`, async () => {
      const fetcher = new ListFetcher(upTo(8).map(() => 2));
      const stream = await open(fetcher, { prefetchPages });
      await turn();
      assert.deepEqual(fetcher.asked, [0], 'nothing ahead before anybody reads');
      for await (const row of stream) {
        for (let i = 0; i < 5; i++) await turn();
        const present = Math.floor(row.n / 2);
        assert.equal(fetcher.asked.length, Math.min(8, present + 1 + prefetchPages));
      }
    });
  }

  test('an error of a page ahead comes after the rows before it', async () => {
    const fetcher = new ManualFetcher();
    const opening = open(fetcher);
    first(fetcher);
    const stream = await opening;
    const error = new Error('page 2 failed');
    const iterator = stream[Symbol.asyncIterator]();
    assert.deepEqual(await iterator.next(), { value: { n: 0 }, done: false });
    fetcher.calls[1]?.reject(error);
    await turn();
    assert.deepEqual(await iterator.next(), { value: { n: 1 }, done: false });
    await assert.rejects(iterator.next(), (got: unknown) => got === error);
    assert.deepEqual(await iterator.next(), { value: undefined, done: true });
  });
});

describe('errors', () => {
  test('an error of the first page surfaces where the stream is asked for (it hung for ever)', async () => {
    const error = new Error('no such table');
    await assert.rejects(open({ fetch: () => Promise.reject(error) }), (got: unknown) => got === error);
  });

  test('a void result is an empty stream (it hung for ever)', async () => {
    const nothing = new AsyncResultSet<Numbered>([], [], null, INFO);
    const stream = await open({ fetch: () => Promise.resolve(nothing) });
    assert.deepEqual(await numbers(stream), []);
    assert.deepEqual(stream.columns, []);
  });

  test('fetching that fails synchronously is an error, not a deadlock', async () => {
    const error = new Error('at once');
    const pages = pagesOf([1, 1]);
    let calls = 0;
    const fetcher: PageFetcher<Numbered> = {
      fetch: () => {
        const result = pages[calls];
        if (calls++ > 0 || result === undefined) throw error;
        return Promise.resolve(result);
      },
    };
    for (const prefetchPages of [0, 1]) {
      calls = 0;
      const stream = await open(fetcher, { prefetchPages });
      await assert.rejects(numbers(stream), (got: unknown) => got === error);
    }
    calls = 1;
    await assert.rejects(open(fetcher), (got: unknown) => got === error);
  });

  test('an error is told to one call only; those that wait behind it are told of the end', async () => {
    const fetcher = new ManualFetcher();
    const opening = open(fetcher, { prefetchPages: 0 });
    fetcher.calls[0]?.resolve(page([], 1));
    const iterator = (await opening)[Symbol.asyncIterator]();
    const calls = [iterator.next(), iterator.next(), iterator.next()];
    await turn();
    fetcher.calls[1]?.reject(new Error('lost'));
    const settled = await Promise.allSettled(calls);
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['rejected', 'fulfilled', 'fulfilled'],
    );
  });
});

describe('the page callback', () => {
  test('is told of each page before its rows, empty ones included', async () => {
    const told: string[] = [];
    const stream = await open(new ListFetcher([1, 0, 2]), {
      pageCallback: (number, rows) => told.push(`${String(number)}:${String(rows.length)}`),
    });
    assert.equal(told.length, 0);
    for await (const row of stream) told.push(`row ${String(row.n)}`);
    assert.deepEqual(told, ['1:1', 'row 0', '2:0', '3:2', 'row 1', 'row 2']);
  });

  test('is waited for if it returns a promise', async () => {
    let finished = 0;
    const stream = await open(new ListFetcher([1, 1]), {
      pageCallback: async () => {
        await turn();
        finished++;
      },
    });
    for await (const row of stream) assert.equal(finished, row.n + 1);
  });

  for (const kind of ['throws', 'rejects']) {
    test(`fails the stream if it ${kind}`, async () => {
      const error = new Error('full');
      const stream = await open(new ListFetcher([1, 1]), {
        pageCallback: (number) => {
          if (number < 2) return undefined;
          if (kind === 'rejects') return Promise.reject(error);
          throw error;
        },
      });
      const seen: number[] = [];
      await assert.rejects(
        async () => {
          for await (const row of stream) seen.push(row.n);
        },
        (got: unknown) => got === error,
      );
      assert.deepEqual(seen, [0]);
    });
  }

  test('may close the stream', async () => {
    const stream: Stream = await open(new ListFetcher([1, 1]), {
      pageCallback: (number) => {
        if (number === 2) stream.cancel();
      },
    });
    assert.deepEqual(await numbers(stream), [0]);
  });
});

describe('ending early', () => {
  async function reading(): Promise<{ fetcher: ManualFetcher; stream: Stream; iterator: AsyncIterator<Numbered> }> {
    const fetcher = new ManualFetcher();
    const opening = open(fetcher);
    first(fetcher);
    const stream = await opening;
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    assert.equal(fetcher.calls.length, 2);
    return { fetcher, stream, iterator };
  }

  test('leaving the loop gives up the page that is being fetched', async () => {
    const fetcher = new ManualFetcher();
    const opening = open(fetcher);
    first(fetcher);
    for await (const row of await opening) if (row.n === 0) break;
    assert.equal(fetcher.calls[1]?.signal?.aborted, true);
  });

  test('a throw in the loop gives it up, too, and comes out as it is', async () => {
    const fetcher = new ManualFetcher();
    const opening = open(fetcher);
    first(fetcher);
    const stream = await opening;
    const error = new Error('mine');
    await assert.rejects(
      async () => {
        for await (const row of stream) if (row.n === 0) throw error;
      },
      (got: unknown) => got === error,
    );
    assert.equal(fetcher.calls[1]?.signal?.aborted, true);
  });

  test('throw() of the iterator closes the stream and rejects', async () => {
    const { fetcher, iterator } = await reading();
    const error = new Error('mine');
    await assert.rejects(iterator.throw?.(error) ?? assert.fail(), (got: unknown) => got === error);
    assert.equal(fetcher.calls[1]?.signal?.aborted, true);
  });

  test('cancel() wakes a reader that waits, and drops rows that were not read', async () => {
    const { fetcher, stream, iterator } = await reading();
    stream.cancel();
    assert.deepEqual(await iterator.next(), { value: undefined, done: true });
    fetcher.calls[1]?.resolve(page([2], null));
    await turn();
    assert.equal(stream.totalRowsFetched, 2, 'a late page is not wanted');

    const other = await reading();
    await other.iterator.next();
    const waiting = other.iterator.next();
    await turn();
    other.stream.cancel();
    assert.deepEqual(await waiting, { value: undefined, done: true });
  });

  test('a stream that is closed before the first row ends at once (it hung for ever)', async () => {
    const stream = await open(new ListFetcher([2, 2]));
    await stream.close();
    await stream.close();
    assert.deepEqual(await numbers(stream), []);
  });

  test('await using closes it', async () => {
    const fetcher = new ManualFetcher();
    const opening = open(fetcher);
    first(fetcher);
    {
      await using stream = await opening;
      await stream[Symbol.asyncIterator]().next();
    }
    assert.equal(fetcher.calls[1]?.signal?.aborted, true);
  });
});

describe('abort', () => {
  test('an abort while the first page is awaited rejects with its reason', async () => {
    const fetcher = new ManualFetcher();
    const controller = new AbortController();
    const opening = open(fetcher, {}, { signal: controller.signal });
    controller.abort('stop');
    await assert.rejects(opening, (got: unknown) => got === 'stop');
    assert.equal(fetcher.calls[0]?.signal?.aborted, true);
  });

  test('a signal that is aborted already asks for nothing', async () => {
    const fetcher = new ListFetcher([1]);
    const reason = new Error('before');
    await assert.rejects(open(fetcher, {}, { signal: AbortSignal.abort(reason) }), (got: unknown) => got === reason);
    assert.deepEqual(fetcher.asked, []);
  });

  test('an abort wakes a reader that waits, and rows that are there are not handed out any more', async () => {
    for (const isWaiting of [true, false]) {
      const fetcher = new ManualFetcher();
      const controller = new AbortController();
      const opening = open(fetcher, {}, { signal: controller.signal });
      first(fetcher);
      const iterator = (await opening)[Symbol.asyncIterator]();
      await iterator.next();
      if (isWaiting) await iterator.next();
      const waiting = isWaiting ? iterator.next() : null;
      const reason = new Error('stop');
      controller.abort(reason);
      await assert.rejects(waiting ?? iterator.next(), (got: unknown) => got === reason);
      assert.equal(fetcher.calls[1]?.signal?.aborted, true);
    }
  });
});

describe('the time limit', () => {
  test('holds for the whole stream, not for each page', async () => {
    const stream = await open(
      {
        fetch: async (pagingState) => {
          await new Promise((resolve) => setTimeout(resolve, 15));
          return page([0], (pagingState?.[0] ?? 0) + 1);
        },
      },
      { timeoutMs: 100 },
    );
    const started = performance.now();
    await assert.rejects(numbers(stream), (error: unknown) => {
      return error instanceof OperationTimedOut && error.timeoutMs === 100;
    });
    assert.ok(performance.now() - started < 2000);
  });

  test('ends a page that never comes, the first one too', async () => {
    const fetcher = new ManualFetcher();
    await assert.rejects(open(fetcher, { timeoutMs: 10 }), OperationTimedOut);
    assert.equal(fetcher.calls[0]?.signal?.aborted, true);
  });

  test('holds for rows that are there', async () => {
    const stream = await open(new ListFetcher([5]), { timeoutMs: 500 });
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const row of stream) {
        seen.push(row.n);
        await new Promise((resolve) => setTimeout(resolve, 600));
      }
    }, OperationTimedOut);
    assert.deepEqual(seen, [0]);
  });
});

describe('toReadable', () => {
  test('gives rows as they are wanted', async () => {
    const fetcher = new ListFetcher(upTo(50).map(() => 20));
    const readable = (await open(fetcher)).toReadable();
    const seen: number[] = [];
    for await (const row of readable) {
      seen.push((row as Numbered).n);
      // What lies in Node's buffer, the page at hand and the one ahead.
      assert.ok(fetcher.asked.length <= Math.ceil((seen.length + 64) / 20) + 3);
    }
    assert.deepEqual(seen, upTo(1000));
  });

  for (const how of ['read()', 'read(0)', 'pause, read(), resume']) {
    for (const sizes of [[3, 1, 4, 2], upTo(20).map(() => 33), [1, 0, 100, 5000, 7]]) {
      const pages = sizes.length > 5 ? '20 of 33' : sizes.join();
      test(`read by a data handler that calls ${how}, the last page was lost: pages of ${pages}`, async () => {
        const readable = (await open(new ListFetcher(sizes))).toReadable();
        const seen: number[] = [];
        readable.on('data', (row: Numbered) => {
          seen.push(row.n);
          if (how.startsWith('pause')) readable.pause();
          readable.read(how === 'read(0)' ? 0 : undefined);
          if (how.startsWith('pause')) readable.resume();
        });
        await once(readable, 'end');
        assert.deepEqual(seen, upTo(sizes.reduce((sum, size) => sum + size, 0)));
      });
    }
  }

  test('rows that are put back within a handler do not end the reading', async () => {
    const readable = (await open(new ListFetcher([100, 100]))).toReadable();
    let rows = 0;
    let isFilled = false;
    readable.on('data', ({ n }: Numbered) => {
      if (n >= 0) rows++;
      if (isFilled) return;
      isFilled = true;
      // So many that Node's buffer is full, while it believes that rows were asked for.
      readable.pause();
      readable.read();
      for (let i = 0; i < 64; i++) readable.unshift({ n: -1 });
      readable.resume();
    });
    await once(readable, 'end');
    assert.equal(rows, 200);
  });

  test('an error destroys it; destroying it closes the stream', async () => {
    const error = new Error('page 2 failed');
    const failing = (
      await open({
        fetch: (pagingState) => (pagingState === null ? Promise.resolve(page([0], 1)) : Promise.reject(error)),
      })
    ).toReadable();
    await assert.rejects(
      async () => {
        for await (const row of failing) assert.equal((row as Numbered).n, 0);
      },
      (got: unknown) => got === error,
    );

    const fetcher = new ManualFetcher();
    const opening = open(fetcher);
    first(fetcher);
    const readable = (await opening).toReadable();
    for await (const row of readable) {
      assert.equal((row as Numbered).n, 0);
      break;
    }
    assert.equal(readable.destroyed, true);
    assert.equal(fetcher.calls[1]?.signal?.aborted, true);
  });

  test('cancel() ends it', async () => {
    const fetcher = new ManualFetcher();
    const opening = open(fetcher);
    first(fetcher);
    const stream = await opening;
    const seen: number[] = [];
    for await (const row of stream.toReadable()) {
      seen.push((row as Numbered).n);
      if (seen.length === 2) stream.cancel();
    }
    assert.deepEqual(seen, [0, 1]);
  });
});
