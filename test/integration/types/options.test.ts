/** The options in `values`, and a user's own codecs, on a real node. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  AsyncCluster,
  QueryError,
  type AsyncCassandraSession,
  type CqlCodec,
  type ValueOptions,
} from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

describe('values: how they are read', () => {
  let workspace: Workspace;

  before(async () => {
    workspace = await openWorkspace('types_options');
    const { session } = workspace;
    await session.execute('CREATE TYPE money (amount bigint, tags frozen<set<text>>)');
    await session.execute(
      `CREATE TABLE vals (id int PRIMARY KEY, b bigint, v varint, s set<int>, m map<text, bigint>, im map<int, text>,
         n frozen<map<text, frozen<set<bigint>>>>, u frozen<money>, t timestamp, ts list<timestamp>)`,
    );
    await session.execute('CREATE TABLE hits (id int PRIMARY KEY, n counter)');
    await session.execute('UPDATE hits SET n = n + 7 WHERE id = 1');
    await session.execute(
      `INSERT INTO vals (id, b, v, s, m, im, n, u, t, ts) VALUES (1, 5, 6, {2, 1}, {'k': 3}, {9: 'nine'},
         {'deep': {1, 2}}, {amount: 10, tags: {'x'}}, 1000, [2000])`,
    );
  });

  after(() => workspace.close());

  async function withValues<T>(values: ValueOptions, use: (session: AsyncCassandraSession) => Promise<T>): Promise<T> {
    await using cluster = new AsyncCluster({ ...workspace.options, values });
    return await use(await cluster.connect(workspace.keyspace));
  }

  const FIELDS = 'b, v, s, m, im, n, u';

  test('defaults: bigint, Set, Map', async () => {
    const row = (await workspace.session.execute(`SELECT ${FIELDS} FROM vals WHERE id = 1`)).one();
    assert.deepEqual(row, {
      b: 5n,
      v: 6n,
      s: new Set([1, 2]),
      m: new Map([['k', 3n]]),
      im: new Map([[9, 'nine']]),
      n: new Map([['deep', new Set([1n, 2n])]]),
      u: { amount: 10n, tags: new Set(['x']) },
    });
  });

  test("int64 'number', set 'array', map 'object', all the way down; and what is read can be written", async () => {
    await withValues({ int64: 'number', set: 'array', map: 'object' }, async (session) => {
      const expected = {
        b: 5,
        v: 6n,
        s: [1, 2],
        m: { k: 3 },
        im: { 9: 'nine' },
        n: { deep: [1, 2] },
        u: { amount: 10, tags: ['x'] },
      };
      const row = (await session.execute(`SELECT ${FIELDS} FROM vals WHERE id = 1`)).one();
      assert.deepEqual(row, expected);
      const insert = `INSERT INTO vals (id, ${FIELDS}) VALUES (:id, :b, :v, :s, :m, :im, :n, :u)`;
      await session.execute(insert, { id: 2, ...row });
      assert.deepEqual((await session.execute(`SELECT ${FIELDS} FROM vals WHERE id = 2`)).one(), expected);
      assert.deepEqual((await session.execute('SELECT n FROM hits')).one(), { n: 7 });
    });
  });

  test('both zeros in a set or as keys are kept or refused, never merged', async () => {
    const { session } = workspace;
    await session.execute('CREATE TABLE zeros (id int PRIMARY KEY, s set<double>, m map<float, int>)');
    await session.execute('INSERT INTO zeros (id, s, m) VALUES (1, {-0.0, 0.0}, {-0.0: 1, 0.0: 2})');
    for (const column of ['s', 'm']) {
      await assert.rejects(session.execute(`SELECT ${column} FROM zeros`), { code: 'ERR_VALUE_OUT_OF_RANGE' });
    }
    await withValues({ set: 'array', map: 'object' }, async (other) => {
      const row = (await other.execute('SELECT id, s, m FROM zeros')).one();
      assert.deepEqual(row, { id: 1, s: [-0, 0], m: { '-0': 1, 0: 2 } });
      await other.execute('INSERT INTO zeros (id, s, m) VALUES (:id, :s, :m)', { ...row, id: 2 });
      const { rows } = await other.execute('SELECT s, m FROM zeros');
      assert.deepEqual(rows[0], rows[1]);
    });
  });

  test("int64 'number' refuses what a number cannot hold", async () => {
    await withValues({ int64: 'number' }, async (session) => {
      const [safe, unsafe] = [2n ** 53n - 1n, 2n ** 53n];
      await session.execute('INSERT INTO vals (id, b) VALUES (?, ?)', [3, safe]);
      assert.deepEqual((await session.execute('SELECT b FROM vals WHERE id = 3')).one(), { b: Number(safe) });
      await session.execute('INSERT INTO vals (id, b) VALUES (?, ?)', [4, unsafe]);
      await assert.rejects(session.execute('SELECT b FROM vals WHERE id = 4'), QueryError);
      // The connection is none the worse for it.
      assert.equal((await session.execute('SELECT b FROM vals WHERE id = 3')).length, 1);
    });
  });

  test("int64 'string' survives JSON both ways", async () => {
    await withValues({ int64: 'string' }, async (session) => {
      const max = String(2n ** 63n - 1n);
      const sent = JSON.parse(JSON.stringify({ id: 5, b: max })) as Record<string, unknown>;
      await session.execute('INSERT INTO vals (id, b) VALUES (:id, :b)', sent);
      const row = (await session.execute('SELECT b FROM vals WHERE id = 5')).one();
      assert.equal(JSON.stringify(row), `{"b":"${max}"}`);
    });
  });

  test('a codec of the user replaces a type wherever it stands', async () => {
    const seconds: CqlCodec = {
      type: 'timestamp',
      decode: (value) => (value as Date).getTime() / 1000,
      encode: (value) => new Date((value as number) * 1000),
    };
    const upper: CqlCodec = {
      type: 'map<int, text>',
      decode: (value) => [...(value as Map<number, string>)].map(([key, text]) => `${key}=${text}`),
      encode: (value) => new Map((value as string[]).map((pair) => [Number(pair.split('=')[0]), pair.split('=')[1]])),
    };
    await withValues({ codecs: [seconds, upper] }, async (session) => {
      const row = (await session.execute('SELECT t, ts, im FROM vals WHERE id = 1')).one();
      assert.deepEqual(row, { t: 1, ts: [2], im: ['9=nine'] });
      await session.execute('INSERT INTO vals (id, t, ts, im) VALUES (?, ?, ?, ?)', [6, 3, [4, 5], ['1=a']]);
    });
    const row = (await workspace.session.execute('SELECT t, ts, im FROM vals WHERE id = 6')).one();
    assert.deepEqual(row, { t: new Date(3000), ts: [new Date(4000), new Date(5000)], im: new Map([[1, 'a']]) });
  });

  test('a codec that works on bytes', async () => {
    const hex: CqlCodec = {
      type: 'bigint',
      raw: true,
      decode: (value) => (value as Buffer).toString('hex'),
      encode: (value) => Buffer.from(value as string, 'hex'),
    };
    await withValues({ codecs: [hex] }, async (session) => {
      assert.deepEqual((await session.execute('SELECT b FROM vals WHERE id = 1')).one(), { b: '0000000000000005' });
      await session.execute('INSERT INTO vals (id, b) VALUES (?, ?)', [7, '00000000000000ff']);
    });
    assert.deepEqual((await workspace.session.execute('SELECT b FROM vals WHERE id = 7')).one(), { b: 255n });
  });

  test('a codec that throws fails its own request alone', async () => {
    const broken: CqlCodec = {
      type: 'timestamp',
      decode: () => {
        throw new RangeError('decode');
      },
      encode: () => {
        throw new RangeError('encode');
      },
    };
    await withValues({ codecs: [broken] }, async (session) => {
      await assert.rejects(session.execute('SELECT t FROM vals WHERE id = 1'), QueryError);
      await assert.rejects(session.execute('INSERT INTO vals (id, t) VALUES (?, ?)', [8, new Date()]), QueryError);
      assert.equal((await session.execute('SELECT id FROM vals WHERE id = 8')).length, 0);
    });
  });
});
