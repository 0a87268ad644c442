import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import {
  AsyncCluster,
  AuthenticationFailed,
  ExponentialReconnectionPolicy,
  NoHostAvailable,
  type AuthProvider,
  type LogEntry,
} from '../../src/index.js';
import { FakeNode, type AuthenticatorReply, type FakeAuthenticator } from '../../src/testing/index.js';
import { served } from '../support/served.js';
import { bench, chain, failure, QUICK, until } from './support.js';

const SECRET = 'sEcReT-4711';

/** What `connect` rejects with, for a node that takes the token 'right' after one challenge. */
async function refusal(authProvider: AuthProvider, connectTimeoutMs = 1000): Promise<Error> {
  const auth: FakeAuthenticator = {
    className: 'Challenging',
    respond: (_token, round): AuthenticatorReply =>
      round === 1 ? { challenge: Buffer.from('who?') } : { success: null },
  };
  await using node = await FakeNode.start({ auth });
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: [node.contactPoint],
    authProvider,
    connectTimeoutMs,
  });
  const logs: LogEntry[] = [];
  cluster.on('log', (entry) => logs.push(entry));
  const reason = await failure(cluster.connect());
  assert.ok(!inspect([logs, chain(reason)], { depth: 12, showHidden: true, getters: true }).includes(SECRET));
  return reason;
}

function rubbish(value: unknown): Buffer {
  return value as Buffer;
}

test('an authProvider that gives rubbish, first or at a challenge: AuthenticationFailed, and the rubbish is not shown', async () => {
  const first = (): Buffer => Buffer.from(SECRET);
  const values: [unknown, RegExp][] = [
    [SECRET, /type string/],
    [undefined, /type undefined/],
    [4711, /type number/],
    [{ password: SECRET }, /type object/],
    [[SECRET], /type object/],
    [Buffer.alloc(128 * 1024, 1), /131072 bytes; servers take/],
  ];
  for (const [value, expected] of values) {
    const steps: AuthProvider[] = [
      { initialResponse: () => rubbish(value) },
      { initialResponse: first, evaluateChallenge: () => Promise.resolve(rubbish(value)) },
    ];
    for (const provider of steps) {
      const reason = await refusal(provider);
      assert.ok(reason instanceof AuthenticationFailed, inspect(reason));
      assert.match(reason.message, /^The authProvider/);
      assert.match(reason.message, expected);
    }
  }
});

test('an authProvider that cannot answer a challenge, or hangs in any of its steps', async () => {
  const first = (): Buffer => Buffer.from(SECRET);
  const never = (): Promise<never> => new Promise(() => undefined);
  const mute = await refusal({ initialResponse: first });
  assert.ok(mute instanceof AuthenticationFailed);
  assert.match(mute.message, /no evaluateChallenge/);
  for (const provider of [
    { initialResponse: never },
    { initialResponse: first, evaluateChallenge: never },
    { initialResponse: first, evaluateChallenge: first, onSuccess: never },
  ]) {
    const reason = await refusal(provider, 100);
    assert.ok(reason instanceof NoHostAvailable, inspect(reason));
    assert.match(reason.message, /within 100 ms/);
  }
});

test('a password that turns wrong while running: open connections live on, the node is not hammered, and the new one works', async () => {
  let onServer = 'first';
  let ours = 'first';
  const auth: FakeAuthenticator = {
    className: 'org.apache.cassandra.auth.PasswordAuthenticator',
    respond: (token) => (token?.toString() === onServer ? { success: null } : { refusal: 'incorrect' }),
  };
  let asked = 0;
  const authProvider: AuthProvider = {
    initialResponse: () => {
      asked++;
      return Buffer.from(ours);
    },
  };
  const reconnectionPolicy = new ExponentialReconnectionPolicy({ baseDelayMs: 100, maxDelayMs: 60_000 });
  await using one = await bench({ authProvider, reconnectionPolicy }, { auth });
  assert.equal(asked, 2, 'the control connection and the pool');

  onServer = 'second';
  for (let i = 0; i < 20; i++) await one.session.execute('SELECT a');
  assert.equal(asked, 2, 'open connections do not log in again');

  asked = 0;
  one.node.closeConnections();
  const giveUpAt = performance.now() + 1000;
  // Requests come all the time: they must not make it worse.
  while (performance.now() < giveUpAt) {
    const reason = await failure(one.session.execute('SELECT a'));
    assert.ok(reason instanceof NoHostAvailable, inspect(reason));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.ok([...one.cluster.metadata.hosts].every((host) => !host.isUp));
  // At 0, 100, 300 and 700 ms, jitter aside, on each of the two connections.
  assert.ok(asked >= 2 && asked <= 10, `asked ${String(asked)} times`);

  ours = 'second';
  await served(one.session, 5000);
  await until(() => one.node.connections.length === 2, 'both connections are back');
});
