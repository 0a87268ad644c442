import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { test } from 'node:test';
import {
  AsyncCluster,
  AuthenticationFailed,
  ConfigurationError,
  ConnectionError,
  NoHostAvailable,
  PlainTextAuthProvider,
  ProtocolError,
  type AsyncClusterOptions,
} from '../../src/index.js';
import { drop, error, FakeNode, hold, reactions, type FakeNodeOptions } from '../../src/testing/index.js';
import { bench, chain, failure, QUICK, SOON_MS, until } from './support.js';

async function refused(nodeOptions: FakeNodeOptions, options: AsyncClusterOptions = {}): Promise<[Error, FakeNode]> {
  await using node = await FakeNode.start(nodeOptions);
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint], ...options });
  return [await failure(cluster.connect()), node];
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('a v4-only server: the exact text, with the version that it named', async () => {
  for (const [versions, newest] of [
    [[3, 4], 4],
    [[3], 3],
  ] as const) {
    const [reason, node] = await refused({ protocolVersions: versions });
    assert.ok(reason instanceof ConnectionError);
    assert.equal(
      reason.message,
      `Connected with protocol v${String(newest)} but v5+ is required. Your Cassandra server only supports up to protocol v${String(newest)}. ` +
        'async-cassandra requires CQL protocol v5 or higher (Cassandra 4.0+). Please upgrade your Cassandra cluster to version 4.0 or newer.',
    );
    assert.equal(node.counts.connections, 1, 'it is asked once, not again in another version');
  }
});

test("a 3.11 server that offers '5/v5-beta' has no v5", async () => {
  await using node = await FakeNode.start();
  node.on(
    'STARTUP',
    error('PROTOCOL_ERROR', {
      message:
        'Beta version of the protocol used (5/v5-beta), but USE_BETA flag is unset; Invalid or unsupported protocol version (5); supported versions are (3/v3, 4/v4, 5/v5-beta)',
    }).onStream(0),
  );
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint] });
  assert.match((await failure(cluster.connect())).message, /^Connected with protocol v4 but v5\+ is required\./);
});

test("a 3.11 server's beta text alone, without a list of versions", async () => {
  await using node = await FakeNode.start();
  node.on(
    'STARTUP',
    error('PROTOCOL_ERROR', { message: 'Beta version of the protocol used (5/v5-beta), but USE_BETA flag is unset' }),
  );
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint] });
  assert.match((await failure(cluster.connect())).message, /^Connected with protocol v4 but v5\+ is required\./);
});

test('a server that closes at once', async () => {
  await using node = await FakeNode.start();
  node.closeOnConnect = true;
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint] });
  const reason = await failure(cluster.connect());
  assert.ok(reason instanceof NoHostAvailable);
  assert.ok(reason.errors.get(node.contactPoint) instanceof ConnectionError);
  node.closeOnConnect = false;
  await using session = await cluster.connect();
  assert.equal(session.isClosed, false, 'a failed connect can be tried again');
});

test('a start-up that everybody had left before is not the word on the next connect, should it fail', async () => {
  for (const options of [() => ({ timeoutMs: 50 }), () => ({ signal: AbortSignal.timeout(50) })]) {
    await using node = await FakeNode.start();
    const silent = node.on('STARTUP', drop());
    await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint], connectTimeoutMs: 500 });
    await failure(cluster.connect(undefined, options()));
    silent.remove();
    await using session = await cluster.connect();
    await session.execute('SELECT anything');
    assert.equal(node.counts.opcodes['REGISTER'], 1);
  }
});

test('a start-up goes on for those who still wait for it', async () => {
  await using node = await FakeNode.start();
  node.on('STARTUP', hold());
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint] });
  const patient = cluster.connect();
  await failure(cluster.connect(undefined, { timeoutMs: 50 }));
  const { connections } = node.counts;
  node.release();
  node.on('STARTUP', reactions);
  await patient;
  assert.equal(connections, 1);
  assert.equal(node.counts.opcodes['REGISTER'], 1);
});

test('time in which this process is held up is not the time of the server', async () => {
  await using node = await FakeNode.start();
  node.on('STARTUP', () => {
    const end = performance.now() + 600;
    while (performance.now() < end);
    return undefined;
  });
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint], connectTimeoutMs: 400 });
  await using session = await cluster.connect();
  assert.equal(session.isClosed, false);
});

test('an HTTP server: a clean error, not a hang', async () => {
  const server = createHttpServer((_, response) => response.end('hello'));
  const port = await listening(server);
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [`127.0.0.1:${String(port)}`] });
  const reason = await failure(cluster.connect());
  assert.ok(reason instanceof NoHostAvailable);
  assert.match(reason.message, /cannot be read/);
  server.closeAllConnections();
  server.close();
});

test('garbage bytes of every first value end in a clean error', async () => {
  let first = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.end(Buffer.alloc(64, first)));
  });
  const port = await listening(server);
  for (first = 0; first < 256; first += 5) {
    await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [`127.0.0.1:${String(port)}`] });
    assert.ok((await failure(cluster.connect())) instanceof ConnectionError, String(first));
  }
  server.close();
});

test('handshake errors on stream 0 reach connect() (CASSANDRA-21508)', async () => {
  await using node = await FakeNode.start();
  node.on('STARTUP', error('SERVER_ERROR', { message: 'no room at the inn' }).onStream(0));
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint] });
  const reason = await failure(cluster.connect());
  assert.ok(reason instanceof NoHostAvailable);
  assert.match(reason.message, /no room at the inn/);
});

test('AUTHENTICATE without an authProvider says what to do', async () => {
  const [reason] = await refused({ auth: { username: 'u', password: 'p' } });
  assert.ok(reason instanceof AuthenticationFailed);
  assert.match(reason.message, /PasswordAuthenticator.*authProvider/);
  assert.equal(reason.protocolCode, undefined, 'no server refused anything');
});

test('a wrong password is tried once and never again, and does not show', async () => {
  const [reason, node] = await refused(
    { auth: { username: 'u', password: 'right' } },
    { authProvider: new PlainTextAuthProvider('u', 's3cret-wrong') },
  );
  assert.ok(reason instanceof AuthenticationFailed);
  assert.equal(node.counts.opcodes['AUTH_RESPONSE'], 1);
  assert.equal(reason.protocolCode, 0x0100);
  assert.equal(reason.coordinator, node.contactPoint);
  for (const one of chain(reason)) assert.ok(!String((one as Error).stack).includes('s3cret'));
});

test('segments begin after AUTHENTICATE, not after AUTH_SUCCESS; plain and LZ4', async () => {
  for (const compression of [undefined, 'lz4'] as const) {
    await using one = await bench(
      { authProvider: new PlainTextAuthProvider('u', 'p'), ...(compression === undefined ? {} : { compression }) },
      { auth: { username: 'u', password: 'p' } },
    );
    one.node.on('SELECT 1', reactions.rows([{ a: 1 }]));
    assert.deepEqual((await one.session.execute('SELECT 1')).rows, [{ a: 1 }]);
  }
});

test('a SASL mechanism with several challenges', async () => {
  const words: (string | null)[] = [];
  let last: string | null = null;
  await using one = await bench(
    {
      authProvider: {
        initialResponse: () => Buffer.from('0'),
        evaluateChallenge: async (challenge) => {
          words.push(challenge?.toString() ?? null);
          return Buffer.from(challenge?.subarray(1) ?? '');
        },
        onSuccess: (token) => {
          last = token?.toString() ?? null;
        },
      },
    },
    {
      auth: {
        className: 'Counting',
        respond: (token, round) => {
          if (token?.toString() !== String(round - 1)) return { refusal: `wrong token ${String(token)}` };
          return round < 4 ? { challenge: Buffer.from(`c${String(round)}`) } : { success: Buffer.from('welcome') };
        },
      },
    },
  );
  assert.deepEqual(words, ['c1', 'c2', 'c3', 'c1', 'c2', 'c3'], 'the control connection, then the pool');
  assert.equal(last, 'welcome');
  assert.equal(one.session.isClosed, false);
});

test('a server that challenges for ever ends with connectTimeoutMs', async () => {
  const [reason] = await refused(
    { auth: { className: 'Endless', respond: () => ({ challenge: null }) } },
    { connectTimeoutMs: 60, authProvider: { initialResponse: () => null, evaluateChallenge: () => null } },
  );
  assert.match(reason.message, /within 60 ms/);
});

test('an authProvider that throws, rejects or never answers', async () => {
  const auth = { username: 'u', password: 'p' };
  const thrown = new Error('vault is sealed');
  const [sync] = await refused(
    { auth },
    {
      authProvider: {
        initialResponse: () => {
          throw thrown;
        },
      },
    },
  );
  assert.ok(sync instanceof AuthenticationFailed);
  assert.ok(chain(sync).includes(thrown));
  const [late] = await refused({ auth }, { authProvider: { initialResponse: () => Promise.reject(thrown) } });
  assert.ok(chain(late).includes(thrown));
  const [success] = await refused(
    { auth },
    {
      authProvider: {
        initialResponse: () => Buffer.from('\0u\0p'),
        onSuccess: () => {
          throw thrown;
        },
      },
    },
  );
  assert.ok(chain(success).includes(thrown));
  const [never] = await refused(
    { auth },
    { connectTimeoutMs: 60, authProvider: { initialResponse: () => new Promise<Buffer>(() => undefined) } },
  );
  assert.match(never.message, /within 60 ms/);
});

test('an authProvider that answers with something else than bytes', async () => {
  const [reason] = await refused(
    { auth: { username: 'u', password: 'p' } },
    { authProvider: { initialResponse: () => 'text' as unknown as Buffer } },
  );
  assert.ok(reason instanceof ConnectionError);
});

test('a half-open server: connect() rejects after connectTimeoutMs with the cause', async () => {
  await using node = await FakeNode.start({ halfOpen: true });
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint], connectTimeoutMs: 500 });
  const start = performance.now();
  const reason = await failure(cluster.connect());
  const took = performance.now() - start;
  assert.ok(took >= 495 && took < SOON_MS, String(took));
  assert.ok(reason instanceof NoHostAvailable);
  assert.match(
    reason.errors.get(node.contactPoint)?.message ?? '',
    /did not accept a connection within 500 ms \(the port is open/,
  );
});

test('a server that falls silent between READY and its system tables', async () => {
  await using node = await FakeNode.start();
  node.on('QUERY', hold());
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: [node.contactPoint],
    controlConnectionTimeoutMs: 60,
  });
  assert.ok((await failure(cluster.connect(), SOON_MS)) instanceof NoHostAvailable);
  await until(() => node.connections.length === 0, 'the closing of the connection');
});

test('STARTUP answered with something else than READY or AUTHENTICATE', async () => {
  await using node = await FakeNode.start();
  node.on('STARTUP', reactions.void());
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint] });
  const reason = await failure(cluster.connect());
  assert.ok(chain(reason).some((one) => one instanceof ProtocolError));
});

test('connect({ timeoutMs, signal }) ends in time though the server is silent', async () => {
  await using node = await FakeNode.start({ halfOpen: true });
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint], connectTimeoutMs: 20_000 });
  assert.match((await failure(cluster.connect(undefined, { timeoutMs: 40 }), SOON_MS)).message, /40 ms/);
  const reason = new Error('enough');
  const controller = new AbortController();
  setTimeout(() => {
    controller.abort(reason);
  }, 20);
  assert.equal(await failure(cluster.connect(undefined, { signal: controller.signal }), SOON_MS), reason);
});

test('connect() with a time limit that no timer holds does not time out at once', async () => {
  await using node = await FakeNode.start();
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint] });
  await using session = await cluster.connect(undefined, { timeoutMs: Infinity });
  assert.equal(session.isClosed, false);
  for (const [wrong, words] of [
    [{ timeoutMs: 30 * 24 * 3600 * 1000 }, /timeoutMs must be a number of milliseconds from 0 to 2147483647/],
    [{ timeoutMs: Number.NaN }, /timeoutMs must be .* got NaN/],
    [{ timeoutMs: '5' }, /timeoutMs must be .* got '5'/],
    [{ timeoutMS: 5 }, /timeoutMs/],
    [{ signal: 5 }, /signal must be an AbortSignal/],
    [5, /must be an object/],
  ] as const) {
    const reason = await failure(cluster.connect(undefined, wrong as object));
    assert.ok(reason instanceof ConfigurationError, String(reason));
    assert.match(reason.message, words);
  }
});

test('an unknown keyspace is the same InvalidRequest on every host', async () => {
  await using one = await bench();
  one.node.on(/^USE "nope"/, error('INVALID', { message: "Keyspace 'nope' does not exist" }));
  const reason = await failure(one.cluster.connect('nope'));
  assert.equal(reason.name, 'InvalidRequest');
});
