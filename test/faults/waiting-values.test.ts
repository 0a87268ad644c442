import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidParameter, type AsyncClusterOptions } from '../../src/index.js';
import { bench, failure, type Bench } from './support.js';

const WRITE = 'INSERT INTO t (k, b) VALUES (:k, :b)';
/** One request at a time: all others wait. */
const NARROW: AsyncClusterOptions = { pooling: { maxRequestsPerConnection: 1 } };

async function prepared(options: AsyncClusterOptions): Promise<Bench> {
  const one = await bench(options);
  one.node.prepared(WRITE, {
    parameters: [
      { name: 'k', type: 'int' },
      { name: 'b', type: 'blob' },
    ],
  });
  await one.session.prepare(WRITE);
  return one;
}

/** The key and the first byte of the blob of each request that arrived. */
function written({ node }: Bench): (readonly [number | undefined, number | undefined])[] {
  return node.requests
    .filter(({ opcodeName }) => opcodeName === 'EXECUTE')
    .map(({ values }) => [values[0]?.readInt32BE(), values[1]?.[0]]);
}

const EXPECTED = Array.from({ length: 20 }, (_, i) => [i, i]);

test('requests that wait for a connection are sent with the values of their call, whatever became of them since', async () => {
  await using one = await prepared(NARROW);
  const byName = { k: 0, b: Buffer.alloc(1) };
  const byPosition: [number, Buffer] = [0, byName.b];
  const running: Promise<unknown>[] = [];
  for (let i = 0; i < 20; i++) {
    byName.k = byPosition[0] = i;
    byName.b[0] = i;
    running.push(one.session.execute(WRITE, i % 2 === 0 ? byName : byPosition));
  }
  await Promise.all(running);
  assert.deepEqual(written(one), EXPECTED);
});

test('the same for those that wait until their statement was prepared again', async () => {
  await using one = await prepared({});
  one.node.forgetPrepared();
  // The first one starts the preparation; the others wait behind it.
  const first = one.session.execute(WRITE, [0, Buffer.of(0)]);
  const values = { k: 0, b: Buffer.alloc(1) };
  const running: Promise<unknown>[] = [first];
  one.node.on({ opcode: 'PREPARE' }, () => {
    for (let i = 1; i < 20; i++) {
      values.k = i;
      values.b[0] = i;
      running.push(one.session.execute(WRITE, values));
    }
    return undefined;
  });
  await first;
  await Promise.all(running);
  assert.deepEqual(written(one).slice(1), EXPECTED);
});

test('a wrong value of a request that would have to wait is refused at once, and nothing waits for it', async () => {
  await using one = await prepared(NARROW);
  const first = one.session.execute(WRITE, [1, Buffer.of(1)]);
  const wrong = one.session.execute(WRITE, ['1', Buffer.of(1)]);
  assert.ok((await failure(wrong)) instanceof InvalidParameter);
  await first;
  assert.deepEqual(written(one), [[1, 1]]);
});

test('a text that must be prepared first is executed with the values of its call', async () => {
  await using one = await bench();
  one.node.prepared(WRITE, {
    parameters: [
      { name: 'k', type: 'int' },
      { name: 'b', type: 'blob' },
    ],
  });
  const values = { k: 1, b: Buffer.of(1) };
  const running = one.session.execute(WRITE, values);
  values.k = 2;
  values.b[0] = 2;
  await running;
  assert.deepEqual(written(one), [[1, 1]]);
});

test('an object of a class gives its parameters by getters, whether or not the text was prepared before', async () => {
  class Row {
    readonly #key: number;
    constructor(key: number) {
      this.#key = key;
    }
    get k(): number {
      return this.#key;
    }
    get b(): Buffer {
      return Buffer.of(this.#key);
    }
  }
  await using one = await bench();
  one.node.prepared(WRITE, {
    parameters: [
      { name: 'k', type: 'int' },
      { name: 'b', type: 'blob' },
    ],
  });
  const row = (key: number): Record<string, unknown> => new Row(key) as unknown as Record<string, unknown>;
  await one.session.execute(WRITE, row(1));
  await one.session.execute(WRITE, row(2));
  assert.deepEqual(written(one), [
    [1, 1],
    [2, 2],
  ]);
});

test('parameters that are none are the same before and after the text was prepared', async () => {
  await using one = await bench();
  for (let time = 0; time < 2; time++) {
    await one.session.execute('SELECT a FROM t', null as unknown as undefined);
    for (const wrong of [5, 'secret']) {
      const reason = await failure(one.session.execute('SELECT a FROM t', wrong as unknown as []));
      assert.ok(reason instanceof InvalidParameter);
      assert.match(reason.message, /Parameters are an array by position or an object by name/);
    }
  }
});
