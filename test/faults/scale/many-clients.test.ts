import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AsyncClusterOptions } from '../../../src/index.js';
import { FakeCluster, type FakeNode, type FakeRequest } from '../../../src/testing/index.js';

const NODES = 4;
const PROCESSES = 4;
const CLIENTS_EACH = 250;
const CLIENTS = PROCESSES * CLIENTS_EACH;
const WINDOW_MS = 2000;

let fake: FakeCluster;
const children: ChildProcess[] = [];

before(async () => {
  fake = await FakeCluster.start({ nodes: NODES, keepRequests: 100_000 });
  const options: AsyncClusterOptions = {
    contactPoints: fake.nodes.map((node) => node.contactPoint),
    topologyEventRefreshWindowMs: WINDOW_MS,
    // A thousand clients, their nodes and this machine's other work share few cores.
    connectTimeoutMs: 60_000,
    controlConnectionTimeoutMs: 60_000,
    heartbeatTimeoutMs: 60_000,
  };
  const script = fileURLToPath(new URL('many-clients.child.ts', import.meta.url));
  for (let i = 0; i < PROCESSES; i++) {
    const args = ['--import', 'tsx', script, JSON.stringify(options), String(CLIENTS_EACH)];
    children.push(spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
  }
  await Promise.all(children.map(connected));
});

/** Resolves when all clients of the process are connected. */
async function connected(child: ChildProcess): Promise<void> {
  const [message] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as unknown[];
  assert.equal(message, 'connected', 'the clients could not connect');
}

after(async () => {
  for (const child of children) child.disconnect();
  await Promise.all(children.filter((child) => child.exitCode === null).map((child) => once(child, 'exit')));
  await fake.close();
});

function controlConnections(node: FakeNode): number {
  return node.connections.filter((connection) => connection.session.eventTypes.size > 0).length;
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const giveUpAt = performance.now() + 60_000;
  while (!isSo()) {
    assert.ok(performance.now() < giveUpAt, `${what} did not come about`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('1,000 clients that start at once spread their control connections over the nodes', async (context) => {
  await until(() => fake.nodes.every((node) => node.connections.length >= CLIENTS), 'a connection of each to each');
  const counts = fake.nodes.map(controlConnections);
  context.diagnostic(`control connections: ${counts.join(', ')}`);
  assert.equal(
    counts.reduce((a, b) => a + b),
    CLIENTS,
  );
  // A fair share is 250, its standard deviation 14: these bounds are seven of those away.
  for (const count of counts) assert.ok(count > 150 && count < 350, `${String(count)} on one node`);
});

test('one event: the clients read the topology again at moments spread over the window, from all nodes', async (context) => {
  const seen: { node: FakeNode; request: FakeRequest }[] = [];
  const rules = fake.nodes.map((node) =>
    node.on({ query: /FROM system\.peers_v2/ }, (request) => {
      seen.push({ node, request });
      return undefined;
    }),
  );
  const sentAt = performance.now();
  for (const node of fake.nodes) node.pushTopology('NEW_NODE', fake.node(0));
  await until(() => seen.length >= CLIENTS, 'a refresh by every client');
  for (const rule of rules) rule.remove();

  const delays = seen.map(({ request }) => request.receivedAt - sentAt).sort((a, b) => a - b);
  const perNode = fake.nodes.map((node) => seen.filter((one) => one.node === node).length);
  const [first = 0, median = 0] = [delays[0], delays[CLIENTS / 2]];
  context.diagnostic(
    `refreshes from ${first.toFixed(0)} ms on, half by ${median.toFixed(0)} ms; by node: ${perNode.join(', ')}`,
  );
  assert.equal(seen.length, CLIENTS, 'one refresh each');
  assert.ok(first > WINDOW_MS * 0.7, 'none before the window is over');
  // The window's end is drawn from 75 % to 125 %: half of the clients are later than the earliest by a quarter of it.
  assert.ok(median - first > WINDOW_MS * 0.1, 'all at once');
  for (const count of perNode) assert.ok(count > 150 && count < 350, `${String(count)} of one node`);
});
