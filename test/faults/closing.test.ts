import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCluster, ConnectionError, type AsyncClusterOptions } from '../../src/index.js';
import { drop, FakeCluster, FakeNode, hold } from '../../src/testing/index.js';
import { failure, QUICK, SOON_MS, until } from './support.js';

interface Hanging {
  readonly what: string;
  /** True once connect() waits for what never comes. */
  readonly hangs: (node: FakeNode) => boolean;
  readonly script?: (node: FakeNode) => void;
  readonly options?: AsyncClusterOptions;
}

const asked = (node: FakeNode, what: RegExp): boolean =>
  node.requests.some((request) => request.statements.some((statement) => what.test(statement)));
const unanswered = (what: string, match: RegExp): Hanging => ({
  what: `${what} does not answer`,
  script: (node) => node.on(match, drop()),
  hangs: (node) => asked(node, match),
});
let translating = false;
const startups = (node: FakeNode): number => node.requests.filter(({ opcodeName }) => opcodeName === 'STARTUP').length;

const CASES: readonly Hanging[] = [
  unanswered('system.local', /FROM system\.local/),
  unanswered('system_schema.keyspaces', /FROM system_schema\.keyspaces/),
  {
    what: 'the handshake of the control connection does not go on',
    script: (node) => node.on('STARTUP', drop()),
    hangs: (node) => startups(node) === 1,
  },
  {
    what: "the handshake of a pool's connection does not go on",
    script: (node) => node.on({ opcode: 'STARTUP', nth: 2 }, drop()),
    hangs: (node) => startups(node) === 2,
  },
  {
    what: 'the address translator hangs',
    hangs: () => translating,
    options: {
      addressTranslator: {
        translate: () => {
          translating = true;
          return new Promise<never>(() => undefined);
        },
      },
    },
  },
];

for (const { what, script, hangs, options } of CASES) {
  test(`shutdown() while ${what}: connect() rejects at once, no socket stays`, async () => {
    await using fake = await FakeCluster.start({ nodes: 2 });
    const node = fake.node(0);
    script?.(node);
    await using cluster = new AsyncCluster({ ...QUICK, contactPoints: fake.contactPoints, ...options });
    const connecting = cluster.connect();
    connecting.catch(() => undefined);
    await until(() => hangs(node), 'that connect() waits');
    await cluster.shutdown();
    const error = await failure(connecting, SOON_MS);
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.message, 'Cluster is closed');
    await until(() => fake.nodes.every(({ connections }) => connections.length === 0), 'that all is closed', SOON_MS);
  });
}

test('shutdown() while a request is under way and connect() waits: connect() does not wait for the request', async () => {
  await using node = await FakeNode.start({ keyspaces: [{ name: 'other' }] });
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint] });
  const session = await cluster.connect();
  node.on('SELECT slow', hold().rows([{ a: 1 }]));
  const slow = session.execute('SELECT slow');
  await node.waitFor('SELECT slow');
  const before = startups(node);
  node.on('STARTUP', drop());
  const connecting = failure(cluster.connect('other'), SOON_MS);
  await until(() => startups(node) > before, 'the handshake');
  const closing = cluster.shutdown({ drainTimeoutMs: 20_000 });
  assert.match((await connecting).message, /^Cluster is closed/);
  node.release();
  assert.deepEqual((await slow).rows, [{ a: 1 }]);
  await closing;
});

test('shutdown({ signal }): an abort ends the wait for what is under way, and everything is closed at once', async () => {
  await using fake = await FakeCluster.start({ nodes: 2 });
  for (const node of fake.nodes) node.on('SELECT held', hold());
  const begin = async (): Promise<{ cluster: AsyncCluster; held: Promise<unknown> }> => {
    const cluster = new AsyncCluster({ ...QUICK, contactPoints: fake.contactPoints });
    const session = await cluster.connect();
    const before = fake.nodes.flatMap(({ requests }) => requests).length;
    const held = failure(session.execute('SELECT held'));
    await until(() => fake.nodes.flatMap(({ requests }) => requests).length > before, 'the request');
    return { cluster, held };
  };
  const reason = new Error('no patience');
  const gone = (): boolean => fake.nodes.every(({ connections }) => connections.length === 0);

  const first = await begin();
  const controller = new AbortController();
  const begun = performance.now();
  const patient = first.cluster.shutdown({ drainTimeoutMs: 60_000 });
  const hasty = failure(first.cluster.shutdown({ signal: controller.signal }));
  controller.abort(reason);
  assert.equal(await hasty, reason);
  await patient;
  assert.ok((await first.held) instanceof ConnectionError);
  await until(gone, 'that every connection is closed');

  const second = await begin();
  assert.equal(await failure(second.cluster.close({ signal: controller.signal })), reason);
  assert.ok(second.cluster.isClosed && (await second.held) instanceof ConnectionError);
  await until(gone, 'that every connection is closed');
  assert.equal(await failure(second.cluster.shutdown({ signal: controller.signal })), reason);
  assert.ok(performance.now() - begun < SOON_MS);

  const third = new AsyncCluster({ ...QUICK, contactPoints: fake.contactPoints });
  const session = await third.connect();
  assert.match(
    String(await failure(session.close({ signal: 5 as never }))),
    /^ConfigurationError: Options of close\(\): signal/,
  );
  assert.equal(session.isClosed, false);
  assert.equal(await failure(session.close({ signal: controller.signal })), reason);
  assert.equal(session.isClosed, true);
  await third.shutdown({ signal: new AbortController().signal });
  await until(gone, 'that every connection is closed');
});

test('shutdown() by a listener of log, when no host answers: no timer stays', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  await using node = await FakeNode.start();
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint] });
  await cluster.connect();
  const before = timers();
  let left = -1;
  cluster.on('log', ({ message }) => {
    if (!message.startsWith('No host answers')) return;
    void cluster.shutdown().then(() => {
      left = timers();
    });
  });
  await node.stop();
  // Not with a timer: they are counted.
  while (left < 0) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(left <= before, `${String(left)} timers are left, of ${String(before)} before`);
});
