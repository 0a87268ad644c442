import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AsyncCluster, InvalidParameter } from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';
import { testVersions } from '../../support/node-table.js';

class Address {
  street: string | null = null;
  zip: number | null = null;
  tags: Set<string> | null = null;

  get label(): string {
    return `${this.street ?? ''} ${String(this.zip)}`;
  }
}

/** Takes its fields in the constructor, and never changes. */
class Point {
  readonly x: number;
  readonly y: number;

  constructor(fields: { readonly x: number; readonly y: number }) {
    this.x = fields.x;
    this.y = fields.y;
  }
}

function address(street: string, zip: number | null, tags: readonly string[] | null): Address {
  return Object.assign(new Address(), { street, zip, tags: tags === null ? null : new Set(tags) });
}

for (const version of testVersions) {
  describe(`user-defined types on Cassandra ${version}`, () => {
    const keyspace = 'types_user_types';
    let workspace: Workspace;

    before(async () => {
      workspace = await openWorkspace(keyspace, { version });
      const { session } = workspace;
      await session.execute('CREATE TYPE address (street text, zip int, tags frozen<set<text>>)');
      await session.execute('CREATE TYPE point (x int, y int)');
      await session.execute(
        'CREATE TYPE holder (empty_list frozen<list<int>>, empty_map frozen<map<int, int>>, txt text)',
      );
      await session.execute(
        `CREATE TABLE people (id int PRIMARY KEY, home address, spot frozen<point>,
           all_homes list<frozen<address>>, by_spot map<frozen<point>, frozen<address>>, held frozen<holder>)`,
      );
    });

    after(() => workspace.close());

    test('plain objects by default: every field is there, null where it has no value', async () => {
      const { session } = workspace;
      await session.execute('INSERT INTO people (id, home) VALUES (?, ?)', [1, { street: 'Main' }]);
      const row = (await session.execute('SELECT home FROM people WHERE id = 1')).one();
      assert.deepEqual(row, { home: { street: 'Main', zip: null, tags: null } });
    });

    test('a field that the type does not have is refused, not dropped', async () => {
      const insert = workspace.session.execute('INSERT INTO people (id, home) VALUES (?, ?)', [1, { stret: 'Main' }]);
      await assert.rejects(insert, InvalidParameter);
    });

    test('empty collections inside a type are written as empty, not as null', async () => {
      const { session } = workspace;
      const held = { empty_list: [], empty_map: new Map(), txt: '' };
      await session.execute('INSERT INTO people (id, held) VALUES (?, ?)', [2, held]);
      assert.deepEqual((await session.execute('SELECT held FROM people WHERE id = 2')).one(), { held });
    });

    test('one field of a type that is not frozen can be set alone', async () => {
      const { session } = workspace;
      await session.execute('INSERT INTO people (id, home) VALUES (?, ?)', [3, { street: 'Main', zip: 1 }]);
      await session.execute('UPDATE people SET home.zip = ? WHERE id = ?', [2, 3]);
      const row = (await session.execute('SELECT home FROM people WHERE id = 3')).one();
      assert.deepEqual(row, { home: { street: 'Main', zip: 2, tags: null } });
    });

    for (const when of ['before', 'after'] as const) {
      test(`a class that was registered ${when} connect is what rows give, and what binds`, async () => {
        await using cluster = new AsyncCluster(workspace.options);
        const register = (): void => {
          cluster.registerUserType(keyspace, 'address', Address);
          cluster.registerUserType(keyspace, 'point', Point);
        };
        if (when === 'before') register();
        const session = await cluster.connect(keyspace);
        if (when === 'after') {
          // What was prepared and read before must not keep the old way of reading.
          await session.execute('SELECT home, spot, all_homes, by_spot FROM people WHERE id = ?', [9]);
          register();
        }
        const home = address('Long', 5, ['x', 'y']);
        const spot = new Point({ x: 1, y: -1 });
        const row = { home, spot, all_homes: [home, address('Short', null, null)], by_spot: new Map([[spot, home]]) };
        await session.execute(
          'INSERT INTO people (id, home, spot, all_homes, by_spot) VALUES (:id, :home, :spot, :all_homes, :by_spot)',
          { id: 9, ...row },
        );
        const read = (
          await session.execute('SELECT home, spot, all_homes, by_spot FROM people WHERE id = ?', [9])
        ).one();
        assert.deepEqual(read, row);
        assert.ok(read.home instanceof Address);
        assert.equal(read.home.label, 'Long 5');
        assert.ok(read.spot instanceof Point);
      });
    }

    test('a type that grows is read with its new field, by statements that were prepared before too', async () => {
      const { session } = workspace;
      await session.execute('CREATE TYPE growing (a int)');
      await session.execute('CREATE TABLE growth (id int PRIMARY KEY, v frozen<growing>)');
      const insert = await session.prepare('INSERT INTO growth (id, v) VALUES (?, ?)');
      const select = await session.prepare('SELECT v FROM growth WHERE id = ?');
      await session.execute(insert, [1, { a: 1 }]);
      assert.deepEqual((await session.execute(select, [1])).one(), { v: { a: 1 } });
      await session.execute('ALTER TYPE growing ADD b text');
      assert.deepEqual((await session.execute(select, [1])).one(), { v: { a: 1, b: null } });
      // The same text, prepared anew and by itself: both know of the new field.
      const fresh = await session.prepare('INSERT INTO growth (id, v) VALUES (?, ?)');
      await session.execute(fresh, [2, { a: 2, b: 'two' }]);
      assert.deepEqual((await session.execute(select, [2])).one(), { v: { a: 2, b: 'two' } });
      await session.execute('INSERT INTO growth (id, v) VALUES (?, ?)', [3, { a: 3, b: 'three' }]);
      assert.deepEqual((await session.execute(select, [3])).one(), { v: { a: 3, b: 'three' } });
      // The one that was prepared before does not lose it without a word, and goes on with what it knows.
      await assert.rejects(session.execute(insert, [4, { a: 4, b: 'four' }]), InvalidParameter);
      await session.execute(insert, [4, { a: 4 }]);
      assert.deepEqual((await session.execute(select, [4])).one(), { v: { a: 4, b: null } });
    });
  });
}
