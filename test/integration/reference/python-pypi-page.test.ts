/** The examples of the Python library's page on PyPI, in TypeScript's spelling. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AsyncCluster, uuid, type AsyncCassandraSession, type Row } from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

describe('python-pypi-page.md', () => {
  let workspace: Workspace;

  before(async () => {
    workspace = await openWorkspace('reference_pypi');
    await workspace.session.execute('CREATE TABLE users (id uuid PRIMARY KEY, name text)');
  });

  after(() => workspace.close());

  test('Quick Start', async () => {
    const cluster = new AsyncCluster(workspace.options);
    const session = await cluster.connect();
    const result = await session.execute('SELECT * FROM system.local');
    assert.equal(typeof result.one()?.['cluster_name'], 'string');
    await session.close();
    await cluster.shutdown();
  });

  test('FastAPI Integration: a life span around a session, and a handler that gives one row', async () => {
    const state: { session?: AsyncCassandraSession } = {};
    const lifespan = async (serve: () => Promise<void>): Promise<void> => {
      const cluster = new AsyncCluster(workspace.options);
      state.session = await cluster.connect(workspace.keyspace);
      try {
        await serve();
      } finally {
        await state.session.close();
        await cluster.shutdown();
      }
    };
    const getUser = async (id: string): Promise<Row | null> => {
      const query = 'SELECT * FROM users WHERE id = ?';
      return (await state.session?.execute(query, [id]))?.one() ?? null;
    };
    const id = uuid();
    await workspace.session.execute('INSERT INTO users (id, name) VALUES (?, ?)', [id, 'Ann']);
    await lifespan(async () => {
      assert.deepEqual(await getUser(id), { id, name: 'Ann' });
      assert.equal(await getUser(uuid()), null);
      // What a handler returns goes out as JSON.
      assert.equal(JSON.stringify(await getUser(id)), `{"id":"${id}","name":"Ann"}`);
    });
    await assert.rejects(getUser(id), { name: 'ConnectionError' });
  });
});
