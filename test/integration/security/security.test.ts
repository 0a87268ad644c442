import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { FakeNode } from '../../../src/testing/index.js';
import { sharedNode } from '../../support/nodes.js';
import { startCassandra, type EmbeddedCassandra } from '../../../src/embedded/index.js';
import {
  AsyncCluster,
  AuthenticationFailed,
  ConfigurationError,
  ConnectionError,
  NoHostAvailable,
  PlainTextAuthProvider,
  Unauthorized,
  type AsyncClusterOptions,
  type AuthContext,
  type AuthProvider,
  type LogEntry,
} from '../../../src/index.js';

/** A node that wants a password and takes clients with TLS and without. */
let node: EmbeddedCassandra;

const USER = { username: 'cassandra', password: 'cassandra' };
const WRONG = 'wrong-9c1f2a77';

before(
  async () => {
    const yaml = { client_encryption_options: { optional: true } };
    node = await startCassandra({ version: '5.0', auth: true, tls: true, yaml });
  },
  { timeout: 720_000 },
);
after(async () => {
  await node.stop();
});

function place(): { contactPoints: string[]; port: number; localDatacenter: string } {
  const { contactPoints, port, localDatacenter } = node;
  return { contactPoints, port, localDatacenter };
}

function ca(): string {
  assert.ok(node.tls !== undefined);
  return node.tls.ca;
}

/** What `connect` rejects with; the cluster is shut down. */
async function refusal(options: AsyncClusterOptions): Promise<Error> {
  const cluster = new AsyncCluster(options);
  try {
    await cluster.connect();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  } finally {
    await cluster.shutdown();
  }
  return assert.fail('It connected');
}

test('createWithAuth logs in', async () => {
  await using cluster = AsyncCluster.createWithAuth({ ...place(), ...USER });
  const session = await cluster.connect();
  const { rows } = await session.execute('LIST ROLES');
  assert.ok(rows.some((row) => row['role'] === 'cassandra'));
});

test('LIST ROLES, prepared, keeps its rows (skip-metadata with empty prepared metadata)', async () => {
  await using cluster = AsyncCluster.createWithAuth({ ...place(), ...USER });
  const session = await cluster.connect();
  const expected = (await session.execute('LIST ROLES')).rows;
  assert.ok(expected.length > 0);
  const list = await session.prepare('LIST ROLES');
  for (let round = 0; round < 3; round++) assert.deepEqual((await session.execute(list)).rows, expected);
  assert.deepEqual((await session.execute('LIST ROLES', [])).rows, expected);
});

/** Counts how often it is asked. */
class CountingProvider implements AuthProvider {
  asked = 0;
  accepted = 0;
  context: AuthContext | null = null;
  readonly #token: Buffer;

  constructor(password: string) {
    this.#token = Buffer.from(`\0cassandra\0${password}`);
  }

  async initialResponse(context: AuthContext): Promise<Buffer> {
    this.asked++;
    this.context = context;
    await new Promise((resolve) => setImmediate(resolve));
    return this.#token;
  }

  onSuccess(): void {
    this.accepted++;
  }
}

test('a wrong password is AuthenticationFailed with each host’s cause, and is not tried again', async () => {
  const provider = new CountingProvider(WRONG);
  const options = { ...place(), authProvider: provider };
  const error = await refusal({ ...options, contactPoints: [...options.contactPoints, ...options.contactPoints] });
  assert.ok(error instanceof AuthenticationFailed, inspect(error));
  assert.equal(error.host, `${node.contactPoints[0] ?? ''}:${String(node.port)}`);
  assert.ok(error.cause instanceof NoHostAvailable);
  assert.deepEqual([...error.cause.errors.keys()], [error.host]);
  assert.ok([...error.cause.errors.values()][0] instanceof AuthenticationFailed);
  assert.match(error.message, /username|password|credentials/i);
  assert.equal(provider.asked, 1);
  assert.equal(provider.accepted, 0);
});

test('a connect that failed for its password works once the password is right', async () => {
  let password = WRONG;
  const authProvider: AuthProvider = { initialResponse: () => Buffer.from(`\0cassandra\0${password}`) };
  await using cluster = new AsyncCluster({ ...place(), authProvider });
  await assert.rejects(cluster.connect(), AuthenticationFailed);
  await assert.rejects(cluster.connect(), AuthenticationFailed);
  ({ password } = USER);
  const session = await cluster.connect();
  assert.equal((await session.execute('SELECT key FROM system.local')).length, 1);
});

test('no authProvider where one is needed: the error says what to do', async () => {
  const error = await refusal(place());
  assert.ok(error instanceof AuthenticationFailed, inspect(error));
  assert.match(error.message, /PlainTextAuthProvider/);
  assert.match(error.message, /createWithAuth/);
});

test('an AuthProvider of one’s own', async () => {
  const provider = new CountingProvider('cassandra');
  await using cluster = new AsyncCluster({ ...place(), authProvider: provider });
  const session = await cluster.connect();
  await session.execute('SELECT key FROM system.local');
  assert.ok(provider.asked >= 2, 'each connection logs in');
  assert.equal(provider.accepted, provider.asked);
  assert.match(provider.context?.authenticator ?? '', /PasswordAuthenticator/);
  assert.equal(provider.context?.host, `${node.contactPoints[0] ?? ''}:${String(node.port)}`);
});

test('an AuthProvider that throws is the cause of an AuthenticationFailed', async () => {
  const mine = new Error('the vault is sealed');
  const error = await refusal({
    ...place(),
    authProvider: { initialResponse: () => Promise.reject(mine) },
  });
  assert.ok(error instanceof AuthenticationFailed);
  assert.match(error.message, /the vault is sealed/);
  const [first] = error.cause instanceof NoHostAvailable ? error.cause.errors.values() : [];
  assert.equal(first?.cause, mine);
});

test('Unauthorized for what a role may not do', async () => {
  await using cluster = AsyncCluster.createWithAuth({ ...place(), ...USER });
  const session = await cluster.connect();
  await session.execute("CREATE ROLE IF NOT EXISTS nobody WITH PASSWORD = 'none' AND LOGIN = true");
  await using other = AsyncCluster.createWithAuth({ ...place(), username: 'nobody', password: 'none' });
  const poor = await other.connect();
  await assert.rejects(
    poor.execute("CREATE KEYSPACE x WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"),
    Unauthorized,
  );
});

test('createWithAuth beside an authProvider is a ConfigurationError', () => {
  const both = { ...place(), ...USER, authProvider: new PlainTextAuthProvider('a', 'b') };
  assert.throws(() => AsyncCluster.createWithAuth(both), ConfigurationError);
});

// ---- TLS -------------------------------------------------------------------------------------------------------------

test('TLS, verified by the authority; with auth and LZ4 beside it', async () => {
  for (const compression of [undefined, 'lz4'] as const) {
    await using cluster = AsyncCluster.createWithAuth({
      ...place(),
      ...USER,
      tls: { ca: ca() },
      ...(compression === undefined ? {} : { compression }),
    });
    const logged: LogEntry[] = [];
    cluster.on('log', (entry) => logged.push(entry));
    const session = await cluster.connect();
    await session.execute(
      "CREATE KEYSPACE IF NOT EXISTS it_tls WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
    );
    await session.execute('CREATE TABLE IF NOT EXISTS it_tls.t (id int PRIMARY KEY, v text)');
    const long = 'over TLS '.repeat(50_000);
    await Promise.all(
      Array.from({ length: 100 }, (_, id) =>
        session.execute('INSERT INTO it_tls.t (id, v) VALUES (?, ?)', [id, id % 10 === 0 ? long : `v${String(id)}`]),
      ),
    );
    const { rows } = await session.execute<{ id: number; v: string }>('SELECT id, v FROM it_tls.t');
    assert.equal(rows.length, 100);
    for (const { id, v } of rows) assert.equal(v, id % 10 === 0 ? long : `v${String(id)}`);
    const { rows: clients } = await session.execute('SELECT ssl_enabled, username FROM system_views.clients');
    assert.ok(clients.some((client) => client['ssl_enabled'] === true && client['username'] === 'cassandra'));
    assert.deepEqual(
      logged.filter((entry) => entry.level === 'warn' || entry.level === 'error'),
      [],
    );
  }
});

test('TLS certificates are verified by default: without the authority the node is refused, in words', async () => {
  const authProvider = new PlainTextAuthProvider(USER.username, USER.password);
  for (const tls of [true, {}] as const) {
    const error = await refusal({ ...place(), authProvider, tls });
    assert.ok(error instanceof ConnectionError, inspect(error));
    assert.match(error.message, /TLS/);
    assert.match(error.message, /certificate/);
    assert.ok(!(error instanceof AuthenticationFailed));
  }
});

test('a certificate for another name is refused', async () => {
  const authProvider = new PlainTextAuthProvider(USER.username, USER.password);
  const error = await refusal({
    ...place(),
    authProvider,
    tls: { ca: ca(), servername: 'another.example' },
  });
  assert.ok(error instanceof ConnectionError, inspect(error));
  assert.match(error.message, /another\.example|altnames|does not match/i);
});

test('rejectUnauthorized false connects, and warns', async () => {
  await using cluster = AsyncCluster.createWithAuth({ ...place(), ...USER, tls: { rejectUnauthorized: false } });
  const logged: LogEntry[] = [];
  cluster.on('log', (entry) => logged.push(entry));
  const session = await cluster.connect();
  assert.equal((await session.execute('SELECT key FROM system.local')).length, 1);
  const warnings = logged.filter((entry) => entry.level === 'warn');
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]?.message ?? '', /verif|rejectUnauthorized/i);
});

test('a node with TLS and a client without: an error in time, not a hang', async () => {
  assert.ok(node.tls !== undefined);
  await using fake = await FakeNode.start({ tls: { key: node.tls.key, cert: node.tls.cert } });
  const error = await refusal({ contactPoints: [fake.contactPoint], connectTimeoutMs: 1500 });
  assert.ok(error instanceof ConnectionError, inspect(error));
});

test('a client with TLS and a node without: an error in time, not a hang', async () => {
  const error = await refusal({ ...sharedNode(), tls: { ca: ca() }, connectTimeoutMs: 1500 });
  assert.ok(error instanceof ConnectionError, inspect(error));
});

// ---- secrets ---------------------------------------------------------------------------------------------------------

test('no secret shows in errors, logs, JSON or inspect of cluster and session', async () => {
  const secret = 'sEcReT-4711';
  const texts: string[] = [];
  const show = (value: unknown): void => {
    texts.push(inspect(value, { depth: 20, showHidden: true, getters: true }), String(value));
    try {
      texts.push(JSON.stringify(value));
    } catch {
      // Circular, or with bigints: nothing that anybody prints.
    }
  };
  const cluster = AsyncCluster.createWithAuth({
    ...place(),
    username: 'cassandra',
    password: secret,
    tls: { ca: ca(), passphrase: secret },
  });
  cluster.on('log', show);
  show(cluster);
  const error = await cluster.connect().then(
    () => assert.fail('It connected'),
    (reason: unknown) => reason,
  );
  show(error);
  show(cluster);
  await cluster.shutdown();

  const provider = new PlainTextAuthProvider('cassandra', secret);
  show(provider);
  await using working = AsyncCluster.createWithAuth({ ...place(), ...USER });
  working.on('log', show);
  const session = await working.connect();
  show(session);
  for (const attempt of [
    () => session.execute('INSERT INTO system.local (key, cluster_name) VALUES (?, ?)', [secret, 5]),
    () => session.execute('SELECT * FROM system.local WHERE key = ? AND nothing = ?', [secret, secret]),
    () => session.execute('SELECT key FROM system.local WHERE key IN ?', [secret]),
  ]) {
    show(await attempt().catch((reason: unknown) => reason));
  }
  assert.ok(texts.length > 10);
  for (const text of texts) assert.ok(!text.includes(secret), text);
});
