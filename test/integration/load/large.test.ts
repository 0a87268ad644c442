import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  AsyncCassandraError,
  AsyncCluster,
  BatchStatement,
  QueryError,
  WriteFailure,
  WriteTimeout,
  type AsyncCassandraSession,
} from '../../../src/index.js';
import { openWorkspace } from '../../support/keyspace.js';
import { testVersions } from '../../support/node-table.js';

async function works(session: AsyncCassandraSession): Promise<void> {
  await session.execute('INSERT INTO large (id, v) VALUES (?, ?)', [0, Buffer.from('small')]);
  assert.deepEqual((await session.execute('SELECT v FROM large WHERE id = ?', [0])).rows, [
    { v: Buffer.from('small') },
  ]);
}

for (const version of testVersions) {
  for (const compression of [undefined, 'lz4'] as const) {
    const how = `${version}, ${compression ?? 'plain'}`;

    test(`500 KB values both ways, one and twenty at once (${how})`, async () => {
      const space = await openWorkspace('it_large', { version });
      const options = { ...space.options, ...(compression === undefined ? {} : { compression }) };
      const cluster = new AsyncCluster(options);
      try {
        const session = await cluster.connect(space.keyspace);
        await session.execute('CREATE TABLE large (id int PRIMARY KEY, v blob, t text)');
        // Bytes that LZ4 cannot shorten, and text that it can.
        const blobs = Array.from({ length: 20 }, () => randomBytes(500_000));
        const text = 'lorem ipsum ünïcödé 漢字 '.repeat(16_000);
        for (let id = 0; id < 20; id++) {
          await session.execute('INSERT INTO large (id, v, t) VALUES (?, ?, ?)', [id, blobs[id], text]);
        }
        const results = await Promise.all(
          blobs.map((_, id) => session.execute<{ v: Buffer; t: string }>('SELECT v, t FROM large WHERE id = ?', [id])),
        );
        results.forEach((result, id) => {
          const row = result.one();
          assert.ok(row?.v.equals(blobs[id] ?? Buffer.alloc(0)));
          assert.equal(row?.t, text);
        });
        const inText = await session.execute(`INSERT INTO large (id, t) VALUES (100, '${'q'.repeat(500_000)}')`);
        assert.equal(inText.length, 0);
        await works(session);
      } finally {
        await cluster.shutdown();
        await space.close();
      }
    });

    test(`a request of 17 MiB: a result or a clear error, and the session goes on (${how})`, async (context) => {
      const space = await openWorkspace('it_large', { version });
      const options = { ...space.options, ...(compression === undefined ? {} : { compression }) };
      const cluster = new AsyncCluster(options);
      try {
        const session = await cluster.connect(space.keyspace);
        await session.execute('CREATE TABLE large (id int PRIMARY KEY, v blob, t text)');
        await works(session);
        const huge = randomBytes(17 * 2 ** 20);
        const batch = new BatchStatement();
        for (let id = 0; id < 17; id++)
          batch.add('INSERT INTO large (id, v) VALUES (?, ?)', [id, huge.subarray(0, 2 ** 20)]);
        const attempts: Record<string, () => Promise<unknown>> = {
          execute: () => session.execute('INSERT INTO large (id, v) VALUES (?, ?)', [1, huge]),
          'execute, plain': () => session.execute(`INSERT INTO large (id, t) VALUES (1, '${huge.toString('base64')}')`),
          batch: () => session.executeBatch(batch),
        };
        for (const [name, attempt] of Object.entries(attempts)) {
          const outcome = await attempt().then(
            () => 'a result',
            (error: unknown) => error,
          );
          if (outcome !== 'a result') {
            assert.ok(outcome instanceof AsyncCassandraError, String(outcome));
            assert.ok(outcome.message.length < 1000, 'the request is in the error');
            // 4.0 takes the request and fails late, in the replica, which may not get to saying so in time.
            const isLate = outcome instanceof WriteFailure || outcome instanceof WriteTimeout;
            if (version !== '4.0' || !isLate) {
              assert.match(outcome.message, /large|size|exceed|too big|limit|closed|lost/i);
            }
          }
          context.diagnostic(`${name}: ${outcome instanceof Error ? `${outcome.name}: ${outcome.message}` : outcome}`);
          await works(session);
        }
      } finally {
        await cluster.shutdown();
        await space.close();
      }
    });
  }

  test(`65,535 parameters are sent, 65,536 are a clear error and nothing is executed (${version})`, async (context) => {
    const space = await openWorkspace('it_large', { version });
    try {
      const { session } = space;
      await session.execute('CREATE TABLE large (id int PRIMARY KEY, v blob)');
      await session.execute('CREATE TABLE wide (p int, c int, PRIMARY KEY (p, c))');
      for (const c of [1, 40_000, 65_534]) await session.execute('INSERT INTO wide (p, c) VALUES (0, ?)', [c]);
      await works(session);
      const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ');
      const values = Array.from({ length: 65_536 }, (_, at) => at);
      for (const count of [65_535, 65_536]) {
        const select = `SELECT c FROM wide WHERE p = ? AND c IN (${marks(count - 1)})`;
        const outcome = await session.execute(select, values.slice(0, count), { timeoutMs: 60_000 }).then(
          (result) => result.rows,
          (error: unknown) => error,
        );
        context.diagnostic(`${String(count)}: ${outcome instanceof Error ? outcome.message.slice(0, 200) : 'rows'}`);
        if (count === 65_536 || outcome instanceof Error) {
          assert.ok(outcome instanceof QueryError, String(outcome));
          assert.ok(outcome.message.length < 1000);
        } else {
          assert.deepEqual(outcome, [{ c: 1 }, { c: 40_000 }, { c: 65_534 }]);
        }
        await works(session);
      }
    } finally {
      await space.close();
    }
  });
}
