import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AsyncCluster,
  ConfigurationError,
  InvalidRequest,
  SimpleStatement,
  type AsyncCassandraSession,
} from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

const ONE = 'it_keyspace_one';
const TWO = 'it_keyspace_two';
const MIXED = 'It_Keyspace_Mixed';

let space: Workspace;
let session: AsyncCassandraSession;

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

before(async () => {
  space = await openWorkspace('it_keyspace');
  session = await space.cluster.connect();
  for (const name of [ONE, TWO, MIXED]) {
    await session.execute(`DROP KEYSPACE IF EXISTS ${quoted(name)}`);
    await session.execute(
      `CREATE KEYSPACE ${quoted(name)} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
    );
    await session.execute(`CREATE TABLE ${quoted(name)}.here (id int PRIMARY KEY, name text)`);
    await session.execute(`INSERT INTO ${quoted(name)}.here (id, name) VALUES (?, ?)`, [1, name]);
  }
});
after(async () => {
  for (const name of [ONE, TWO, MIXED]) await session.execute(`DROP KEYSPACE IF EXISTS ${quoted(name)}`);
  await space.close();
});

const SELECT = 'SELECT name FROM here WHERE id = ?';

async function where(of: AsyncCassandraSession, options = {}): Promise<unknown> {
  const prepared = (await of.execute(SELECT, [1], options)).one()?.['name'];
  const plain = (await of.execute('SELECT name FROM here WHERE id = 1', undefined, options)).one()?.['name'];
  assert.equal(plain, prepared);
  return prepared;
}

test('a session’s keyspace: at connect, from the cluster’s options, none', async () => {
  const at = await space.cluster.connect(ONE);
  assert.equal(at.keyspace, ONE);
  assert.equal(await where(at), ONE);
  await using cluster = new AsyncCluster({ ...space.options, keyspace: TWO });
  const byDefault = await cluster.connect();
  assert.equal(byDefault.keyspace, TWO);
  assert.equal(await where(byDefault), TWO);
  const none = await space.cluster.connect();
  assert.equal(none.keyspace, null);
  await assert.rejects(none.execute(SELECT, [1]), InvalidRequest);
});

test('one text, prepared in two keyspaces, is two statements', async () => {
  const [one, two] = await Promise.all([space.cluster.connect(ONE), space.cluster.connect(TWO)]);
  for (let round = 0; round < 3; round++) {
    assert.deepEqual(await Promise.all([where(one), where(two)]), [ONE, TWO]);
  }
});

test('setKeyspace, back and forth', async () => {
  const own = await space.cluster.connect(ONE);
  for (const name of [TWO, ONE, MIXED, TWO]) {
    await own.setKeyspace(name);
    assert.equal(own.keyspace, name);
    assert.equal(await where(own), name);
  }
});

test('setKeyspace beside 2,000 running requests: each is answered in the keyspace that it began in', async () => {
  const own = await space.cluster.connect(ONE);
  await where(own);
  let expected = ONE;
  const running: Promise<void>[] = [];
  const start = (): void => {
    const begunIn = expected;
    running.push(
      own.execute(SELECT, [1]).then((result) => {
        assert.equal(result.one()?.['name'], begunIn);
      }),
    );
  };
  for (const name of [TWO, ONE, TWO, ONE]) {
    for (let at = 0; at < 500; at++) start();
    await own.setKeyspace(name);
    expected = name;
  }
  await Promise.all(running);
  assert.equal(running.length, 2000);
});

test('a prepared statement stays in the keyspace that it was prepared in', async () => {
  const own = await space.cluster.connect(ONE);
  const select = await own.prepare(SELECT);
  await own.setKeyspace(TWO);
  assert.equal((await own.execute(select, [1])).one()?.['name'], ONE);
});

test('an unknown keyspace is InvalidRequest and leaves the session as it was', async () => {
  const own = await space.cluster.connect(ONE);
  await assert.rejects(own.setKeyspace('it_keyspace_nowhere'), (error: Error) => {
    assert.ok(error instanceof InvalidRequest);
    assert.match(error.message, /it_keyspace_nowhere/);
    return true;
  });
  assert.equal(own.keyspace, ONE);
  assert.equal(await where(own), ONE);
  await assert.rejects(space.cluster.connect('it_keyspace_nowhere'), InvalidRequest);
  await assert.rejects(own.setKeyspace(''), ConfigurationError);
});

test('a keyspace that did not exist can be used once it does', async () => {
  const name = 'it_keyspace_late';
  const own = await space.cluster.connect(ONE);
  await own.execute(`DROP KEYSPACE IF EXISTS ${name}`);
  await assert.rejects(own.setKeyspace(name), InvalidRequest);
  await own.execute(`CREATE KEYSPACE ${name} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`);
  await own.setKeyspace(name);
  assert.equal(own.keyspace, name);
  await own.execute('CREATE TABLE t (id int PRIMARY KEY)');
  await own.execute(`DROP KEYSPACE ${name}`);
});

test('USE through execute moves the session', async () => {
  const own = await space.cluster.connect(ONE);
  const result = await own.execute(`USE ${TWO}`);
  assert.equal(result.length, 0);
  assert.equal(own.keyspace, TWO);
  assert.equal(await where(own), TWO);
  await own.execute(`use ${quoted(MIXED)};`);
  assert.equal(own.keyspace, MIXED);
  assert.equal(await where(own), MIXED);
  await own.execute(`USE ${ONE.toUpperCase()}`);
  assert.equal(own.keyspace, ONE);
  await own.execute(new SimpleStatement(`/* a comment */ USE ${TWO} -- and another\n`));
  assert.equal(await where(own), TWO);
  await assert.rejects(own.execute('USE it_keyspace_nowhere'), InvalidRequest);
  assert.equal(await where(own), TWO);
});

test('a keyspace of mixed case', async () => {
  const own = await space.cluster.connect(MIXED);
  assert.equal(own.keyspace, MIXED);
  assert.equal(await where(own), MIXED);
  const { columns } = await own.execute(SELECT, [1]);
  assert.equal(columns[0]?.keyspace, MIXED);
});

test('a keyspace for one request alone', async () => {
  const own = await space.cluster.connect(ONE);
  assert.equal(await where(own, { keyspace: TWO }), TWO);
  assert.equal(await where(own, { keyspace: MIXED }), MIXED);
  assert.equal(await where(own), ONE);
  const prepared = await own.prepare(SELECT, { keyspace: TWO });
  assert.equal((await own.execute(prepared, [1])).one()?.['name'], TWO);
  const none = await space.cluster.connect();
  assert.equal(await where(none, { keyspace: ONE }), ONE);
  const statement = new SimpleStatement('SELECT name FROM here WHERE id = 1', { keyspace: TWO });
  assert.equal((await own.execute(statement)).one()?.['name'], TWO);
});

test('a stream stays in the keyspace that it began in', async () => {
  const own = await space.cluster.connect(ONE);
  await own.execute('CREATE TABLE many (p int, c int, PRIMARY KEY (p, c))');
  await own.executeConcurrent(
    'INSERT INTO many (p, c) VALUES (1, ?)',
    Array.from({ length: 100 }, (_, c) => [c]),
  );
  const stream = await own.executeStream('SELECT c FROM many', undefined, { fetchSize: 10 });
  await own.setKeyspace(TWO);
  let rows = 0;
  for await (const row of stream) rows += typeof row['c'] === 'number' ? 1 : 0;
  assert.equal(rows, 100);
});
