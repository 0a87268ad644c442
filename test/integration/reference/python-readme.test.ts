/** The examples of the Python library's README, in TypeScript's spelling. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AsyncCluster, ConfigurationError, uuid, type AsyncCassandraSession } from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

describe('python-readme.md', () => {
  let workspace: Workspace;
  let options: Workspace['options'];

  before(async () => {
    workspace = await openWorkspace('reference_readme');
    ({ options } = workspace);
    const { session } = workspace;
    await session.execute('CREATE TABLE users (id uuid PRIMARY KEY, name text)');
    await session.execute('CREATE TABLE large_table (part int, id int, PRIMARY KEY (part, id))');
    const rows = Array.from({ length: 2500 }, (_, id) => [id % 5, id]);
    await session.executeConcurrent('INSERT INTO large_table (part, id) VALUES (?, ?)', rows);
  });

  after(() => workspace.close());

  test('Understanding Async vs Sync: a handler that awaits, while other work goes on', async () => {
    const { session } = workspace;
    const id = uuid();
    await session.execute('INSERT INTO users (id, name) VALUES (?, ?)', [id, 'Ann']);
    const getUser = async (userId: string): Promise<unknown> => {
      const result = await session.execute('SELECT * FROM users WHERE id = ?', [userId]);
      return { user: result.one() };
    };
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 1);
    try {
      const answers = await Promise.all(Array.from({ length: 200 }, () => getUser(id)));
      for (const answer of answers) assert.deepEqual(answer, { user: { id, name: 'Ann' } });
    } finally {
      clearInterval(ticking);
    }
    assert.ok(turns > 0, 'the event loop was never free');
  });

  test('True Async Paging: other requests keep flowing while a stream is read', async () => {
    const { session } = workspace;
    const result = await session.executeStream('SELECT * FROM large_table', undefined, { fetchSize: 100 });
    const ids = new Set<unknown>();
    let others = 0;
    for await (const row of result) {
      if (ids.size % 500 === 0) {
        await session.execute('SELECT name FROM users LIMIT 1');
        others += 1;
      }
      ids.add(row['id']);
    }
    assert.equal(ids.size, 2500);
    assert.equal(others, 5);
  });

  test('CQL Protocol Version Requirement: negotiated, and 5 by name', async () => {
    for (const choice of [{}, { protocolVersion: 5 }]) {
      await using cluster = new AsyncCluster({ ...options, ...choice });
      const session = await cluster.connect();
      // Which version a connection speaks is for the server to say.
      const { rows } = await session.execute('SELECT protocol_version FROM system_views.clients');
      assert.ok(rows.length > 0);
      for (const row of rows) assert.equal(row['protocol_version'], 5);
    }
  });

  test('CQL Protocol Version Requirement: version 4 is a ConfigurationError at once', () => {
    assert.throws(
      () => new AsyncCluster({ ...options, protocolVersion: 4 }),
      (error) =>
        error instanceof ConfigurationError &&
        error.message.startsWith(
          'Protocol version 4 is not supported. async-cassandra requires CQL protocol v5 or higher for optimal async performance.',
        ),
    );
  });

  test('Quick Start', async () => {
    const main = async (): Promise<unknown> => {
      const cluster = new AsyncCluster(options);
      const session: AsyncCassandraSession = await cluster.connect();
      const result = await session.execute('SELECT * FROM system.local');
      const name = result.one()?.['cluster_name'];
      assert.equal(name, cluster.metadata.clusterName);
      await session.close();
      await cluster.shutdown();
      assert.ok(session.isClosed);
      assert.ok(cluster.isClosed);
      return name;
    };
    assert.equal(typeof (await main()), 'string');
  });
});
