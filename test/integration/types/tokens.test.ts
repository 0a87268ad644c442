/** The server's own token() is the judge of our Murmur3 and of how we make routing keys. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { Decimal, type AsyncCassandraSession, type Row } from '../../../src/index.js';
import { ByteWriter } from '../../../src/protocol/byte-writer.js';
import { preparedQueryOf } from '../../../src/statement/prepared-statement.js';
import { murmur3Token } from '../../../src/topology/murmur3.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';
import { testVersions } from '../../support/node-table.js';

const RUNS = 200;

interface KeyCase {
  readonly title: string;
  /** The types of the key's columns k0, k1 … */
  readonly types: readonly string[];
  readonly keys: fc.Arbitrary<unknown[]>;
}

const text = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 40 })
  .filter((value) => !/\p{Surrogate}/u.test(value));
const bytes = fc.uint8Array({ minLength: 1, maxLength: 70 }).map((value) => Buffer.from(value));
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const CASES: readonly KeyCase[] = [
  { title: 'text with characters past ASCII', types: ['text'], keys: text.map((value) => [value]) },
  { title: 'blobs, above all with bytes over 127 at the end', types: ['blob'], keys: bytes.map((value) => [value]) },
  { title: 'bigint', types: ['bigint'], keys: int64.map((value) => [value]) },
  { title: 'uuid', types: ['uuid'], keys: fc.uuid().map((value) => [value]) },
  {
    title: 'decimal',
    types: ['decimal'],
    keys: fc.tuple(int64, int32).map(([unscaled, scale]) => [new Decimal(unscaled, scale)]),
  },
  { title: 'two columns: text and int', types: ['text', 'int'], keys: fc.tuple(text, int32).map((key) => [...key]) },
  {
    title: 'three columns: blob, bigint and a frozen list',
    types: ['blob', 'bigint', 'frozen<list<text>>'],
    keys: fc.tuple(bytes, int64, fc.array(text, { maxLength: 3 })).map((key) => [...key]),
  },
];

/** What the executor does before it asks the token ring. */
async function ourTokens(session: AsyncCassandraSession, query: string, keys: readonly unknown[][]): Promise<bigint[]> {
  const prepared = await session.prepare(query);
  return keys.map((key) => {
    const facts = preparedQueryOf(prepared);
    const writer = new ByteWriter();
    assert.ok(facts.bindPlan.writeRoutingKey(writer, key, facts.pkIndexes));
    return murmur3Token(writer.toBuffer());
  });
}

for (const version of testVersions) {
  describe(`tokens on Cassandra ${version}`, () => {
    let workspace: Workspace;

    before(async () => {
      workspace = await openWorkspace('types_tokens', { version });
    });

    after(() => workspace.close());

    for (const [index, { title, types, keys }] of CASES.entries()) {
      test(`${title}: our token is the server's`, async () => {
        const { session } = workspace;
        const names = types.map((_, column) => `k${column}`);
        const columns = names.map((name, column) => `${name} ${types[column] ?? ''}`);
        const table = `keys_${index}`;
        await session.execute(
          `CREATE TABLE ${table} (n int, ${columns.join(', ')}, PRIMARY KEY ((${names.join(', ')})))`,
        );

        const samples = fc.sample(keys, RUNS);
        const marks = names.map(() => '?').join(', ');
        // The number is a constant of the row, so that the key's columns are all that is bound.
        const expected = await ourTokens(
          session,
          `SELECT n FROM ${table} WHERE ${names.map((name) => `${name} = ?`).join(' AND ')}`,
          samples,
        );
        const insert = `INSERT INTO ${table} (n, ${names.join(', ')}) VALUES (?, ${marks})`;
        const { errors } = await session.executeConcurrent(
          insert,
          samples.map((key, n) => [n, ...key]),
        );
        assert.deepEqual(errors, []);
        const { rows } = await session.execute<Row & { n: number; hash: bigint }>(
          `SELECT n, token(${names.join(', ')}) AS hash FROM ${table}`,
        );
        assert.ok(rows.length > RUNS / 2, 'random keys are seldom equal');
        for (const { n, hash } of rows) assert.equal(expected[n], hash, `the key ${String(samples[n])}`);
      });
    }
  });
}
