import assert from 'node:assert/strict';
import { test } from 'node:test';
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

test('no parameters, what can be none, and what goes round in circles', () => {
  for (const given of [undefined, null, 5, 'text']) assert.equal(takenValues(given as unknown as []), given);
  const circle: unknown[] = [];
  circle.push(circle);
  assert.equal(takenValues(circle).length, 1);
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
