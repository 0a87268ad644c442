import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import {
  BatchStatement,
  SimpleStatement,
  type AsyncClusterOptions,
  type AsyncCassandraSession,
} from '../../src/index.js';
import { reactions, rows, type FakeNode, type TypeLike } from '../../src/testing/index.js';
import { bench, benchOf, type ClusterBench } from './support.js';

const WRITE = 'INSERT INTO ks.t (k, v) VALUES (:k, :v)';
const ONE_TWO_THREE = '00000003000000040000000100000004000000020000000400000003';

/** A table whose partition key is of this type. */
async function keyed(type: string, options: AsyncClusterOptions = {}): Promise<ClusterBench> {
  const tables = [{ name: 't', columns: { k: type, v: 'text' }, partitionKey: ['k'] }];
  const some = await benchOf(3, options, { keyspaces: [{ name: 'ks', tables }] });
  for (const node of some.nodes) node.on(WRITE, reactions.void());
  return some;
}

/** The keys that arrived, of single statements and of batches. */
function keys(nodes: readonly FakeNode[]): string[] {
  return nodes.flatMap(({ requests }) =>
    requests.flatMap(({ opcodeName, values, batch }) => {
      if (opcodeName === 'BATCH') return batch.map((member) => member.values[0]?.toString('hex') ?? 'null');
      return opcodeName === 'EXECUTE' ? [values[0]?.toString('hex') ?? 'null'] : [];
    }),
  );
}

function* generated(): Generator<number> {
  yield* [1, 2, 3];
}

const ONCE: [string, () => Iterable<number>][] = [
  ["a Set's values()", () => new Set([1, 2, 3]).values()],
  ["a Map's keys()", () => new Map([1, 2, 3].map((n) => [n, n])).keys()],
  ['a generator', generated],
  ['an object with an iterator', () => ({ [Symbol.iterator]: generated })],
];

const WAYS: [string, (session: AsyncCassandraSession, key: Iterable<number>) => Promise<unknown>][] = [
  ['prepared', async (session, key) => session.execute(await session.prepare(WRITE), [key, 'v'])],
  ['prepared, by name', async (session, k) => session.execute(await session.prepare(WRITE), { k, v: 'v' })],
  ['bound', async (session, key) => session.execute((await session.prepare(WRITE)).bind([key, 'v']))],
  ['a text', (session, key) => session.execute(WRITE, [key, 'v'])],
  ['a SimpleStatement', (session, key) => session.execute(new SimpleStatement(WRITE, { parameters: [key, 'v'] }))],
  ['many', (session, key) => session.executeConcurrent(WRITE, [[key, 'v']])],
  ['a batch', (session, key) => session.executeBatch(new BatchStatement().add(WRITE, [key, 'v']))],
];

for (const type of ['frozen<list<int>>', 'frozen<set<int>>']) {
  test(`a key of type ${type} that can be read once arrives whole, however it is sent`, async () => {
    await using some = await keyed(type);
    for (const [what, make] of ONCE) {
      for (const [way, send] of WAYS) {
        const before = keys(some.nodes).length;
        // Twice: a text is prepared by the first and known by the second.
        await send(some.session, make());
        await send(some.session, make());
        const arrived = keys(some.nodes);
        assert.equal(arrived.length, before + 2);
        assert.ok(
          arrived.every((key) => key === ONE_TWO_THREE),
          `${what}, ${way}: ${arrived.join()}`,
        );
      }
    }
  });
}

test('the same key goes to the same node, given as an iterator or as an array', async () => {
  await using some = await keyed('frozen<list<int>>', { loadBalancingPolicy: undefined });
  const statement = await some.session.prepare(WRITE);
  for (let i = 0; i < 10; i++) {
    await some.session.execute(statement, [[1, 2, 3], 'v']);
    await some.session.execute(statement, [generated(), 'v']);
  }
  assert.equal(some.nodes.filter((node) => keys([node]).length > 0).length, 1);
});

test("a key that the user's own codec reads is read once, too", async () => {
  const codec = {
    type: 'text',
    encode: (value: unknown): string => [...(value as Iterable<number>)].join('-'),
    decode: (value: unknown): unknown => value,
  };
  await using some = await keyed('text', { values: { codecs: [codec] } });
  const statement = await some.session.prepare(WRITE);
  await some.session.execute(statement, [generated(), 'abc']);
  assert.deepEqual(keys(some.nodes), [Buffer.from('1-2-3').toString('hex')]);
});

test('a batch of texts may be executed again: what its iterators gave is still there', async () => {
  await using some = await keyed('frozen<list<int>>');
  const batch = new BatchStatement().add(WRITE, [generated(), 'v']);
  for (let time = 0; time < 3; time++) await some.session.executeBatch(batch);
  assert.deepEqual(keys(some.nodes), [ONE_TWO_THREE, ONE_TWO_THREE, ONE_TWO_THREE]);
});

test('a getter among named parameters is called once for each request', async () => {
  await using some = await keyed('text');
  const statement = await some.session.prepare(WRITE);
  let calls = 0;
  const parameters = {
    k: 'a',
    get v(): string {
      return String(++calls);
    },
  };
  await some.session.execute(statement, parameters);
  await some.session.execute(statement, parameters);
  assert.equal(calls, 2);
});

// ---- pages -----------------------------------------------------------------------------------------------------------

const READ = 'SELECT n FROM t WHERE k IN ?';
const LABEL: TypeLike = {
  kind: 'udt',
  keyspace: 'ks',
  name: 'label',
  fields: [{ name: 'text', type: { kind: 'scalar', name: 'text' } }],
  frozen: true,
};

function paged(node: FakeNode, type: TypeLike): void {
  node.prepared(READ, { columns: [{ name: 'n', type: 'int' }], parameters: [{ name: 'k', type }] });
  node.on(READ, rows({ length: 6, row: (n) => [n] }, { columns: { n: 'int' } }));
}

function sent(node: FakeNode): (string | undefined)[] {
  return node.requests
    .filter(({ opcodeName }) => opcodeName === 'EXECUTE')
    .map(({ values }) => values[0]?.toString('hex'));
}

test('every page of a stream is asked for with what an iterator gave', async () => {
  await using one = await bench();
  paged(one.node, 'list<int>');
  for (const statement of [READ, new SimpleStatement(READ, { parameters: [generated()] })]) {
    const parameters = statement === READ ? [generated()] : undefined;
    const stream = await one.session.executeStream(statement, parameters, { fetchSize: 2 });
    for await (const row of stream) assert.ok(row);
  }
  assert.deepEqual(
    sent(one.node),
    Array.from({ length: 6 }, () => ONE_TWO_THREE),
  );
});

test('every page of a stream is asked for with what an object of a class was at first', async () => {
  class Label {
    text = 'mine';
  }
  await using one = await bench();
  one.cluster.registerUserType('ks', 'label', Label);
  paged(one.node, LABEL);
  const label = new Label();
  const stream = await one.session.executeStream(READ, [label], { fetchSize: 2, prefetchPages: 0 });
  label.text = 'changed';
  for await (const row of stream) assert.ok(row);
  assert.deepEqual(
    sent(one.node),
    Array.from({ length: 3 }, () => '000000046d696e65'),
  );
});

test('a stream of a text goes on after its statement was pushed out of the cache, and after its table was made anew', async () => {
  await using one = await bench({ maxPreparedStatements: 1 });
  paged(one.node, 'list<int>');
  const stream = await one.session.executeStream(READ, [[1, 2, 3]], { fetchSize: 2, prefetchPages: 0 });
  let read = 0;
  for await (const row of stream) {
    assert.ok(row);
    read++;
    if (read === 2) await one.session.execute('SELECT other FROM t WHERE k = ?', ['x']);
    if (read === 4) {
      await one.session.execute('SELECT other FROM t WHERE k = ?', ['x']);
      paged(one.node, 'list<bigint>');
    }
  }
  assert.equal(read, 6);
  const pages = one.node.requests.filter(({ statement, opcodeName }) => statement === READ && opcodeName === 'EXECUTE');
  assert.deepEqual(
    pages.map(({ values }) => values[0]?.length),
    [28, 28, 40],
  );
});

test("a payload's bytes are those of the call, in the first execution of a text and in later pages", async () => {
  await using one = await bench();
  paged(one.node, 'list<int>');
  const told = (): unknown[] =>
    one.node.requests
      .filter(({ opcodeName }) => opcodeName === 'EXECUTE')
      .map(({ customPayload }) => customPayload?.['k']?.toString());
  for (const setting of ['call', 'statement'] as const) {
    const k = Buffer.from('mine');
    const payload = { customPayload: { k } };
    const statement = new SimpleStatement(READ, setting === 'statement' ? payload : {});
    const options = { fetchSize: 2, ...(setting === 'call' ? payload : {}) };
    const running = one.session.execute(statement, [[1]], options);
    k.write('gone');
    await running;
    k.write('mine');
    const stream = await one.session.executeStream(statement, [[1]], { ...options, prefetchPages: 0 });
    k.write('gone');
    for await (const row of stream) assert.ok(row);
  }
  assert.deepEqual(
    told(),
    Array.from({ length: 12 }, () => 'mine'),
  );
});

test('a plain object of another realm is taken over as one of this realm is', async () => {
  await using one = await bench();
  one.node.prepared(WRITE, {
    parameters: [
      { name: 'k', type: 'text' },
      { name: 'v', type: 'text' },
    ],
  });
  const parameters = vm.runInNewContext("({ k: 'mine', v: 'v' })") as { k: string };
  const running = one.session.execute(WRITE, parameters);
  parameters.k = 'changed';
  await running;
  assert.deepEqual(sent(one.node), [Buffer.from('mine').toString('hex')]);
});
