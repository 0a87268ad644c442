import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { InvalidParameter } from '../../../src/errors.js';
import { takenValues } from '../../../src/statement/taken-values.js';

test('what the caller does to its arrays, buffers and objects afterwards does not show', () => {
  const inner = {
    blob: Buffer.of(1),
    buffer: new ArrayBuffer(1),
    vector: Float32Array.of(1, 2),
    date: new Date(5),
    list: [1, [2]],
    set: new Set([[1]]),
    map: new Map([['k', { a: 1 }]]),
  };
  const parameters = [inner, 'text', null, undefined, 5n];
  const taken = takenValues(parameters);
  const expected = structuredClone([{ ...inner, blob: null }, 'text', null, undefined, 5n]);
  inner.blob[0] = 9;
  new Uint8Array(inner.buffer)[0] = 9;
  inner.vector[0] = 9;
  inner.date.setTime(9);
  (inner.list[1] as number[])[0] = 9;
  for (const item of inner.set) item[0] = 9;
  inner.map.set('l', { a: 9 });
  parameters[1] = 'other';
  const { blob } = taken[0] as { blob: Buffer };
  assert.deepEqual([...blob], [1]);
  assert.ok(Buffer.isBuffer(blob));
  assert.deepStrictEqual([{ ...(taken[0] as object), blob: null }, ...taken.slice(1)], expected);
});

test('names such as __proto__ are names', () => {
  const taken = takenValues(JSON.parse('{ "__proto__": { "a": 1 }, "b": 2 }') as Record<string, unknown>);
  assert.deepEqual(Object.keys(taken), ['__proto__', 'b']);
  assert.equal(Object.getPrototypeOf(taken), Object.prototype);
});

test('objects of classes are what they were, getters and all', () => {
  class Point {
    readonly #x = 1;
    get x(): number {
      return this.#x;
    }
  }
  const point = new Point();
  assert.equal(takenValues(point as unknown as Record<string, unknown>), point);
  assert.equal(takenValues([point])[0], point);
});

test('no parameters, and what can be none', () => {
  for (const given of [undefined, null, 5, 'text']) assert.equal(takenValues(given as unknown as []), given);
});

test('what goes round in circles does so in the copy', () => {
  interface Order {
    items: { order: Order }[];
    all: Set<unknown>;
    byName: Map<unknown, unknown>;
  }
  const order: Order = { items: [], all: new Set(), byName: new Map() };
  // As object mappers make them: a copy of each way through would never end.
  for (let i = 0; i < 12; i++) order.items.push({ order });
  order.all.add(order.all).add(order);
  order.byName.set(order.byName, order);
  const [taken] = takenValues([order]);
  assert.ok(taken);
  assert.notEqual(taken, order);
  assert.equal(taken.items.length, 12);
  for (const item of taken.items) assert.equal(item.order, taken);
  assert.deepEqual([...taken.all], [taken.all, taken]);
  assert.deepEqual([...taken.byName], [[taken.byName, taken]]);
  const circle: unknown[] = [];
  circle.push(circle);
  const [within] = takenValues(circle) as unknown[][];
  assert.ok(within !== undefined && within !== circle);
  assert.equal(within[0], within);
});

test('what is there many times is copied once', () => {
  let reads = 0;
  let chain: object = {
    get leaf(): number {
      return ++reads;
    },
  };
  for (let i = 0; i < 24; i++) chain = { a: chain, b: chain };
  const [taken] = takenValues([chain]) as [{ a: object; b: object }];
  assert.equal(taken.a, taken.b);
  assert.equal(reads, 1);
});

test('iterators are read to their end, and can then be read any number of times', () => {
  const inner = [1];
  const given = [
    new Set([inner]).values(),
    (function* () {
      yield inner;
    })(),
    { [Symbol.iterator]: () => [inner].values(), name: 'kept' },
  ];
  const taken = takenValues(given) as (Iterable<number[]> & { name?: string })[];
  inner[0] = 9;
  for (const iterable of [...taken, ...taken]) assert.deepEqual([...iterable], [[1]]);
  assert.equal(taken[2]?.name, 'kept');
});

test('parameters that are an iterator themselves are left to be refused', () => {
  const endless = (function* (): Generator<number> {
    for (;;) yield 1;
  })();
  assert.equal(takenValues(endless as unknown as []), endless);
});

test('plain objects of another realm are plain', () => {
  const given = vm.runInNewContext('({ list: [1], a: 1 })') as { list: number[]; a: number };
  const taken = takenValues(given);
  given.list[0] = given.a = 2;
  assert.equal(JSON.stringify(taken), '{"list":[1],"a":1}');
});

test('a view whose memory was transferred is left to be refused', () => {
  const views = [Uint8Array.of(1), Float32Array.of(1)];
  for (const { buffer } of views) structuredClone(buffer, { transfer: [buffer] });
  assert.deepEqual(takenValues(views), views);
  assert.equal(takenValues(views)[0], views[0]);
  assert.equal(takenValues([Buffer.alloc(0)])[0]?.length, 0);
});

test('a getter that throws is an InvalidParameter with the cause', () => {
  const cause = new RangeError('mine');
  const parameters = {
    get a(): number {
      throw cause;
    },
  };
  assert.throws(
    () => takenValues(parameters),
    (error) => error instanceof InvalidParameter && error.cause === cause,
  );
});
