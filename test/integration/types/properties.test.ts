/** Random values of every type through a real server: many of a type in each run, so that it stays quick. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc, { type Arbitrary } from 'fast-check';
import { CqlDuration, Decimal, type AsyncCassandraSession } from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';
import { isAtLeast, testVersions } from '../../support/node-table.js';

const RUNS = 6;
const VALUES_A_RUN = 50;

const MAX64 = 2n ** 63n - 1n;
const text = fc.string({ unit: 'binary', maxLength: 60 }).filter((value) => !/\p{Surrogate}/u.test(value));
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const int64 = fc.bigInt({ min: -MAX64 - 1n, max: MAX64 });
const varint = fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n });
const blob = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const date = fc.date({ min: new Date(-8.64e15), max: new Date(8.64e15), noInvalidDate: true });
const duration = fc
  .tuple(fc.boolean(), fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1), fc.bigInt({ min: 0n, max: MAX64 }))
  .map(([negative, months, days, nanoseconds]) =>
    negative ? new CqlDuration(0 - months, 0 - days, -nanoseconds) : new CqlDuration(months, days, nanoseconds),
  );
const address = fc.record(
  { street: fc.option(text), zip: fc.option(int32), tags: fc.option(sortedSet(int32)) },
  { noNullPrototype: true },
);

/** Sets and maps come back in the server's order; so they are made in it. */
function sortedSet(element: Arbitrary<number>): Arbitrary<Set<number>> {
  return fc.uniqueArray(element, { maxLength: 6 }).map((values) => new Set(values.sort((a, b) => a - b)));
}

function sortedMap<T>(value: Arbitrary<T>): Arbitrary<Map<number, T>> {
  return fc
    .uniqueArray(fc.tuple(int32, value), { maxLength: 5, selector: ([key]) => key })
    .map((entries) => new Map(entries.sort(([a], [b]) => a - b)));
}

const TYPES: readonly (readonly [type: string, values: Arbitrary<unknown>, since?: string])[] = [
  ['ascii', fc.string({ unit: 'binary-ascii', maxLength: 60 })],
  ['bigint', int64],
  ['blob', blob],
  ['boolean', fc.boolean()],
  [
    'date',
    date
      .map((value) => value.toISOString())
      .filter((value) => !/^[+-]/.test(value))
      .map((value) => value.slice(0, 10)),
  ],
  ['decimal', fc.tuple(varint, int32).map(([unscaled, scale]) => new Decimal(unscaled, scale))],
  ['double', fc.double()],
  ['duration', duration],
  ['float', fc.float()],
  ['inet', fc.ipV4()],
  ['int', int32],
  ['smallint', fc.integer({ min: -32768, max: 32767 })],
  ['text', text],
  ['time', fc.bigInt({ min: 0n, max: 86_399_999_999_999n })],
  ['timestamp', date],
  ['tinyint', fc.integer({ min: -128, max: 127 })],
  ['uuid', fc.uuid()],
  ['varint', varint],
  ['frozen<list<text>>', fc.array(text, { maxLength: 6 })],
  ['frozen<set<int>>', sortedSet(int32)],
  ['frozen<map<int, frozen<list<bigint>>>>', sortedMap(fc.array(int64, { maxLength: 4 }))],
  [
    'tuple<int, text, frozen<address>>',
    fc.tuple(fc.option(int32), fc.option(text), fc.option(address)).map((parts) => [...parts]),
  ],
  ['frozen<address>', address],
  [
    'frozen<map<int, frozen<list<frozen<map<int, frozen<address>>>>>>>',
    sortedMap(fc.array(sortedMap(address), { maxLength: 3 })),
  ],
  ['vector<float, 5>', fc.float32Array({ minLength: 5, maxLength: 5 }), '5.0'],
  ['vector<text, 3>', fc.array(text, { minLength: 3, maxLength: 3 }), '5.0'],
  ['vector<duration, 2>', fc.array(duration, { minLength: 2, maxLength: 2 }), '5.0'],
];

async function writeAndRead(
  session: AsyncCassandraSession,
  column: string,
  values: readonly unknown[],
): Promise<unknown[]> {
  const { errors } = await session.executeConcurrent(
    `INSERT INTO samples (id, ${column}) VALUES (?, ?)`,
    values.map((value, id) => [id, value]),
  );
  assert.deepEqual(errors, []);
  const { rows } = await session.execute(`SELECT id, ${column} FROM samples`);
  const read = new Map(rows.map((row) => [row['id'] as number, row[column]]));
  return values.map((_, id) => read.get(id));
}

for (const version of testVersions) {
  describe(`random values on Cassandra ${version}`, () => {
    let workspace: Workspace;
    const known = TYPES.filter(([, , since]) => since === undefined || isAtLeast(version, since));

    before(async () => {
      workspace = await openWorkspace('types_properties', { version });
      await workspace.session.execute('CREATE TYPE address (street text, zip int, tags frozen<set<int>>)');
      const columns = known.map(([type], n) => `c${n} ${type}`);
      await workspace.session.execute(`CREATE TABLE samples (id int PRIMARY KEY, ${columns.join(', ')})`);
    });

    after(() => workspace.close());

    for (const [n, [type, values]] of known.entries()) {
      test(`${type}: what is written is what is read`, async () => {
        const many = fc.array(values, { minLength: VALUES_A_RUN, maxLength: VALUES_A_RUN });
        await fc.assert(
          fc.asyncProperty(many, async (written) => {
            assert.deepEqual(await writeAndRead(workspace.session, `c${n}`, written), written);
          }),
          { numRuns: RUNS, endOnFailure: true },
        );
      });
    }
  });
}
