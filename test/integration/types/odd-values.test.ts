/** What other drivers get wrong about values: unset and null, empty collections, counters, names that objects know. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { BatchStatement, BatchType, CqlDuration, Decimal, InvalidParameter } from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';
import { testVersions } from '../../support/node-table.js';

for (const version of testVersions) {
  describe(`odd values on Cassandra ${version}`, () => {
    let workspace: Workspace;

    before(async () => {
      workspace = await openWorkspace('types_odd_values', { version });
      const { session } = workspace;
      await session.execute('CREATE TABLE kv (id int PRIMARY KEY, a text, b text)');
      await session.execute(
        'CREATE TABLE colls (id int PRIMARY KEY, l list<int>, fl frozen<list<int>>, fm frozen<map<int, frozen<set<int>>>>)',
      );
      await session.execute('CREATE TABLE hits (id int PRIMARY KEY, n counter, m counter)');
      await session.execute(
        'CREATE TABLE names (id int PRIMARY KEY, "__proto__" text, constructor text, "toString" text, "hasOwnProperty" text, "then" text)',
      );
    });

    after(() => workspace.close());

    test('undefined leaves a column as it is, null deletes it', async () => {
      const { session } = workspace;
      const insert = await session.prepare('INSERT INTO kv (id, a, b) VALUES (?, ?, ?)');
      const read = async (): Promise<unknown> => (await session.execute('SELECT a, b FROM kv WHERE id = 1')).one();
      await session.execute(insert, [1, 'a', 'b']);
      await session.execute(insert, [1, undefined, null]);
      assert.deepEqual(await read(), { a: 'a', b: null });
      await session.execute(insert, { id: 1, a: undefined, b: 'again' });
      assert.deepEqual(await read(), { a: 'a', b: 'again' });
      await session.execute(insert.bind([1, undefined, undefined]));
      assert.deepEqual(await read(), { a: 'a', b: 'again' });
      await session.executeBatch(new BatchStatement().add(insert, [1, null, undefined]));
      assert.deepEqual(await read(), { a: null, b: 'again' });
    });

    test('an empty collection is a value where it is frozen, and none where it is not', async () => {
      const { session } = workspace;
      const insert = 'INSERT INTO colls (id, l, fl, fm) VALUES (?, ?, ?, ?)';
      await session.execute(insert, [1, [], [], new Map()]);
      await session.execute(insert, [2, null, null, null]);
      await session.execute(insert, [3, [1], [1], new Map([[1, new Set()]])]);
      const rows = (await session.execute('SELECT l, fl, fm FROM colls WHERE id IN (1, 2, 3)')).rows;
      assert.deepEqual(rows, [
        { l: null, fl: [], fm: new Map() },
        { l: null, fl: null, fm: null },
        { l: [1], fl: [1], fm: new Map([[1, new Set()]]) },
      ]);
    });

    test('counters: by number, bigint and text, in batches of their own, past 2^53', async () => {
      const { session } = workspace;
      const add = await session.prepare('UPDATE hits SET n = n + ?, m = m - ? WHERE id = ?');
      await session.execute(add, [1, 1n, 1]);
      await session.execute(add, ['9007199254740993', 0, 1]);
      await session.executeBatch(
        new BatchStatement({ type: BatchType.COUNTER })
          .add(add, [1, 1, 1])
          .add('UPDATE hits SET n = n + 1 WHERE id = 1'),
      );
      assert.deepEqual((await session.execute('SELECT n, m FROM hits WHERE id = 1')).one(), {
        n: 9007199254740996n,
        m: -2n,
      });
    });

    test('columns with names that every object has', async () => {
      const { session } = workspace;
      const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then'];
      await session.execute(
        'INSERT INTO names (id, "__proto__", constructor, "toString", "hasOwnProperty", "then") VALUES (?, ?, ?, ?, ?, ?)',
        [1, ...names],
      );
      for (const query of ['SELECT * FROM names', 'SELECT * FROM names WHERE id = ?']) {
        const row = (await session.execute(query, query.endsWith('?') ? [1] : undefined)).one();
        assert.ok(row !== null);
        assert.deepEqual(Object.keys(row).sort(), ['id', ...names].sort());
        for (const name of names) assert.equal(Object.getOwnPropertyDescriptor(row, name)?.value, name);
        assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
        assert.deepEqual(structuredClone(row), row);
        assert.deepEqual({ ...row }, row);
        assert.ok(JSON.stringify(row).includes('"__proto__":"__proto__"'));
      }
      const named = JSON.parse('{"id": 2, "__proto__": "p", "constructor": "c"}') as Record<string, unknown>;
      await session.execute('INSERT INTO names (id, "__proto__", constructor) VALUES (?, ?, ?)', named);
      const [row] = (
        await session.execute('SELECT "__proto__", constructor FROM names WHERE id = 2', undefined, {
          rowMode: 'array',
        })
      ).rows as unknown[];
      assert.deepEqual(row, ['p', 'c']);
    });

    test('names that an object merely inherits are not taken for parameters', async () => {
      const missing = workspace.session.execute('INSERT INTO names (id, constructor) VALUES (?, ?)', { id: 3 });
      await assert.rejects(missing, InvalidParameter);
    });

    test('values of other libraries bind by their shape', async () => {
      const { session } = workspace;
      await session.execute(
        'CREATE TABLE shapes (id int PRIMARY KEY, d decimal, du duration, t timestamp, i bigint, b blob)',
      );
      const insert = 'INSERT INTO shapes (id, d, du, t, i, b) VALUES (?, ?, ?, ?, ?, ?)';
      const shapes = [
        [1, '1.50', '1mo2d', '2026-11-21T00:00:00Z', '9223372036854775807', new Uint8Array([1, 2]).buffer],
        [1n, new Decimal(150n, 2), 'P1M2D', Date.UTC(2026, 10, 21), 2n ** 63n - 1n, Uint8Array.of(1, 2)],
        [
          1,
          { toString: (): string => '1.50', toFixed: (): string => '1.50', s: 1, e: 0, c: [1, 5] },
          new CqlDuration(1, 2, 0n),
          BigInt(Date.UTC(2026, 10, 21)),
          2n ** 63n - 1n,
          Buffer.from([1, 2]),
        ],
      ];
      for (const [n, shape] of shapes.entries()) {
        await session.execute(insert, shape);
        const row = (await session.execute('SELECT * FROM shapes WHERE id = 1')).one();
        const expected = {
          id: 1,
          b: Buffer.from([1, 2]),
          du: new CqlDuration(1, 2, 0n),
          t: new Date(Date.UTC(2026, 10, 21)),
          i: 2n ** 63n - 1n,
        };
        // Shape 2 says its value in text, from which the last zero may be gone.
        assert.equal(Number(row?.['d']), 1.5, `shape ${n}`);
        assert.deepEqual({ ...row, d: null }, { ...expected, d: null }, `shape ${n}`);
      }
    });
  });
}
