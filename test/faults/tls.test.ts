import assert from 'node:assert/strict';
import { createServer, Socket, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { inspect } from 'node:util';
import {
  AsyncCluster,
  ConfigurationError,
  ConnectionError,
  NoHostAvailable,
  type AsyncClusterOptions,
  type LogEntry,
} from '../../src/index.js';
import { FakeNode, rows } from '../../src/testing/index.js';
import { selfSigned, TestAuthority, type Pair } from '../support/certificates.js';
import { served } from '../support/served.js';
import { bench, chain, failure, QUICK, until } from './support.js';

const authority = new TestAuthority();
const server = authority.issue();

/** What `connect` rejects with, for a node with this key and certificate. */
async function refusal(nodeTls: Pair, tls: AsyncClusterOptions['tls']): Promise<Error> {
  await using node = await FakeNode.start({ tls: nodeTls });
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint], tls });
  return await failure(cluster.connect());
}

function collectLogs(cluster: AsyncCluster): LogEntry[] {
  const entries: LogEntry[] = [];
  cluster.on('log', (entry) => entries.push(entry));
  return entries;
}

test("a fake node's tls option: it speaks TLS with that certificate, and nothing else", async () => {
  await using one = await bench({ tls: { ca: authority.ca } }, { tls: server });
  one.node.on('SELECT a', rows([{ a: 'over TLS '.repeat(20_000) }]));
  const results = await Promise.all(Array.from({ length: 20 }, () => one.session.execute('SELECT a')));
  for (const result of results) assert.deepEqual(result.rows, [{ a: 'over TLS '.repeat(20_000) }]);
  one.node.closeConnections();
  await served(one.session, 2000);
});

test('certificates that do not hold are refused, each in words that say why', async () => {
  const ca = { ca: authority.ca };
  const cases: [Pair, AsyncClusterOptions['tls'], RegExp][] = [
    [server, true, /^TLS with 127\.0\.0\.1:\d+ failed: .*certificate.*tls\.ca/],
    [selfSigned(), ca, /^TLS with 127\.0\.0\.1:\d+ failed: self-signed certificate .*tls\.ca/],
    [authority.issueExpired(), ca, /^TLS with 127\.0\.0\.1:\d+ failed: certificate has expired/],
    [authority.issue(['db.example']), ca, /failed: .*127\.0\.0\.1.*tls\.servername/],
    [server, { ...ca, servername: 'wanted.example' }, /failed: .*wanted\.example.*127\.0\.0\.1.*tls\.servername/],
    [authority.issue(['db.example']), { ...ca, servername: 'wanted.example' }, /wanted\.example.*db\.example/],
  ];
  for (const [nodeTls, tls, expected] of cases) {
    for (const given of [tls, () => (tls === true ? {} : (tls as ConnectionOptions))]) {
      const reason = await refusal(nodeTls, given);
      assert.ok(reason instanceof ConnectionError && !(reason instanceof NoHostAvailable), inspect(reason));
      assert.match(reason.message, expected);
      assert.ok(reason.cause instanceof NoHostAvailable, "each host's cause stands behind it");
    }
  }
});

test('a plain client and a TLS server, a TLS client and a plain server: told at once, and what to look at', async () => {
  const plain = await refusal(server, false);
  assert.ok(plain instanceof ConnectionError);
  assert.match(plain.message, /TLS/);
  const talkative = createServer((socket) => socket.on('error', () => undefined).write('\x85 what is that?'));
  await new Promise<void>((resolve) => talkative.listen(0, '127.0.0.1', resolve));
  const contactPoint = `127.0.0.1:${String((talkative.address() as AddressInfo).port)}`;
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [contactPoint], tls: { ca: authority.ca } });
  const secured = await failure(cluster.connect());
  talkative.close();
  assert.ok(secured instanceof ConnectionError);
  assert.match(secured.message, /wrong version number.*does the server speak TLS on this port/);
});

test('a port that is open and never answers in TLS: told what to look at', async () => {
  const mute = createServer((socket) => socket.on('error', () => undefined));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const contactPoint = `127.0.0.1:${String((mute.address() as AddressInfo).port)}`;
  const options = { ...QUICK, contactPoints: [contactPoint], tls: { ca: authority.ca }, connectTimeoutMs: 300 };
  await using cluster = new AsyncCluster(options);
  const error = await failure(cluster.connect());
  mute.close();
  assert.match(error.message, /within 300 ms \(the port is open .*does the server speak TLS on this port\?\)/);
});

test('a TLS function is asked anew for each connection; rotated certificates are taken, open connections stay', async () => {
  const next = new TestAuthority();
  const asked = { times: 0 };
  let current: ConnectionOptions = { ca: authority.ca };
  const node = await FakeNode.start({ tls: server });
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: [node.contactPoint],
    tls: async () => {
      asked.times++;
      await Promise.resolve();
      return current;
    },
  });
  const session = await cluster.connect();
  assert.deepEqual(asked, { times: 2 }, 'the control connection and the pool');

  current = { ca: next.ca };
  await session.execute('SELECT a');
  assert.deepEqual(asked, { times: 2 }, 'what is open stays as it is');

  const { port } = node;
  await node.close();
  await using rotated = await FakeNode.start({ port, hostId: node.hostId, tls: next.issue() });
  await served(session, 2000);
  await until(() => rotated.connections.length === 2, 'both connections under the new certificate');
  assert.ok(asked.times >= 4);
});

test('a TLS function that throws, hangs or gives rubbish while running: attempts fail, the pool keeps trying', async () => {
  const good = { ca: authority.ca };
  let answer: () => unknown = () => good;
  await using one = await bench(
    { tls: () => answer() as ConnectionOptions, connectTimeoutMs: 500, requestTimeoutMs: 2000 },
    { tls: server },
  );
  const logs = collectLogs(one.cluster);
  const mine = new Error('the certificate file is being written');
  const troubles: [() => unknown, RegExp][] = [
    [
      () => {
        throw mine;
      },
      /function given as tls failed for 127\.0\.0\.1:\d+: the certificate file is being written/,
    ],
    [() => Promise.reject(mine), /the certificate file is being written/],
    [() => 'sEcReT-key', /must give the options of tls\.connect; it gave a string/],
    [() => undefined, /it gave a undefined/],
    [() => [good], /it gave an array/],
    [() => ({ ...good, key: 'sEcReT-key' }), /tls options cannot be used/],
    [() => ({ ...good, ...server, passphrase: { secret: 'sEcReT-key' } }), /tls options cannot be used/],
    [() => ({ ca: new TestAuthority().ca }), /TLS with/],
    [() => new Promise(() => undefined), /within 500 ms/],
  ];
  for (const [trouble, expected] of troubles) {
    logs.length = 0;
    answer = trouble;
    one.node.closeConnections();
    const attempts = (): LogEntry[] => logs.filter(({ message }) => message.includes('could not be opened'));
    await until(() => attempts().length >= 2, `a second attempt after ${String(trouble)}`, 10_000);
    for (const { message, error } of attempts()) {
      assert.match(message, expected);
      assert.ok(error instanceof ConnectionError || error instanceof ConfigurationError);
    }
    const reason = await failure(one.session.execute('SELECT a'));
    assert.ok(reason instanceof NoHostAvailable, inspect(reason));
    assert.ok(!inspect([logs, chain(reason)], { depth: 9, showHidden: true }).includes('sEcReT'));
    answer = () => good;
    await served(one.session, 2000);
    await until(() => one.node.connections.length === 2, 'both connections are back');
  }
});

test('a TLS function that fails at connect(): its error is the cause, and the next connect() asks again', async () => {
  await using node = await FakeNode.start({ tls: server });
  const mine = new Error('no such file');
  let answer: () => unknown = () => Promise.reject(mine);
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: [node.contactPoint],
    tls: () => answer() as ConnectionOptions,
  });
  const thrown = await failure(cluster.connect());
  assert.ok(thrown instanceof NoHostAvailable && chain(thrown).includes(mine));
  assert.match(thrown.message, /function given as tls failed .*no such file/);
  answer = () => null;
  const rubbish = await failure(cluster.connect());
  assert.ok(rubbish instanceof ConfigurationError);
  assert.match(rubbish.message, /it gave null/);
  assert.equal(node.counts.connections, 0, 'no socket was opened for nothing');
  answer = () => ({ ca: authority.ca });
  await using session = await cluster.connect();
  await session.execute('SELECT a');
});

test('a TLS function that does not answer counts as a connection that does not open; the next connect() asks again', async () => {
  await using node = await FakeNode.start({ tls: server });
  const mine = new Error('no such file');
  let answer: () => Promise<ConnectionOptions> = () => new Promise(() => undefined);
  // Too short for a handshake on a busy machine: none is made here.
  const timing = { ...QUICK, connectTimeoutMs: 80 };
  await using cluster = new AsyncCluster({ ...timing, contactPoints: [node.contactPoint], tls: () => answer() });
  assert.match((await failure(cluster.connect())).message, /within 80 ms/);
  answer = () => Promise.reject(mine);
  assert.ok(chain(await failure(cluster.connect())).includes(mine));
  assert.equal(node.counts.connections, 0, 'no socket was opened for nothing');
});

test('rejectUnauthorized: false warns once, from a function too, however many connections there are', async () => {
  const unverified = { rejectUnauthorized: false };
  for (const tls of [unverified, () => unverified, () => Promise.resolve(unverified)]) {
    await using node = await FakeNode.start({ tls: selfSigned() });
    await using cluster = new AsyncCluster({
      ...QUICK,
      contactPoints: [node.contactPoint],
      tls,
      pooling: { connectionsPerLocalHost: 3 },
    });
    const logs = collectLogs(cluster);
    await cluster.connect();
    await until(() => node.connections.length === 4, 'all connections');
    assert.equal(logs.filter(({ level }) => level === 'warn').length, 1);
    assert.match(logs.find(({ level }) => level === 'warn')?.message ?? '', /rejectUnauthorized: false/);
  }
});

test('a checkServerIdentity warns once that the name is checked by it alone', async () => {
  for (const [options, words] of [
    [
      { ca: authority.ca, checkServerIdentity: () => undefined },
      /host name is checked by the given checkServerIdentity/,
    ],
    [{ rejectUnauthorized: false, checkServerIdentity: () => undefined }, /rejectUnauthorized: false/],
  ] as const) {
    await using node = await FakeNode.start({ tls: server });
    await using cluster = new AsyncCluster({
      ...QUICK,
      contactPoints: [node.contactPoint],
      tls: options,
      pooling: { connectionsPerLocalHost: 3 },
    });
    const logs = collectLogs(cluster);
    await cluster.connect();
    await until(() => node.connections.length === 4, 'all connections');
    assert.deepEqual(
      logs.filter(({ level }) => level === 'warn').map(({ message }) => words.test(message)),
      [true],
    );
  }
});

test('NODE_TLS_REJECT_UNAUTHORIZED=0 does not turn verification off', async () => {
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  try {
    for (const tls of [true, {}, { rejectUnauthorized: undefined }, () => ({})]) {
      assert.match((await refusal(server, tls)).message, /^TLS with 127\.0\.0\.1:\d+ failed: /);
    }
  } finally {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  }
});

test('tls that is neither a boolean, nor options, nor a function is refused without being shown', () => {
  for (const tls of ['sEcReT', 5, null, ['sEcReT']]) {
    assert.throws(
      () => new AsyncCluster({ tls: tls as unknown as boolean }),
      (error: Error) =>
        error instanceof ConfigurationError && error.message.includes('tls must') && !error.message.includes('sEcReT'),
    );
  }
});

test('a host, port, path or socket among the tls options led the connections of every node there', async () => {
  await using elsewhere = await FakeNode.start({ tls: server });
  const wrong: readonly [ConnectionOptions, RegExp][] = [
    [{ host: '127.0.0.1' }, /tls\.host must be left out: .*servername/],
    [{ port: elsewhere.port }, /tls\.port must be left out: .*the option port/],
    [{ path: '/tmp/socket' }, /tls\.path must be left out/],
    [{ socket: new Socket() }, /tls\.socket must be left out/],
  ];
  for (const [target, expected] of wrong) {
    const tls = { ca: authority.ca, ...target };
    assert.throws(
      () => new AsyncCluster({ tls }),
      (error: unknown) => error instanceof ConfigurationError && expected.test(error.message),
    );
    const reason = await refusal(server, () => tls);
    assert.ok(reason instanceof ConfigurationError, inspect(reason));
    assert.match(reason.message, expected);
  }
  assert.equal(elsewhere.counts.connections, 0);
  const left = { host: null, port: undefined, path: '', socket: null } as unknown as ConnectionOptions;
  await using one = await bench({ tls: { ca: authority.ca, ...left } }, { tls: server });
  await one.session.execute('SELECT a');
});

test('tls options that are undefined took the place of the checks of the certificate and its name', async () => {
  const names = ['checkServerIdentity', 'servername', 'rejectUnauthorized', 'onread', 'noDelay'];
  const left = Object.fromEntries(names.map((name) => [name, undefined])) as ConnectionOptions;
  await using node = await FakeNode.start({ tls: authority.issue(['localhost']) });
  const contactPoints = [`localhost:${String(node.port)}`];
  const tls = { ca: authority.ca, ...left };
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints, tls });
  const logs = collectLogs(cluster);
  await using session = await cluster.connect();
  await session.execute('SELECT a');
  assert.deepEqual(
    logs.filter(({ level }) => level === 'warn'),
    [],
  );
});

test('errors of connections name an IPv6 address in brackets, as everything else does', async () => {
  for (const tls of [false, true]) {
    await using cluster = new AsyncCluster({ ...QUICK, contactPoints: ['[::1]:1'], tls });
    assert.match((await failure(cluster.connect())).message, /connection to \[::1\]:1 failed/);
  }
});
