import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PreparedCache } from '../../../src/cluster/prepared-cache.js';

const CAPACITY = 4;

interface Kept {
  readonly query: string;
  readonly keyspace: string | null;
  readonly value: number;
}

const step = fc.record({
  act: fc.constantFrom('get', 'obtain', 'obtain', 'forget', 'forget another'),
  query: fc.constantFrom('a', 'b', 'c', 'd'),
  keyspace: fc.constantFrom(null, 'a', 'ks'),
});

test('a preparation that itself asks for the statement does not begin again', async () => {
  const cache = new PreparedCache<number>(CAPACITY);
  const inner: Promise<number>[] = [];
  let begun = 0;
  const prepare = (): Promise<number> => {
    begun++;
    inner.push(cache.obtain('a', null, prepare));
    return Promise.resolve(7);
  };
  assert.equal(await cache.obtain('a', null, prepare), 7);
  assert.deepEqual(await Promise.all(inner), [7]);
  assert.equal(begun, 1);
});

test('it keeps what a plain list kept in order of use would keep', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const cache = new PreparedCache<number>(CAPACITY);
      let model: Kept[] = [];
      for (const [value, { act, query, keyspace }] of steps.entries()) {
        const known = model.find((one) => one.query === query && one.keyspace === keyspace);
        const others = model.filter((one) => one !== known);
        if (act === 'get') {
          assert.equal(cache.get(query, keyspace), known?.value);
          if (known !== undefined) model = [...others, known];
        } else if (act === 'obtain') {
          const made = await cache.obtain(query, keyspace, () => Promise.resolve(value));
          assert.equal(made, known?.value ?? value);
          model = [...others, known ?? { query, keyspace, value }].slice(-CAPACITY);
        } else {
          cache.forget(query, keyspace, act === 'forget' ? (known?.value ?? -1) : -1);
          if (act === 'forget') model = others;
        }
        assert.equal(cache.size, model.length);
        assert.deepEqual(
          [...cache.values()],
          model.map((one) => one.value),
        );
      }
    }),
  );
});

test('what cannot be used goes to those who asked for it, and is not kept', async () => {
  const cache = new PreparedCache<string>(CAPACITY, (value) => value !== 'of yesterday');
  const asked = [1, 2].map(() => cache.obtain('q', null, () => Promise.resolve('of yesterday')));
  assert.deepEqual(await Promise.all(asked), ['of yesterday', 'of yesterday']);
  assert.equal(cache.size, 0);
  assert.equal(await cache.obtain('q', null, () => Promise.resolve('of today')), 'of today');
  assert.equal(cache.get('q', null), 'of today');
});

test('one preparation for all who ask meanwhile; a failed one is not kept', async () => {
  const cache = new PreparedCache<string>(CAPACITY);
  let asked = 0;
  const failing = (): Promise<string> => {
    asked++;
    return Promise.reject(new Error('not now'));
  };
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => cache.obtain('q', null, failing)));
  assert.ok(outcomes.every(({ status }) => status === 'rejected'));
  assert.equal(asked, 1);
  assert.equal(await cache.obtain('q', null, () => Promise.resolve('made')), 'made');
  assert.equal(cache.get('q', 'ks'), undefined, 'the same text in another keyspace is another statement');
});

test('of two preparations of one text, the first one abandoned, one is kept, whichever ends first', async () => {
  for (const order of [
    ['first', 'second'],
    ['second', 'first'],
  ]) {
    const cache = new PreparedCache<string>(CAPACITY);
    const ends = new Map<string, () => void>();
    const prepare = (text: string) => (): Promise<string> =>
      new Promise((resolve) => {
        ends.set(text, () => {
          resolve(text);
        });
      });
    const leaving = new AbortController();
    const left = cache.obtain('q', null, prepare('first'), { signal: leaving.signal });
    leaving.abort();
    await assert.rejects(left, { name: 'AbortError' });
    assert.ok(!cache.isPending('q', null));
    const second = cache.obtain('q', null, prepare('second'));
    for (const text of order) {
      ends.get(text)?.();
      await new Promise(setImmediate);
    }
    assert.equal(await second, 'second', 'whoever asked gets what was made for him');
    assert.deepEqual([...cache.values()], order.slice(0, 1));
    assert.equal(cache.size, 1);
    assert.ok(!cache.isPending('q', null));
  }
});

test('an abandoned preparation that fails takes nothing from the one begun after it', async () => {
  const cache = new PreparedCache<string>(CAPACITY);
  const leaving = new AbortController();
  let fail = (): void => assert.fail('not begun');
  const never = new Promise<string>((_resolve, reject) => {
    fail = () => {
      reject(new Error('the connection is lost'));
    };
  });
  const left = cache.obtain('q', null, () => never, { signal: leaving.signal });
  leaving.abort();
  await assert.rejects(left, { name: 'AbortError' });
  const begun = cache.obtain('q', null, () => new Promise<string>((resolve) => setImmediate(resolve, 'made')));
  fail();
  await never.catch(() => undefined);
  await Promise.resolve();
  assert.ok(cache.isPending('q', null), 'others still join it');
  assert.equal(await begun, 'made');
});
