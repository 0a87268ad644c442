import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { inspect } from 'node:util';
import { startCassandra, type EmbeddedCassandra } from '../../../src/embedded/index.js';
import {
  AsyncCluster,
  AuthenticationFailed,
  ConnectionError,
  ExponentialReconnectionPolicy,
  NoHostAvailable,
  type AsyncClusterOptions,
  type AuthProvider,
  type LogEntry,
} from '../../../src/index.js';
import { TestAuthority } from '../../support/certificates.js';
import { sharedNode } from '../../support/nodes.js';
import { Proxy } from '../../support/proxy.js';
import { served } from '../../support/served.js';

/** A node that wants a password and a certificate of each client. */
type Options = Omit<AsyncClusterOptions, 'contactPoints'> & { readonly contactPoints?: readonly string[] };

let node: EmbeddedCassandra;
const USER = { username: 'cassandra', password: 'cassandra' };

before(
  async () => {
    // Passwords that were changed hold at once.
    const yaml = { client_encryption_options: { require_client_auth: true }, credentials_validity: '0ms' };
    node = await startCassandra({ version: '5.0', auth: true, tls: true, yaml });
  },
  { timeout: 720_000 },
);
after(async () => {
  await node.stop();
});

function tls(): ConnectionOptions {
  assert.ok(node.tls !== undefined);
  return { ...node.tls };
}

/** Reaches the node through the proxy, also when its own address is read from the system tables. */
function through(proxy: Proxy): Options & { readonly contactPoints: readonly string[] } {
  const { localDatacenter } = node;
  const addressTranslator = { translate: () => ({ address: '127.0.0.1', port: proxy.port }) };
  return { contactPoints: [proxy.contactPoint], localDatacenter, addressTranslator };
}

async function startProxy(): Promise<Proxy> {
  return Proxy.start({ address: node.contactPoints[0] ?? '', port: node.port });
}

async function refusal(options: Options): Promise<Error> {
  const { contactPoints, port, localDatacenter } = node;
  const place = { contactPoints, port, localDatacenter, connectTimeoutMs: 3000 };
  await using cluster = AsyncCluster.createWithAuth({ ...place, ...USER, ...options });
  const start = performance.now();
  const outcome: unknown = await cluster.connect().catch((error: unknown) => error);
  assert.ok(performance.now() - start < 10_000, 'not within the time that one attempt may take');
  assert.ok(outcome instanceof ConnectionError, inspect(outcome));
  return outcome;
}

test('a node that requires client certificates takes ours, and says what it misses without', async () => {
  const { ca, ...own } = tls();
  await using proxy = await startProxy();
  await using cluster = AsyncCluster.createWithAuth({ ...through(proxy), ...USER, tls: { ca, ...own } });
  await (await cluster.connect()).execute('SELECT key FROM system.local');

  const nameless = await refusal({ tls: { ca } });
  assert.match(nameless.message, /TLS .*alert certificate required.*tls\.cert and tls\.key/);
  const foreign = await refusal({ tls: { ca, ...new TestAuthority('somebody else').issue() } });
  assert.match(foreign.message, /TLS .*alert/);
});

test('a wrong host name is refused, and both names are told', async () => {
  const reason = await refusal({ tls: { ...tls(), servername: 'wanted.example' } });
  assert.match(reason.message, /wanted\.example/);
  assert.ok(reason.message.includes(node.contactPoints[0] ?? '-'), reason.message);
  assert.match(reason.message, /DNS:localhost/);
});

test('a plain client at a TLS node, and a TLS client at a plain node', async () => {
  assert.match((await refusal({ tls: false })).message, /TLS/);
  assert.match((await refusal({ ...sharedNode(), tls: tls() })).message, /does the server speak TLS on this port/);
});

test('certificates are rotated without a restart: wrong ones fail attempt after attempt, right ones heal it', async () => {
  let current = tls();
  let asked = 0;
  await using proxy = await startProxy();
  await using cluster = AsyncCluster.createWithAuth({
    ...through(proxy),
    ...USER,
    reconnectionPolicy: new ExponentialReconnectionPolicy({ baseDelayMs: 100, maxDelayMs: 400 }),
    tls: async () => {
      asked++;
      await Promise.resolve();
      return current;
    },
  });
  const refused: string[] = [];
  cluster.on('log', ({ message }) => {
    if (message.includes('could not be opened')) refused.push(message);
  });
  const session = await cluster.connect();
  current = { ...current, ...new TestAuthority('not yet known to the node').issue() };
  await session.execute('SELECT key FROM system.local');
  assert.deepEqual(refused, [], 'what is open stays open');
  proxy.cut();
  const giveUpAt = performance.now() + 5000;
  while (refused.length < 2) {
    assert.ok(performance.now() < giveUpAt, 'no attempts were made');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // The node may have reset the connection before its alert was read.
  for (const message of refused) assert.match(message, /TLS with .* failed: .*alert|before it said anything/);
  current = tls();
  const before = asked;
  await served(session, 5000);
  assert.ok(asked > before);
});

test('a password changed by ALTER ROLE: open connections live on, new ones log in with the new one; no hammering', async () => {
  const { contactPoints, port, localDatacenter } = node;
  await using admin = AsyncCluster.createWithAuth({ contactPoints, port, localDatacenter, ...USER, tls: tls() });
  const root = await admin.connect();
  const passwords = ['sEcReT-one', 'sEcReT-two'] as const;
  await root.execute(`CREATE ROLE app WITH PASSWORD = '${passwords[0]}' AND LOGIN = true`);

  let password: string = passwords[0];
  let asked = 0;
  const authProvider: AuthProvider = {
    initialResponse: async () => {
      asked++;
      await Promise.resolve();
      return Buffer.from(`\0app\0${password}`);
    },
  };
  await using proxy = await startProxy();
  await using cluster = new AsyncCluster({
    ...through(proxy),
    authProvider,
    tls: tls(),
    reconnectionPolicy: new ExponentialReconnectionPolicy({ baseDelayMs: 200, maxDelayMs: 60_000 }),
  });
  const logs: LogEntry[] = [];
  cluster.on('log', (entry) => logs.push(entry));
  const session = await cluster.connect();
  const connected = asked;

  // Cassandra 5.0 lets a password be changed once in five seconds.
  await new Promise((resolve) => setTimeout(resolve, 5100));
  await root.execute(`ALTER ROLE app WITH PASSWORD = '${passwords[1]}'`);
  for (let i = 0; i < 10; i++) await session.execute('SELECT key FROM system.local');
  assert.equal(asked, connected, 'open connections do not log in again');

  asked = 0;
  proxy.cut();
  const errors: unknown[] = [];
  const giveUpAt = performance.now() + 2000;
  while (performance.now() < giveUpAt) {
    errors.push(await session.execute('SELECT key FROM system.local').catch((error: unknown) => error));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const last = errors.at(-1);
  assert.ok(last instanceof NoHostAvailable, inspect(last));
  assert.ok(
    [...last.errors.values()].every((error) => error instanceof AuthenticationFailed),
    inspect(last),
  );
  // At 0, 200, 600 and 1400 ms, jitter aside, by the pool and by the control connection.
  assert.ok(asked >= 2 && asked <= 10, `asked ${String(asked)} times`);

  [, password] = passwords;
  await served(session, 10_000);

  const texts = [...logs, ...errors, cluster, session].map((value) =>
    inspect(value, { depth: 20, showHidden: true, getters: true }),
  );
  const json = JSON.stringify([logs, errors]);
  for (const text of [...texts, json]) {
    assert.ok(!text.includes('sEcReT'), 'a password shows');
    assert.ok(!text.includes('PRIVATE KEY'), 'a key shows');
  }
});
