/** The examples of the Python library's API reference, in TypeScript's spelling. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  AlreadyExists,
  AsyncCassandraError,
  AsyncCluster,
  AsyncRetryPolicy,
  BatchStatement,
  ConfigurationError,
  ConnectionError,
  ConsistencyLevel,
  ExponentialReconnectionPolicy,
  InvalidRequest,
  NoHostAvailable,
  QueryError,
  SimpleStatement,
  SyntaxException,
  TokenAwarePolicy,
  DCAwareRoundRobinPolicy,
  Unavailable,
  uuid,
  type AsyncClusterOptions,
  type AsyncCassandraSession,
} from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

const ROWS = 3000;

describe('python-api.md', () => {
  let workspace: Workspace;

  before(async () => {
    workspace = await openWorkspace('reference_api');
    const { session } = workspace;
    await session.execute('CREATE TABLE users (id uuid PRIMARY KEY, name text, email text)');
    await session.execute('CREATE INDEX ON users (name)');
    await session.execute('CREATE TABLE large_table (part int, id int, PRIMARY KEY (part, id))');
    await session.executeConcurrent(
      'INSERT INTO large_table (part, id) VALUES (?, ?)',
      Array.from({ length: ROWS }, (_, id) => [id % 7, id]),
    );
  });

  after(() => workspace.close());

  describe('AsyncCluster', () => {
    test('constructor: every parameter of the Python one under its own name, durations in milliseconds', async () => {
      const options: AsyncClusterOptions = {
        ...workspace.options,
        loadBalancingPolicy: new TokenAwarePolicy(new DCAwareRoundRobinPolicy()),
        reconnectionPolicy: new ExponentialReconnectionPolicy({ baseDelayMs: 1000, maxDelayMs: 60_000 }),
        retryPolicy: new AsyncRetryPolicy({ maxRetries: 3 }),
        protocolVersion: 5,
        maxSchemaAgreementWaitMs: 10_000,
        controlConnectionTimeoutMs: 2000,
        idleHeartbeatIntervalMs: 30_000,
        schemaEventRefreshWindowMs: 2000,
        topologyEventRefreshWindowMs: 10_000,
        statusEventRefreshWindowMs: 2000,
      };
      await using cluster = new AsyncCluster(options);
      const session = await cluster.connect();
      assert.equal((await session.execute('SELECT key FROM system.local')).length, 1);
    });

    test('constructor: executor_threads has no meaning here, and the error says so', () => {
      const options = { ...workspace.options, executorThreads: 2 } as AsyncClusterOptions;
      assert.throws(
        () => new AsyncCluster(options),
        (error) =>
          error instanceof ConfigurationError &&
          error.message.includes('executorThreads') &&
          error.message.includes('thread'),
      );
    });

    test('connect: a session in a keyspace, and a time limit', async () => {
      await using cluster = new AsyncCluster(workspace.options);
      const session = await cluster.connect(workspace.keyspace, { timeoutMs: 10_000 });
      assert.equal(session.keyspace, workspace.keyspace);
      assert.deepEqual((await session.execute('SELECT * FROM users')).rows, []);
    });

    test('connect: an unknown keyspace is an InvalidRequest', async () => {
      await using cluster = new AsyncCluster(workspace.options);
      await assert.rejects(cluster.connect('reference_no_such_keyspace'), InvalidRequest);
    });

    test('shutdown, is_closed: nothing works afterwards, twice is no harm', async () => {
      const cluster = new AsyncCluster(workspace.options);
      const session = await cluster.connect();
      assert.equal(cluster.isClosed, false);
      await cluster.shutdown();
      await cluster.shutdown();
      assert.equal(cluster.isClosed, true);
      assert.equal(session.isClosed, true);
      await assert.rejects(session.execute('SELECT key FROM system.local'), {
        name: 'ConnectionError',
        message: 'Cluster is closed',
      });
      await assert.rejects(cluster.connect(), { name: 'ConnectionError', message: 'Cluster is closed' });
    });

    test('register_user_type: rows give instances of the class', async () => {
      class Address {
        street = '';
        zip = 0;
      }
      const { session } = workspace;
      await session.execute('CREATE TYPE address (street text, zip int)');
      await session.execute('CREATE TABLE homes (id int PRIMARY KEY, home frozen<address>)');
      await using cluster = new AsyncCluster(workspace.options);
      cluster.registerUserType(workspace.keyspace, 'address', Address);
      const other = await cluster.connect(workspace.keyspace);
      const home = Object.assign(new Address(), { street: 'Main', zip: 7 });
      await other.execute('INSERT INTO homes (id, home) VALUES (?, ?)', [1, home]);
      const row = (await other.execute('SELECT home FROM homes')).one();
      assert.ok(row?.['home'] instanceof Address);
      assert.deepEqual(row['home'], home);
    });

    test('metadata: the cluster, its hosts, who has a key', async () => {
      const { metadata } = workspace.cluster;
      const local = (await workspace.session.execute('SELECT * FROM system.local')).one();
      assert.ok(local !== null);
      assert.equal(metadata.clusterName, local['cluster_name']);
      assert.equal(metadata.hosts.length, 1);
      const [host] = metadata.hosts;
      assert.ok(host !== undefined);
      assert.equal(host.id, local['host_id']);
      assert.equal(host.datacenter, local['data_center']);
      assert.equal(host.rack, local['rack']);
      assert.equal(host.releaseVersion, local['release_version']);
      assert.equal(host.isUp, true);
      assert.deepEqual(new Set(host.tokens.map(String)), local['tokens']);
      assert.equal(metadata.getHost(`${host.address}:${host.port}`), host);
      assert.equal(metadata.getHost(host.address), host);
      assert.deepEqual(metadata.getReplicas(workspace.keyspace, Buffer.from('any')), [host]);
      assert.equal(await metadata.checkSchemaAgreement(), true);
    });

    test('context manager: leaving the block closes the cluster', async () => {
      let kept: AsyncCluster;
      {
        await using cluster = new AsyncCluster(workspace.options);
        kept = cluster;
        await cluster.connect();
      }
      assert.equal(kept.isClosed, true);
    });
  });

  describe('AsyncCassandraSession', () => {
    test('execute: a simple query, by position, by name', async () => {
      const { session } = workspace;
      const id = uuid();
      await session.execute('INSERT INTO users (id, name) VALUES (?, ?)', [id, 'John']);
      assert.equal((await session.execute('SELECT * FROM users')).length, 1);
      const byId = await session.prepare('SELECT * FROM users WHERE id = ?');
      assert.deepEqual((await session.execute(byId, [id])).one(), { id, email: null, name: 'John' });
      const byName = await session.prepare('SELECT * FROM users WHERE name = :name');
      assert.deepEqual((await session.execute(byName, { name: 'John' })).one(), { id, email: null, name: 'John' });
    });

    test('execute: trace, custom_payload, timeout, paging_state, host', async () => {
      const { session, cluster } = workspace;
      const query = 'SELECT id FROM large_table WHERE part = 1';
      const [host] = cluster.metadata.hosts;
      assert.ok(host !== undefined);
      const traced = await session.execute(query, undefined, {
        trace: true,
        customPayload: { key: Buffer.from('v') },
        timeoutMs: 5000,
        host,
      });
      assert.match(traced.info.tracingId ?? '', /^[0-9a-f-]{36}$/);
      const trace = await traced.getQueryTrace();
      assert.ok(trace.events.length > 0);
      assert.equal(traced.info.coordinator, `${host.address}:${host.port}`);

      const ids: unknown[] = [];
      let pagingState: Buffer | null = null;
      let pages = 0;
      do {
        const page: { rows: unknown[]; pagingState: Buffer | null } = await session.execute(query, undefined, {
          pagingState,
          fetchSize: 100,
        });
        ids.push(...page.rows);
        pages += 1;
        ({ pagingState } = page);
      } while (pagingState !== null);
      assert.deepEqual(ids, (await session.execute(query)).rows);
      assert.ok(pages >= 5);
    });

    test('execute_batch', async () => {
      const { session } = workspace;
      const [id1, id2] = [uuid(), uuid()];
      const batch = new BatchStatement();
      batch.add('INSERT INTO users (id, name) VALUES (?, ?)', [id1, 'Alice']);
      batch.add('INSERT INTO users (id, name) VALUES (?, ?)', [id2, 'Bob']);
      assert.equal(batch.length, 2);
      await session.executeBatch(batch);
      const { rows } = await session.execute('SELECT name FROM users WHERE id IN (?, ?)', [id1, id2]);
      assert.deepEqual(rows.map((row) => row['name']).sort(), ['Alice', 'Bob']);
    });

    test('execute_stream: with a context manager', async () => {
      await using result = await workspace.session.executeStream('SELECT * FROM large_table', undefined, {
        fetchSize: 1000,
      });
      let count = 0;
      for await (const row of result) {
        assert.equal(typeof row['id'], 'number');
        count += 1;
      }
      assert.equal(count, ROWS);
    });

    test('execute_stream: with try and finally', async () => {
      const result = await workspace.session.executeStream('SELECT * FROM large_table');
      let count = 0;
      try {
        for await (const row of result) count += row['id'] === undefined ? 0 : 1;
      } finally {
        await result.close();
      }
      assert.equal(count, ROWS);
    });

    test('execute_stream: by pages', async () => {
      await using result = await workspace.session.executeStream('SELECT * FROM large_table', undefined, {
        fetchSize: 700,
      });
      const sizes: number[] = [];
      for await (const page of result.pages()) sizes.push(page.length);
      assert.equal(
        sizes.reduce((sum, size) => sum + size, 0),
        ROWS,
      );
      assert.equal(sizes.length, Math.ceil(ROWS / 700));
      assert.ok(Math.max(...sizes) <= 700);
    });

    test('execute_stream: a query that is wrong fails at once', async () => {
      await assert.rejects(workspace.session.executeStream('SELECT * FROM no_such_table'), InvalidRequest);
    });

    test('prepare: once for many executions', async () => {
      const { session } = workspace;
      const prepared = await session.prepare('INSERT INTO users (id, name, email) VALUES (?, ?, ?)');
      assert.deepEqual(prepared.parameters, [
        { name: 'id', type: 'uuid' },
        { name: 'name', type: 'text' },
        { name: 'email', type: 'text' },
      ]);
      const [id1, id2] = [uuid(), uuid()];
      await session.execute(prepared, [id1, 'Alice', 'alice@example.com']);
      await session.execute(prepared, [id2, 'Bob', 'bob@example.com']);
      assert.equal((await session.execute('SELECT * FROM users WHERE id IN (?, ?)', [id1, id2])).length, 2);
    });

    test('set_keyspace, keyspace, close, is_closed', async () => {
      const { cluster, keyspace } = workspace;
      const session = await cluster.connect();
      assert.equal(session.keyspace, null);
      await assert.rejects(session.execute('SELECT * FROM users'), InvalidRequest);
      await session.setKeyspace(keyspace);
      assert.equal(session.keyspace, keyspace);
      await session.execute('SELECT * FROM users');
      await assert.rejects(session.setKeyspace('reference_no_such_keyspace'), InvalidRequest);
      assert.equal(session.keyspace, keyspace);
      await session.close();
      assert.equal(session.isClosed, true);
      assert.equal(cluster.isClosed, false);
      await assert.rejects(session.execute('SELECT * FROM users'), {
        name: 'ConnectionError',
        message: 'Session is closed',
      });
    });

    test('context manager: leaving the block closes the session, not the cluster', async () => {
      let left: AsyncCassandraSession;
      {
        await using session = await workspace.cluster.connect(workspace.keyspace);
        await session.execute('SELECT * FROM users');
        left = session;
      }
      assert.equal(left.isClosed, true);
      await workspace.session.execute('SELECT * FROM users');
    });
  });

  describe('AsyncResultSet', () => {
    test('one, all, rows, iteration, length', async () => {
      const { session } = workspace;
      const stmt = await session.prepare('SELECT * FROM large_table WHERE part = ? LIMIT 3');
      const result = await session.execute<{ part: number; id: number }>(stmt, [2]);
      const expected = [2, 9, 16].map((id) => ({ part: 2, id }));
      assert.deepEqual(result.one(), expected[0]);
      assert.deepEqual(result.all(), expected);
      assert.deepEqual(result.rows, expected);
      assert.equal(result.length, 3);
      assert.deepEqual([...result], expected);
      const pairs: [number, number][] = [];
      for await (const a of result) for await (const b of result) pairs.push([a.id, b.id]);
      assert.equal(pairs.length, 9);
      assert.equal((await session.execute(stmt, [1000])).one(), null);
    });
  });

  describe('AsyncRetryPolicy', () => {
    test('idempotence marks on statements, prepared statements and batches', async () => {
      const { session } = workspace;
      const id = uuid();
      const marked = new SimpleStatement('INSERT INTO users (id, name) VALUES (?, ?) IF NOT EXISTS', {
        isIdempotent: true,
        parameters: [id, 'Ann'],
      });
      assert.equal((await session.execute(marked)).wasApplied, true);
      assert.equal((await session.execute(marked)).wasApplied, false);
      assert.equal(new SimpleStatement('INSERT INTO users (id, name) VALUES (?, ?)').isIdempotent, undefined);
      const prepared = await session.prepare('DELETE FROM users WHERE id = ?');
      assert.equal(prepared.isIdempotent, undefined);
      prepared.isIdempotent = true;
      assert.equal(prepared.bind([id]).isIdempotent, true);
      await session.execute(prepared, [id]);
      const batch = new BatchStatement();
      batch.isIdempotent = true;
      await session.executeBatch(batch.add(prepared, [id]));
      assert.equal((await session.execute('SELECT * FROM users WHERE id = ?', [id])).length, 0);
    });
  });

  describe('Exceptions', () => {
    test('every error is an AsyncCassandraError with a code', async () => {
      const { session } = workspace;
      const failures: [() => Promise<unknown>, abstract new (...args: never[]) => Error][] = [
        [() => session.execute('SELEKT'), SyntaxException],
        [() => session.execute('SELECT * FROM invalid_table'), InvalidRequest],
        [() => session.execute('CREATE TABLE users (id int PRIMARY KEY)'), AlreadyExists],
        [
          () => session.execute('SELECT * FROM users', undefined, { consistencyLevel: ConsistencyLevel.THREE }),
          Unavailable,
        ],
      ];
      for (const [failure, expected] of failures) {
        await assert.rejects(failure, (error) => {
          assert.ok(error instanceof expected);
          assert.ok(error instanceof QueryError);
          assert.ok(error instanceof AsyncCassandraError);
          assert.match(error.code, /^ERR_/);
          return true;
        });
      }
    });

    test('ConnectionError: when the cluster cannot be reached, with the cause of each host', async () => {
      // Port 1 of a loopback address: refused at once.
      await using cluster = new AsyncCluster({ contactPoints: ['127.0.0.1:1'], connectTimeoutMs: 2000 });
      await assert.rejects(cluster.connect(), (error) => {
        assert.ok(error instanceof ConnectionError);
        assert.ok(error instanceof NoHostAvailable);
        assert.deepEqual([...error.errors.keys()], ['127.0.0.1:1']);
        return true;
      });
    });
  });

  test('Complete Example', async () => {
    const cluster = new AsyncCluster(workspace.options);
    const keyspace = 'reference_api_example';
    try {
      const session = await cluster.connect();
      const create = `CREATE KEYSPACE IF NOT EXISTS ${keyspace}
        WITH REPLICATION = { 'class': 'SimpleStrategy', 'replication_factor': 1 }`;
      await session.execute(create);
      await session.setKeyspace(keyspace);
      const table = 'users (id UUID PRIMARY KEY, name TEXT, email TEXT)';
      await session.execute(`CREATE TABLE IF NOT EXISTS ${table}`);
      const insert = await session.prepare('INSERT INTO users (id, name, email) VALUES (?, ?, ?)');
      const id = uuid();
      await session.execute(insert, [id, 'John Doe', 'john@example.com']);
      const select = await session.prepare('SELECT * FROM users WHERE id = ?');
      const user = (await session.execute<{ name: string; email: string }>(select, [id])).one();
      assert.equal(`User: ${user?.name ?? ''} (${user?.email ?? ''})`, 'User: John Doe (john@example.com)');
      await assert.rejects(session.execute(`CREATE TABLE ${table}`), (error) => {
        assert.ok(error instanceof AlreadyExists);
        assert.equal(`${error.keyspace}.${error.table}`, `${keyspace}.users`);
        return true;
      });
      await session.execute(`DROP KEYSPACE ${keyspace}`, undefined, { timeoutMs: 60_000 });
    } finally {
      await cluster.shutdown();
    }
  });
});
