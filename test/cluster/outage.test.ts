import assert from 'node:assert/strict';
import dns from 'node:dns';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConsistencyLevel, type AsyncCassandraSession, type AsyncCluster } from '../../src/index.js';
import { createMixTables, Mix } from './support/mix.js';
import {
  handles,
  openClient,
  seconds,
  startThreeNodes,
  waitUntilWhole,
  type Client,
  type ThreeNodes,
} from './support/three-nodes.js';
import { verifyAll } from './support/verify.js';

const NAME = 'cassandra.test';
const KEYSPACE = 'outage';
const RECOVERY_MS = 5000;
/** Any node alone can answer it, and the client has no part in what the others do. */
const PROBE = 'SELECT k FROM whole';
const PROBE_OPTIONS = { consistencyLevel: ConsistencyLevel.ONE, timeoutMs: 1000 };
const REQUESTS_AFTER = 400;

/** Makes NAME a name of these addresses, in this process. */
function resolveTo(context: TestContext, addresses: readonly string[]): void {
  const found = addresses.map((address) => ({ address, family: 4 }));
  context.mock.method(dns.promises, 'lookup', async (name: string) => {
    if (name === NAME) return found;
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
  });
}

/** Asks every 100 ms, as an application would; resolves with the time of the first answer. */
async function firstAnswer(session: AsyncCassandraSession, giveUpAfterMs: number): Promise<number> {
  const giveUpAt = performance.now() + giveUpAfterMs;
  for (;;) {
    try {
      await session.execute(PROBE, undefined, PROBE_OPTIONS);
      return performance.now();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
    }
    await sleep(100);
  }
}

async function allDown(three: ThreeNodes, cluster: AsyncCluster): Promise<void> {
  await Promise.all(three.nodes.map((node) => node.kill()));
  const giveUpAt = performance.now() + 10_000;
  while (cluster.metadata.hosts.some((host) => host.isUp)) {
    assert.ok(performance.now() < giveUpAt, 'the client does not notice that all nodes are gone');
    await sleep(10);
  }
}

/** Starts the nodes one after another, under these addresses if there are any. How long the client took to use the first. */
async function comeBack(
  three: ThreeNodes,
  session: AsyncCassandraSession,
  addresses: readonly string[] = [],
): Promise<number> {
  const answered = firstAnswer(session, 180_000);
  // It is awaited below; if a node does not start, that is the error to be told.
  answered.catch(() => undefined);
  let firstUpAt = 0;
  for (const [i, node] of three.nodes.entries()) {
    const address = addresses[i];
    await node.start(address === undefined ? {} : { address });
    firstUpAt ||= performance.now();
  }
  return (await answered) - firstUpAt;
}

async function worksAgain(three: ThreeNodes, { session }: Client, mix: Mix): Promise<void> {
  await waitUntilWhole(three, KEYSPACE);
  for (let i = 0; i < REQUESTS_AFTER; i++) await mix.send();
  assert.deepEqual(mix.journal.failures, []);
  await verifyAll(session, mix.journal);
}

test('all nodes away and back: the client recovers by itself', { timeout: 1_800_000 }, async (context) => {
  await using three = await startThreeNodes(context);
  const handlesBefore = await handles();
  {
    resolveTo(
      context,
      three.nodes.map((node) => node.address),
    );
    await using client = await openClient(three, KEYSPACE, { contactPoints: [NAME] });
    const { cluster, session } = client;
    await createMixTables(session);
    const mix = new Mix(session);
    await worksAgain(three, client, mix);
    const hosts = new Map(cluster.metadata.hosts.map((host) => [host.id, host]));
    assert.equal(hosts.size, 3);

    await context.test('at their old addresses', async (part) => {
      const goneAt = performance.now();
      await allDown(three, cluster);
      const took = await comeBack(three, session);
      part.diagnostic(
        `away for ${seconds(performance.now() - goneAt)}; recovered ${seconds(took)} after the first node`,
      );
      assert.ok(took < RECOVERY_MS, `recovered ${seconds(took)} after the first node answered`);
      await worksAgain(three, client, mix);
    });

    await context.test('under new addresses behind the same name', async (part) => {
      const goneAt = performance.now();
      await allDown(three, cluster);
      const addresses = three.nodes.map(({ address }) => address.replace(/\d+$/, (last) => String(Number(last) + 10)));
      context.mock.restoreAll();
      resolveTo(context, addresses);
      const took = await comeBack(three, session, addresses);
      part.diagnostic(
        `away for ${seconds(performance.now() - goneAt)}; recovered ${seconds(took)} after the first node`,
      );
      assert.ok(took < RECOVERY_MS, `recovered ${seconds(took)} after the first node answered`);
      await worksAgain(three, client, mix);
      const after = cluster.metadata.hosts;
      assert.deepEqual(after.map(({ address }) => address).sort(), addresses);
      for (const host of after) assert.ok(hosts.has(host.id), 'a node under another address is the same host');
    });
  }
  context.mock.restoreAll();
  assert.deepEqual(await handles(), handlesBefore, 'shutdown leaves nothing behind');
});
