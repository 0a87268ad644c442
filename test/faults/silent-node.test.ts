import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConstantReconnectionPolicy, ConstantSpeculativeExecutionPolicy } from '../../src/index.js';
import { type FakeNode, hold, rows } from '../../src/testing/index.js';
import { benchOf, type ClusterBench, failure, seen, until } from './support.js';

const READ = 'SELECT v FROM t';

/** How often the node was asked for its peers. */
function readings(node: FakeNode): number {
  return node.requests.filter(({ statement }) => statement?.includes('FROM system.peers_v2') === true).length;
}

test('a node that hangs is passed over after a second, asked by a heartbeat, and used again when it speaks', async () => {
  await using some = await benchOf(2, { requestTimeoutMs: 20_000, heartbeatTimeoutMs: 10_000 });
  const [hung, well] = some.nodes;
  assert.ok(hung && well);
  for (const node of some.nodes) node.on(READ, rows([{ a: 1 }]));
  const beats = hung.counts.opcodes['OPTIONS'] ?? 0;
  hung.pause();
  const stuck = some.session.execute(READ);
  let coordinator = '';
  const start = performance.now();
  // The policy names the hung node first for each request; these few find out.
  const trials: Promise<unknown>[] = [];
  while (coordinator !== well.contactPoint) {
    assert.ok(performance.now() - start < 5000, 'the node is not passed over');
    trials.push(
      some.session.execute(READ).then(({ info }) => {
        coordinator = info.coordinator;
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (let i = 0; i < 10; i++) {
    assert.equal((await some.session.execute(READ)).info.coordinator, well.contactPoint);
  }
  hung.resume();
  assert.equal((await stuck).info.coordinator, hung.contactPoint, 'its late answer still counts');
  await Promise.all(trials);
  assert.equal(hung.counts.opcodes['OPTIONS'], beats + 1);
  assert.equal((await some.session.execute(READ)).info.coordinator, hung.contactPoint);
});

test('a hung node is still asked if there is no other', async () => {
  await using some = await benchOf(1, { requestTimeoutMs: 20_000, heartbeatTimeoutMs: 10_000 });
  const [hung] = some.nodes;
  assert.ok(hung);
  hung.on(READ, rows([{ a: 1 }]));
  hung.pause();
  const first = some.session.execute(READ);
  await new Promise((resolve) => setTimeout(resolve, 1300));
  const second = some.session.execute(READ);
  hung.resume();
  await Promise.all([first, second]);
});

/** Resolves once the client takes these nodes for silent: they owe an answer, and say nothing. */
async function silence(some: ClusterBench, hung: readonly FakeNode[]): Promise<readonly Promise<unknown>[]> {
  const owed = hung.map((node) => {
    node.pause();
    return some.session.execute(READ, undefined, { host: node.contactPoint }).catch(() => undefined);
  });
  await new Promise((resolve) => setTimeout(resolve, 1300));
  return owed;
}

test('nodes that were passed over as silent are asked, all of them, if the others fail', async () => {
  await using some = await benchOf(3, { requestTimeoutMs: 20_000, heartbeatTimeoutMs: 10_000 });
  const [first, second, third] = some.nodes;
  assert.ok(first && second && third);
  second.on(READ, rows([{ a: 1 }]));
  third.on(READ, hold());
  const owed = await silence(some, [first, second]);
  const answer = some.session.execute(READ, undefined, { isIdempotent: true });
  await until(() => seen(some.nodes, READ)[2] === 1, 'the request at the node that is not silent');
  await first.stop();
  second.resume();
  await until(() => !some.cluster.metadata.hosts.every(({ isUp }) => isUp), 'the first node goes down');
  third.closeConnections();
  assert.equal((await answer).info.coordinator, second.contactPoint);
  await Promise.all(owed);
});

test('a node that speculation passed over as silent is asked if the attempt under way is lost', async () => {
  const speculativeExecutionPolicy = new ConstantSpeculativeExecutionPolicy({ delayMs: 50, maxAttempts: 1 });
  await using some = await benchOf(2, {
    requestTimeoutMs: 20_000,
    heartbeatTimeoutMs: 10_000,
    speculativeExecutionPolicy,
  });
  const [first, second] = some.nodes;
  assert.ok(first && second);
  second.on(READ, rows([{ a: 1 }]));
  first.on(READ, hold());
  const owed = await silence(some, [second]);
  const answer = some.session.execute(READ, undefined, { isIdempotent: true });
  await new Promise((resolve) => setTimeout(resolve, 200));
  second.resume();
  first.closeConnections();
  assert.equal((await answer).info.coordinator, second.contactPoint);
  await Promise.all(owed);
});

test('a DOWN event is a hint: the node is asked, and kept if it answers', async () => {
  await using some = await benchOf(2, { heartbeatTimeoutMs: 200 });
  const [teller, subject] = some.nodes;
  assert.ok(teller && subject);
  const control = some.nodes.find((node) => node.counts.opcodes['REGISTER'] === 1);
  assert.ok(control);
  const other = control === teller ? subject : teller;
  const beats = other.counts.opcodes['OPTIONS'] ?? 0;
  const { connections } = other.counts;
  control.pushStatus('DOWN', other);
  await until(() => (other.counts.opcodes['OPTIONS'] ?? 0) > beats, 'a heartbeat');
  assert.equal((await some.session.execute(READ, undefined, { host: other.contactPoint })).info.attempts, 1);
  assert.equal(other.counts.connections, connections);

  other.pause();
  control.pushStatus('DOWN', other);
  await until(() => some.cluster.statistics.hosts.some(({ openConnections }) => openConnections === 0), 'the close');
  other.resume();
});

test('an UP event ends the wait for the next attempt, however long the back-off has become', async () => {
  await using some = await benchOf(2, { reconnectionPolicy: new ConstantReconnectionPolicy(3_600_000) });
  const control = some.nodes.find((node) => node.counts.opcodes['REGISTER'] === 1);
  const other = some.nodes.find((node) => node !== control);
  assert.ok(control && other);
  await other.stop();
  const host = some.cluster.metadata.getHost(other.contactPoint);
  await until(() => host?.isUp === false, 'the host goes down');
  await failure(some.session.execute(READ, undefined, { host: other.contactPoint }));
  await other.restart();
  control.pushStatus('UP', other);
  await until(() => host?.isUp === true, 'the host comes up');
});

test('all nodes down for long: the first that is back is found within seconds, whatever the back-off says', async () => {
  await using some = await benchOf(2, { reconnectionPolicy: new ConstantReconnectionPolicy(3_600_000) });
  await Promise.all(some.nodes.map((node) => node.stop()));
  await until(() => some.cluster.metadata.hosts.every(({ isUp }) => !isUp), 'all hosts go down');
  await new Promise((resolve) => setTimeout(resolve, 100));
  await some.nodes[0]?.restart();
  const start = performance.now();
  await until(() => some.cluster.metadata.hosts.some(({ isUp }) => isUp), 'a host comes up', 5000);
  assert.ok(performance.now() - start < 5000);
  await some.nodes[1]?.restart();
});

test('a refresh of the topology does not end the back-off of hosts that are down', async () => {
  await using some = await benchOf(3, {
    reconnectionPolicy: new ConstantReconnectionPolicy(3_600_000),
    topologyEventRefreshWindowMs: 20,
  });
  const control = some.nodes.find((node) => node.counts.opcodes['REGISTER'] === 1);
  const [down, other] = some.nodes.filter((node) => node !== control);
  assert.ok(control && down && other);
  const host = some.cluster.metadata.getHost(down.contactPoint);
  down.closeOnConnect = true;
  down.closeConnections();
  await until(() => host?.isUp === false, 'the host goes down');
  const { connections } = down.counts;
  for (let round = 1; round <= 3; round++) {
    const refreshes = readings(control);
    control.pushTopology('NEW_NODE', other);
    await until(() => readings(control) > refreshes, 'a refresh');
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  assert.equal(down.counts.connections, connections);
});
