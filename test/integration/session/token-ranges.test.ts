import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCluster, InvalidParameter } from '../../../src/index.js';
import { openWorkspace } from '../../support/keyspace.js';
import { testVersions } from '../../support/node-table.js';

const ROWS = 300;

for (const version of testVersions) {
  test(`a table read by token ranges on Cassandra ${version}: every row once, whatever the parts`, async () => {
    const space = await openWorkspace('it_token_ranges', { version });
    try {
      const { session, cluster, keyspace } = space;
      const { metadata } = cluster;
      await session.execute('CREATE TABLE t (a int, b text, v int, PRIMARY KEY ((a, b)))');
      const insert = 'INSERT INTO t (a, b, v) VALUES (?, ?, ?)';
      const values = Array.from({ length: ROWS }, (_, i) => [i, `b${String(i)}`, i]);
      await session.executeConcurrent(insert, values);

      const ranges = metadata.getTokenRanges(keyspace);
      const [host] = metadata.hosts;
      assert.ok(host !== undefined);
      assert.equal(ranges.length, host.tokens.length + 1);
      for (const { replicas } of ranges) assert.deepEqual(replicas, [host]);
      const part = await session.prepare(
        'SELECT v, token(a, b) AS position FROM t WHERE token(a, b) > ? AND token(a, b) <= ?',
      );
      for (const parts of [1, 3]) {
        const seen: unknown[] = [];
        for (const range of ranges.flatMap((one) => one.split(parts))) {
          const { rows } = await session.execute(part, [range.start, range.end]);
          for (const row of rows) {
            assert.ok(range.contains(row['position'] as bigint));
            seen.push(row['v']);
          }
        }
        assert.deepEqual(
          seen.map(Number).sort((a, b) => a - b),
          values.map(([a]) => a),
        );
      }
    } finally {
      await space.close();
    }
  });
}

test('before the first connection there are no ranges; wrong arguments are refused', async () => {
  await using cluster = new AsyncCluster({ contactPoints: ['127.0.0.1'] });
  const { metadata } = cluster;
  assert.deepEqual(metadata.getTokenRanges(), []);
  assert.deepEqual(metadata.getTokenRanges('nowhere'), []);
  assert.throws(() => metadata.getTokenRanges(5 as unknown as string), InvalidParameter);
  assert.throws(() => metadata.getToken('key' as unknown as Buffer), InvalidParameter);
  assert.throws(() => metadata.getReplicas('nowhere', 'key' as unknown as Buffer), InvalidParameter);
});
