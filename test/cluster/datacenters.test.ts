import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { startCassandra, type CassandraNode, type EmbeddedCassandra } from '../../src/embedded/index.js';
import {
  AsyncCluster,
  ConsistencyLevel,
  ConstantReconnectionPolicy,
  DCAwareRoundRobinPolicy,
  NoHostAvailable,
  ReadTimeout,
  TokenAwarePolicy,
  Unavailable,
  type AsyncCassandraSession,
  type DCAwareRoundRobinOptions,
} from '../../src/index.js';

const SELECT = 'SELECT id, v FROM dcs.t WHERE id = ?';

function clusterOf(db: EmbeddedCassandra, options: DCAwareRoundRobinOptions): AsyncCluster {
  return new AsyncCluster({
    contactPoints: db.contactPoints,
    port: db.port,
    localDatacenter: 'dc1',
    loadBalancingPolicy: new TokenAwarePolicy(new DCAwareRoundRobinPolicy(options)),
    reconnectionPolicy: new ConstantReconnectionPolicy(200),
  });
}

/** The datacenters that coordinated `count` reads. */
async function coordinators(
  session: AsyncCassandraSession,
  consistencyLevel: ConsistencyLevel,
  count = 30,
): Promise<Set<string>> {
  const { hosts } = session.cluster.metadata;
  const seen = new Set<string>();
  for (let id = 0; id < count; id++) {
    const result = await session.execute(SELECT, [id], { consistencyLevel });
    assert.deepEqual(result.rows, [{ id, v: `v${String(id)}` }]);
    const { coordinator } = result.info;
    seen.add(hosts.find(({ endpoint }) => endpoint === coordinator)?.datacenter ?? coordinator);
  }
  return seen;
}

async function until(condition: () => boolean, what: string, withinMs: number): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!condition()) {
    assert.ok(performance.now() < giveUpAt, `${what} did not come about`);
    await sleep(20);
  }
}

async function refusal(work: Promise<unknown>): Promise<Error> {
  const outcome: unknown = await work.then(
    () => assert.fail('it was answered'),
    (error: unknown) => error,
  );
  assert.ok(outcome instanceof Error);
  return outcome;
}

/** The node in dc2 has to learn from gossip that it is alone; until then it asks the dead, and waits for them. */
async function untilItKnows(session: AsyncCassandraSession): Promise<void> {
  const giveUpAt = performance.now() + 90_000;
  for (;;) {
    const all = { consistencyLevel: ConsistencyLevel.ALL, timeoutMs: 30_000 };
    const reason = await refusal(session.execute(SELECT, [1], all));
    if (reason instanceof Unavailable) return;
    assert.ok(reason instanceof ReadTimeout && performance.now() < giveUpAt, inspect(reason));
  }
}

test('failover to another datacenter, as far as the policy allows, and back', { timeout: 900_000 }, async (t) => {
  await using db = await startCassandra({ datacenters: { dc1: 2, dc2: 1 }, heapMb: 448 });
  const local: CassandraNode[] = db.nodes.filter(({ datacenter }) => datacenter === 'dc1');
  assert.equal(local.length, 2);
  await using admin = clusterOf(db, {});
  const root = await admin.connect();
  const slow = { timeoutMs: 60_000 };
  const replication = "{'class': 'NetworkTopologyStrategy', 'dc1': 2, 'dc2': 1}";
  await root.execute(`CREATE KEYSPACE dcs WITH replication = ${replication}`, undefined, slow);
  await root.execute('CREATE TABLE dcs.t (id int PRIMARY KEY, v text)', undefined, slow);
  for (let id = 0; id < 30; id++) {
    await root.execute('INSERT INTO dcs.t (id, v) VALUES (?, ?)', [id, `v${String(id)}`], {
      consistencyLevel: ConsistencyLevel.ALL,
    });
  }

  await using staying = clusterOf(db, {});
  await using leaving = clusterOf(db, { usedHostsPerRemoteDc: 1 });
  await using anywhere = clusterOf(db, { usedHostsPerRemoteDc: 1, allowForLocalConsistency: true });
  const [home, travel, free] = [await staying.connect(), await leaving.connect(), await anywhere.connect()];
  for (const session of [home, travel, free]) {
    for (const level of [ConsistencyLevel.ONE, ConsistencyLevel.LOCAL_ONE, ConsistencyLevel.LOCAL_QUORUM]) {
      assert.deepEqual(await coordinators(session, level), new Set(['dc1']), 'while dc1 is there nobody leaves it');
    }
  }

  await Promise.all(local.map((node) => node.kill()));
  const isDown = (cluster: AsyncCluster): boolean =>
    cluster.metadata.hosts.every(({ datacenter, isUp }) => datacenter === 'dc2' || !isUp);
  await until(() => [staying, leaving, anywhere].every(isDown), 'the fall of dc1', 20_000);
  t.diagnostic('dc1 is down');

  // Without hosts elsewhere, and with them for levels that mean the local datacenter: an error at once, which says why.
  for (const [session, level] of [
    [home, ConsistencyLevel.ONE],
    [home, ConsistencyLevel.LOCAL_QUORUM],
    [travel, ConsistencyLevel.LOCAL_ONE],
    [travel, ConsistencyLevel.LOCAL_QUORUM],
  ] as const) {
    const begun = performance.now();
    const reason = await refusal(session.execute(SELECT, [1], { consistencyLevel: level }));
    assert.ok(reason instanceof NoHostAvailable, inspect(reason));
    assert.ok(performance.now() - begun < 10_000);
    for (const node of local) assert.ok(reason.message.includes(node.address), reason.message);
  }
  await untilItKnows(travel);
  assert.deepEqual(await coordinators(travel, ConsistencyLevel.ONE), new Set(['dc2']));
  // There, LOCAL_ means the other datacenter: that is what the option allows.
  for (const level of [ConsistencyLevel.ONE, ConsistencyLevel.LOCAL_ONE, ConsistencyLevel.LOCAL_QUORUM]) {
    assert.deepEqual(await coordinators(free, level), new Set(['dc2']));
  }

  for (const node of local) await node.start();
  const isBack = (cluster: AsyncCluster): boolean => cluster.metadata.hosts.every(({ isUp }) => isUp);
  await until(() => [staying, leaving, anywhere].every(isBack), 'the return of dc1', 60_000);
  for (const session of [home, travel, free]) {
    for (const level of [ConsistencyLevel.ONE, ConsistencyLevel.LOCAL_ONE]) {
      assert.deepEqual(await coordinators(session, level), new Set(['dc1']), 'everybody is home again');
    }
  }
});
