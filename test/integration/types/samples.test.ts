/**
 * Values of every type, written on every way there is and read on every other: the text of CQL is the judge of what
 * the bytes of the bind markers mean.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { BatchStatement, BatchType, type AsyncCassandraSession, type Row } from '../../../src/index.js';
import { CQL_SAMPLES, SAMPLE_USER_TYPES, type CqlSample, type CqlSamples } from '../../support/cql-samples.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';
import { isAtLeast, testVersions } from '../../support/node-table.js';

type Writer = (session: AsyncCassandraSession, column: string, id: number, sample: CqlSample) => Promise<unknown>;

const WRITERS: Readonly<Record<string, Writer>> = {
  'a literal in the text': (session, column, id, { literal }) =>
    session.execute(`INSERT INTO samples (id, ${column}) VALUES (${id}, ${literal})`),
  'a string with parameters': (session, column, id, { value }) =>
    session.execute(`INSERT INTO samples (id, ${column}) VALUES (?, ?)`, [id, value]),
  'a prepared statement, by position': async (session, column, id, { value }) =>
    session.execute(await session.prepare(`INSERT INTO samples (id, ${column}) VALUES (?, ?)`), [id, value]),
  'a prepared statement, by name': async (session, column, id, { value }) =>
    session.execute(await session.prepare(`INSERT INTO samples (id, ${column}) VALUES (:k, :v)`), { v: value, k: id }),
  'a prepared statement with question marks, by column name': async (session, column, id, { value }) =>
    session.execute(await session.prepare(`INSERT INTO samples (id, ${column}) VALUES (?, ?)`), {
      [column]: value,
      id,
    }),
  'a bound statement': async (session, column, id, { value }) => {
    const prepared = await session.prepare(`UPDATE samples SET ${column} = ? WHERE id = ?`);
    return session.execute(prepared.bind([value, id]));
  },
  'a batch of prepared statements': async (session, column, id, { value }) => {
    const prepared = await session.prepare(`INSERT INTO samples (id, ${column}) VALUES (?, ?)`);
    return session.executeBatch(new BatchStatement({ type: BatchType.UNLOGGED }).add(prepared, [id, value]));
  },
  'a logged batch of texts': (session, column, id, { value, literal }) =>
    session.executeBatch(
      new BatchStatement()
        // Not into one row: a list set twice at one timestamp holds the elements of both.
        .add(`INSERT INTO samples (id, ${column}) VALUES (${-1 - id}, ${literal})`)
        .add(`UPDATE samples SET ${column} = ? WHERE id = ?`, [value, id]),
    ),
};

/** All types share a table, whose emptying would take longer than the rest: every row has a number of its own. */
let lastId = 100;

async function readEveryWay(
  session: AsyncCassandraSession,
  column: string,
): Promise<Map<string, Map<number, unknown>>> {
  const text = `SELECT id, ${column} FROM samples`;
  const prepared = await session.prepare(text);
  const byRow = (rows: Iterable<Row>): Map<number, unknown> =>
    new Map([...rows].map((row) => [row['id'] as number, row[column]]));
  const byPair = (rows: Iterable<unknown>): Map<number, unknown> =>
    new Map([...rows].map((row) => row as [number, unknown]));

  const ways = new Map<string, Map<number, unknown>>();
  ways.set('object rows of a text', byRow(await session.execute(text)));
  ways.set('array rows of a text', byPair(await session.execute(text, undefined, { rowMode: 'array' })));
  ways.set('object rows of a prepared statement', byRow(await session.execute(prepared)));
  ways.set('array rows of a prepared statement', byPair(await session.execute(prepared, [], { rowMode: 'array' })));
  ways.set('pages of seventy', byRow(await session.execute(prepared, [], { fetchSize: 70 })));
  const streamed: Row[] = [];
  await using stream = await session.executeStream(prepared, [], { fetchSize: 90 });
  for await (const row of stream) streamed.push(row);
  ways.set('a stream', byRow(streamed));
  return ways;
}

async function writeEveryWay(
  session: AsyncCassandraSession,
  samples: CqlSamples,
): Promise<Map<number, [string, unknown]>> {
  const written = new Map<number, [string, unknown]>();
  const nextId = (): number => (lastId += 1);
  for (const sample of samples.values) {
    for (const [way, write] of Object.entries(WRITERS)) {
      const id = nextId();
      written.set(id, [`${sample.literal} by ${way}`, sample.value]);
      await write(session, samples.name, id, sample);
    }
  }
  const id = nextId();
  written.set(id, ['null', null]);
  await session.execute(`INSERT INTO samples (id, ${samples.name}) VALUES (?, ?)`, [id, null]);
  return written;
}

for (const version of testVersions) {
  const known = CQL_SAMPLES.filter(({ since }) => since === undefined || isAtLeast(version, since));

  describe(`values on Cassandra ${version}`, () => {
    let workspace: Workspace;

    before(async () => {
      workspace = await openWorkspace('types_samples', { version });
      for (const create of SAMPLE_USER_TYPES) await workspace.session.execute(create);
      const columns = known.map(({ name, type }) => `${name} ${type}`);
      await workspace.session.execute(`CREATE TABLE samples (id int PRIMARY KEY, ${columns.join(', ')})`);
    });

    after(() => workspace.close());

    for (const samples of known) {
      test(`${samples.type}: whatever way a value is written, it is read as the same on every way`, async () => {
        const { session } = workspace;
        const written = await writeEveryWay(session, samples);
        for (const [way, values] of await readEveryWay(session, samples.name)) {
          for (const [id, [label, expected]] of written) {
            assert.deepEqual(values.get(id), expected, `${label}, read by ${way}`);
          }
        }
      });
    }

    test('the cql tag binds what it is given', async () => {
      const { session } = workspace;
      for (const { values } of known.filter(({ name }) => name === 'c_text')) {
        for (const { value } of values) {
          await session.cql`INSERT INTO samples (id, c_text) VALUES (${1}, ${value})`;
          assert.equal((await session.cql`SELECT c_text FROM samples WHERE id = ${1}`).one()?.['c_text'], value);
        }
      }
      const deep = known.find(({ name }) => name === 'c_deep')?.values[0]?.value;
      await session.cql`INSERT INTO samples (id, c_deep) VALUES (${2}, ${deep})`;
      assert.deepEqual((await session.cql`SELECT c_deep FROM samples WHERE id = ${2}`).one(), { c_deep: deep });
    });

    test('the columns of a result name every type as CQL does', async () => {
      const { columns } = await workspace.session.execute('SELECT * FROM samples');
      const types = new Map(columns.map(({ name, type }) => [name, type]));
      // A frozen tuple or collection keeps its mark only at the outermost place, where the server tells it.
      for (const { name, type } of known.filter((samples) => !samples.type.includes('<'))) {
        assert.equal(types.get(name), type, name);
      }
      assert.equal(types.get('c_list'), 'list<int>');
      assert.equal(types.get('c_map'), 'map<text, bigint>');
      if (types.has('v_float')) assert.equal(types.get('v_float'), 'vector<float, 3>');
    });

    test('one row with every type at once, all nulls, and all missing', async () => {
      const { session } = workspace;
      const values = Object.fromEntries(known.map(({ name, values: [first] }) => [name, first?.value ?? null]));
      const names = Object.keys(values);
      const marks = names.map(() => '?').join(', ');
      const insert = await session.prepare(`INSERT INTO samples (id, ${names.join(', ')}) VALUES (?, ${marks})`);
      await session.execute(insert, { id: 1, ...values });
      await session.execute(insert, [2, ...names.map(() => null)]);
      await session.execute(insert, [3, ...names.map(() => undefined)]);
      const nulls = Object.fromEntries(names.map((name) => [name, null]));
      const select = await session.prepare('SELECT * FROM samples WHERE id = ?');
      assert.deepEqual((await session.execute(select, [1])).one(), { id: 1, ...values });
      assert.deepEqual((await session.execute(select, [2])).one(), { id: 2, ...nulls });
      assert.deepEqual((await session.execute(select, [3])).one(), { id: 3, ...nulls });
    });
  });
}
