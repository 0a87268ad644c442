/** The examples of the Python library's guide to getting started, in TypeScript's spelling. */
import assert from 'node:assert/strict';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AsyncCluster,
  ConfigurationError,
  ConnectionError,
  InvalidParameter,
  QueryError,
  uuid,
  type AsyncCassandraSession,
  type PreparedStatement,
  type Row,
  type StreamConfig,
} from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

const USERS = 2300;

/** A user as the guide's web application gives it. */
interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

describe('python-getting-started.md', () => {
  let workspace: Workspace;
  const ids = Array.from({ length: USERS }, () => uuid());

  before(async () => {
    workspace = await openWorkspace('reference_getting_started');
    const { session } = workspace;
    await session.execute('CREATE TABLE users (id uuid PRIMARY KEY, name text, email text, created_at timestamp)');
    await session.executeConcurrent(
      'INSERT INTO users (id, name, email, created_at) VALUES (?, ?, ?, ?)',
      ids.map((id, n) => [id, `user ${n}`, `u${n}@example.com`, new Date(1_700_000_000_000 + n)]),
    );
  });

  after(() => workspace.close());

  test('Quick Start: context managers, a query, rows with properties', async () => {
    const seen: string[] = [];
    {
      await using cluster = new AsyncCluster(workspace.options);
      await using session = await cluster.connect(workspace.keyspace);
      const result = await session.execute<{ name: string; email: string }>('SELECT * FROM users LIMIT 10');
      for (const row of result) seen.push(`User: ${row.name}, Email: ${row.email}`);
    }
    assert.equal(seen.length, 10);
    for (const line of seen) assert.match(line, /^User: user (\d+), Email: u\1@example\.com$/);
  });

  test('Using Context Managers: by hand, with try and finally', async () => {
    const cluster = new AsyncCluster(workspace.options);
    const session = await cluster.connect(workspace.keyspace);
    try {
      assert.equal((await session.execute('SELECT * FROM users')).length, USERS);
    } finally {
      await session.close();
      await cluster.shutdown();
    }
    assert.ok(session.isClosed && cluster.isClosed);
  });

  test('Using Context Managers: what fails inside still closes all', async () => {
    let cluster: AsyncCluster | undefined;
    let session: AsyncCassandraSession | undefined;
    const failing = async (): Promise<void> => {
      await using ownCluster = new AsyncCluster(workspace.options);
      await using ownSession = await ownCluster.connect(workspace.keyspace);
      [cluster, session] = [ownCluster, ownSession];
      await ownSession.execute('SELECT * FROM no_such_table');
    };
    await assert.rejects(failing(), QueryError);
    assert.ok(cluster?.isClosed);
    assert.ok(session?.isClosed);
  });

  test('Prepared Statements: what does not work there works here: a string with parameters is prepared', async () => {
    const result = await workspace.session.execute('SELECT name FROM users WHERE id = ?', [ids[0]]);
    assert.deepEqual(result.one(), { name: 'user 0' });
  });

  test('Prepared Statements: prepared once, executed many times', async () => {
    const { session } = workspace;
    const userQuery = await session.prepare('SELECT * FROM users WHERE id = ?');
    const insert = await session.prepare('INSERT INTO users (id, name, email) VALUES (?, ?, ?)');
    for (const id of ids.slice(0, 5)) {
      assert.equal((await session.execute(userQuery, [id])).one()?.['id'], id);
    }
    const id = uuid();
    await session.execute(insert, [id, 'Alice', 'alice@example.com']);
    assert.equal((await session.execute(userQuery, [id])).one()?.['name'], 'Alice');
    await session.execute('DELETE FROM users WHERE id = ?', [id]);
  });

  test('Prepared Statements: a value is never taken for CQL', async () => {
    const { session } = workspace;
    const evil = "'; DROP TABLE users; --";
    const id = uuid();
    await session.execute('INSERT INTO users (id, name) VALUES (?, ?)', [id, evil]);
    assert.equal((await session.execute('SELECT name FROM users WHERE id = ?', [id])).one()?.['name'], evil);
    await session.execute('DELETE FROM users WHERE id = ?', [id]);
    assert.equal((await session.execute('SELECT id FROM users')).length, USERS);
  });

  test('Common Error Types: QueryError and ConnectionError tell what to do', async () => {
    const kindOf = async (work: Promise<unknown>): Promise<string> => {
      try {
        await work;
        return 'none';
      } catch (error) {
        if (error instanceof ConnectionError) return 'connection';
        if (error instanceof QueryError) return 'query';
        throw error;
      }
    };
    const { session } = workspace;
    const closed = await workspace.cluster.connect();
    await closed.close();
    assert.equal(await kindOf(session.execute('SELECT id FROM users LIMIT 1')), 'none');
    assert.equal(await kindOf(session.execute('SELECT * FROM no_such_table')), 'query');
    assert.equal(await kindOf(session.execute('SELEKT')), 'query');
    assert.equal(await kindOf(closed.execute('SELECT id FROM users LIMIT 1')), 'connection');
  });

  test('Real-World Error Handling: connection errors are tried again, query errors are not', async () => {
    let attempts = 0;
    const getUserWithRetry = async (
      session: Pick<AsyncCassandraSession, 'prepare' | 'execute'>,
      userId: unknown,
      maxRetries = 3,
    ): Promise<Row | null> => {
      for (let attempt = 0; ; attempt++) {
        attempts += 1;
        try {
          const prepared = await session.prepare('SELECT * FROM users WHERE id = ?');
          return (await session.execute(prepared, [userId])).one();
        } catch (error) {
          if (!(error instanceof ConnectionError) || attempt === maxRetries - 1) throw error;
          await sleep(2 ** attempt);
        }
      }
    };
    assert.equal((await getUserWithRetry(workspace.session, ids[3]))?.['name'], 'user 3');
    assert.equal(attempts, 1);

    attempts = 0;
    await assert.rejects(getUserWithRetry(workspace.session, 'not a uuid'), InvalidParameter);
    assert.equal(attempts, 1);

    attempts = 0;
    const closed = await workspace.cluster.connect(workspace.keyspace);
    await closed.close();
    await assert.rejects(getUserWithRetry(closed, ids[3]), ConnectionError);
    assert.equal(attempts, 3);
  });

  test('The Streaming Solution: a page at a time', async () => {
    const config: StreamConfig = { fetchSize: 1000 };
    await using result = await workspace.session.executeStream('SELECT * FROM users', undefined, config);
    const seen = new Set<unknown>();
    for await (const row of result) seen.add(row['id']);
    assert.deepEqual(seen, new Set(ids));
    assert.equal(result.totalRowsFetched, USERS);
    assert.equal(result.pageNumber, 3);
  });

  test('Proper Resource Cleanup: what fails in the loop ends the stream', async () => {
    const result = await workspace.session.executeStream('SELECT * FROM users', undefined, { fetchSize: 100 });
    const failing = async (): Promise<void> => {
      await using stream = result;
      for await (const row of stream) throw new RangeError(String(row['name']));
    };
    await assert.rejects(failing(), RangeError);
    assert.ok(result.totalRowsFetched <= 300, 'no more pages than were wanted');
    assert.equal((await workspace.session.execute('SELECT id FROM users LIMIT 1')).length, 1);
  });

  test('Proper Resource Cleanup: try and finally, and a stream that nobody closes', async () => {
    const { session } = workspace;
    const result = await session.executeStream('SELECT * FROM users');
    let count = 0;
    try {
      for await (const row of result) count += row['id'] === null ? 0 : 1;
    } finally {
      await result.close();
    }
    assert.equal(count, USERS);
    const forgotten = await session.executeStream('SELECT * FROM users', undefined, { fetchSize: 10 });
    for await (const row of forgotten) {
      assert.ok(row['id'] !== null);
      break;
    }
  });

  test('Complete Streaming Example: export to CSV with progress', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'export-'));
    try {
      const pages: [number, number][] = [];
      const progress: number[] = [];
      const exportUserData = async (session: AsyncCassandraSession, outputFile: string): Promise<number> => {
        const config: StreamConfig = {
          fetchSize: 500,
          pageCallback: (pageNumber, rows) => pages.push([pageNumber, rows.length]),
        };
        const query = 'SELECT id, name, email, created_at FROM users';
        let rowCount = 0;
        await using result = await session.executeStream<
          Record<'id' | 'name' | 'email', string> & { created_at: Date }
        >(query, undefined, config);
        const file = await open(outputFile, 'w');
        try {
          await file.write('id,name,email,created_at\n');
          for await (const row of result) {
            await file.write(`${row.id},${row.name},${row.email},${row.created_at.toISOString()}\n`);
            rowCount += 1;
            if (rowCount % 1000 === 0) progress.push(rowCount);
          }
        } finally {
          await file.close();
        }
        return rowCount;
      };
      const path = join(folder, 'users_export.csv');
      assert.equal(await exportUserData(workspace.session, path), USERS);
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
      assert.equal(lines.length, USERS + 1);
      assert.equal(lines[0], 'id,name,email,created_at');
      assert.ok(lines.includes(`${String(ids[7])},user 7,u7@example.com,${new Date(1_700_000_000_007).toISOString()}`));
      assert.deepEqual(progress, [1000, 2000]);
      assert.deepEqual(
        pages.map(([number]) => number),
        [1, 2, 3, 4, 5],
      );
      assert.equal(
        pages.reduce((sum, [, rows]) => sum + rows, 0),
        USERS,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('Integration with Web Frameworks: statements prepared at the start, errors turned into statuses', async () => {
    const prepared = new Map<string, PreparedStatement>();
    await using cluster = new AsyncCluster(workspace.options);
    await using session = await cluster.connect(workspace.keyspace);
    const statement = async (name: string, query: string): Promise<PreparedStatement> => {
      const known = prepared.get(name) ?? (await session.prepare(query));
      prepared.set(name, known);
      return known;
    };
    const getUser = async (userId: string): Promise<Reply> => {
      try {
        const user = (
          await session.execute(await statement('get_user', 'SELECT * FROM users WHERE id = ?'), [userId])
        ).one();
        if (user === null) return { status: 404 };
        return { status: 200, body: { id: user['id'], name: user['name'], email: user['email'] } };
      } catch (error) {
        return { status: error instanceof InvalidParameter ? 400 : 500 };
      }
    };
    const createUser = async (name: string, email: string): Promise<Reply> => {
      const id = uuid();
      const create = await statement('create_user', 'INSERT INTO users (id, name, email) VALUES (?, ?, ?)');
      await session.execute(create, [id, name, email]);
      return { status: 200, body: { id } };
    };
    const created = (await createUser('Zoe', 'zoe@example.com')).body as { id: string };
    assert.deepEqual(await getUser(created.id), {
      status: 200,
      body: { id: created.id, name: 'Zoe', email: 'zoe@example.com' },
    });
    assert.deepEqual(await getUser(uuid()), { status: 404 });
    assert.deepEqual(await getUser('not-a-uuid'), { status: 400 });
    await session.execute('DELETE FROM users WHERE id = ?', [created.id]);
  });

  test('Protocol Version Configuration: 5 or nothing', async () => {
    await using cluster = new AsyncCluster({ ...workspace.options, protocolVersion: 5 });
    await cluster.connect();
    for (const protocolVersion of [3, 4]) {
      assert.throws(
        () => new AsyncCluster({ ...workspace.options, protocolVersion }),
        (error) =>
          error instanceof ConfigurationError &&
          error.message.startsWith(
            `Protocol version ${protocolVersion} is not supported. async-cassandra requires CQL protocol v5 or higher for optimal async performance.`,
          ),
      );
    }
  });
});
