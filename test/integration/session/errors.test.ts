import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AlreadyExists,
  AsyncCassandraError,
  BatchStatement,
  ConfigurationException,
  ConsistencyLevel,
  FunctionFailure,
  InvalidParameter,
  InvalidRequest,
  ProtocolError,
  QueryError,
  SyntaxException,
  Unauthorized,
  Unavailable,
  type AsyncCassandraSession,
} from '../../../src/index.js';
import { openWorkspace, type Workspace } from '../../support/keyspace.js';

let space: Workspace;
let session: AsyncCassandraSession;

before(async () => {
  space = await openWorkspace('it_errors');
  session = space.session;
  await session.execute('CREATE TABLE t (id int PRIMARY KEY, v text)');
});
after(() => space.close());

async function failure(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  return assert.fail('It did not fail');
}

function coordinator(): string {
  const [host] = space.cluster.metadata.hosts;
  return `${host?.address ?? ''}:${String(host?.port)}`;
}

interface Case {
  readonly type: abstract new (...args: never[]) => Error;
  readonly protocolCode: number;
  readonly run: () => Promise<unknown>;
}

const CASES: Readonly<Record<string, Case>> = {
  'a syntax error': { type: SyntaxException, protocolCode: 0x2000, run: () => session.execute('SELEC 1') },
  'a syntax error, prepared': { type: SyntaxException, protocolCode: 0x2000, run: () => session.prepare('SELEC ?') },
  'an unknown table': {
    type: InvalidRequest,
    protocolCode: 0x2200,
    run: () => session.execute('SELECT * FROM nowhere'),
  },
  'an unknown table, prepared': {
    type: InvalidRequest,
    protocolCode: 0x2200,
    run: () => session.execute('SELECT * FROM nowhere WHERE id = ?', [1]),
  },
  'an unknown table, streamed': {
    type: InvalidRequest,
    protocolCode: 0x2200,
    run: () => session.executeStream('SELECT * FROM nowhere'),
  },
  'an unknown table, in a batch': {
    type: InvalidRequest,
    protocolCode: 0x2200,
    run: () => session.executeBatch(new BatchStatement().add('INSERT INTO nowhere (id) VALUES (1)')),
  },
  'a table that exists': {
    type: AlreadyExists,
    protocolCode: 0x2400,
    run: () => session.execute('CREATE TABLE t (id int PRIMARY KEY)'),
  },
  'a keyspace that exists': {
    type: AlreadyExists,
    protocolCode: 0x2400,
    run: () =>
      session.execute(
        "CREATE KEYSPACE it_errors WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
      ),
  },
  'an unknown replication strategy': {
    type: ConfigurationException,
    protocolCode: 0x2300,
    run: () => session.execute("CREATE KEYSPACE it_errors_x WITH replication = {'class': 'NoSuchStrategy'}"),
  },
  'a write to the system’s own tables': {
    type: Unauthorized,
    protocolCode: 0x2100,
    run: () => session.execute('DROP TABLE system.local'),
  },
  'more replicas than there are': {
    type: Unavailable,
    protocolCode: 0x1000,
    run: () => session.execute('SELECT * FROM t', undefined, { consistencyLevel: ConsistencyLevel.THREE }),
  },
};

for (const [name, { type, protocolCode, run }] of Object.entries(CASES)) {
  test(`${name}: ${type.name} with code and coordinator`, async () => {
    const error = await failure(run());
    assert.ok(error instanceof type, `${error.name}: ${error.message}`);
    assert.ok(error instanceof QueryError);
    assert.ok(error instanceof AsyncCassandraError);
    assert.equal(error.protocolCode, protocolCode);
    assert.equal(error.coordinator, coordinator());
    assert.match(error.code, /^ERR_/);
  });
}

test('Unavailable and AlreadyExists carry their facts', async () => {
  const unavailable = await failure(
    session.execute('SELECT * FROM t', undefined, { consistencyLevel: ConsistencyLevel.TWO }),
  );
  assert.ok(unavailable instanceof Unavailable);
  assert.deepEqual(
    [unavailable.consistency, unavailable.requiredReplicas, unavailable.aliveReplicas],
    [ConsistencyLevel.TWO, 2, 1],
  );
  const exists = await failure(session.execute('CREATE TABLE t (id int PRIMARY KEY)'));
  assert.ok(exists instanceof AlreadyExists);
  assert.deepEqual([exists.keyspace, exists.table], ['it_errors', 't']);
});

test('a function that throws: FunctionFailure, where the node allows functions', async (context) => {
  try {
    await session.execute(
      'CREATE OR REPLACE FUNCTION boom (x int) CALLED ON NULL INPUT RETURNS int LANGUAGE java ' +
        'AS \'throw new RuntimeException("boom");\'',
    );
  } catch (error) {
    assert.ok(error instanceof InvalidRequest);
    context.skip('this node has user-defined functions switched off');
    return;
  }
  await session.execute("INSERT INTO t (id, v) VALUES (77, 'x')");
  const error = await failure(session.execute('SELECT boom(id) FROM t WHERE id = 77'));
  assert.ok(error instanceof FunctionFailure);
  assert.deepEqual([error.keyspace, error.functionName, [...error.argumentTypes]], ['it_errors', 'boom', ['int']]);
});

test('a bad paging state is the server’s ProtocolError, and the connection goes on', async () => {
  const error = await failure(session.execute('SELECT * FROM t', undefined, { pagingState: Buffer.from('garbage') }));
  assert.ok(error instanceof ProtocolError || error instanceof QueryError);
  assert.equal((await session.execute('SELECT key FROM system.local')).length, 1);
});

test('InvalidParameter names the parameter, its type and what came, but never the value', async () => {
  const secret = 'hunter2';
  const error = await failure(session.execute('INSERT INTO t (id, v) VALUES (?, ?)', [secret, 'x']));
  assert.ok(error instanceof InvalidParameter);
  assert.match(error.message, /id/);
  assert.match(error.message, /int/);
  assert.match(error.message, /string/);
  assert.ok(!error.message.includes(secret));
  assert.ok(!JSON.stringify(error).includes(secret));
});

async function callerOfThisTest(run: () => Promise<unknown>): Promise<unknown> {
  return await run();
}

const STACKS: Readonly<Record<string, () => Promise<unknown>>> = {
  'execute, server error': () => session.execute('SELECT * FROM nowhere'),
  'execute, prepared, server error': () => session.execute('SELECT * FROM nowhere WHERE id = ?', [1]),
  'execute, bad parameter': () => session.execute('INSERT INTO t (id, v) VALUES (?, ?)', ['x', 'y']),
  prepare: () => session.prepare('SELECT * FROM nowhere'),
  executeBatch: () => session.executeBatch(new BatchStatement().add('INSERT INTO nowhere (id) VALUES (1)')),
  executeStream: () => session.executeStream('SELECT * FROM nowhere'),
  executeConcurrent: () => session.executeConcurrent('SELECT * FROM t WHERE id = ?', [['x']]),
  connect: () => space.cluster.connect('it_errors_nowhere'),
  setKeyspace: () => session.setKeyspace('it_errors_nowhere'),
  cql: () => session.cql`SELECT * FROM nowhere WHERE id = ${1}`,
};

for (const [name, run] of Object.entries(STACKS)) {
  test(`the caller is in the stack of an error: ${name}`, async () => {
    await session.execute('INSERT INTO t (id, v) VALUES (?, ?)', [1, 'prepared before']);
    for (let round = 0; round < 2; round++) {
      const error = await failure(callerOfThisTest(run));
      assert.match(error.stack ?? '', /callerOfThisTest/);
      assert.ok((error.stack ?? '').startsWith(error.name), error.stack);
    }
  });
}

test('the caller is in the stack of an error while a stream is read', async () => {
  await session.executeConcurrent(
    'INSERT INTO t (id) VALUES (?)',
    Array.from({ length: 50 }, (_, id) => [id]),
  );
  const stream = await session.executeStream('SELECT * FROM t', undefined, {
    fetchSize: 10,
    pageCallback: (page) => {
      if (page === 3) throw new RangeError('mine');
    },
  });
  const error = await failure(
    callerOfThisTest(async () => {
      for await (const row of stream) assert.ok('id' in row);
    }),
  );
  assert.ok(error instanceof RangeError);
});
