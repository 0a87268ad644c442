import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AllowListPolicy,
  AsyncCluster,
  ConfigurationError,
  ConsistencyLevel,
  DCAwareRoundRobinPolicy,
  RoundRobinPolicy,
  TokenAwarePolicy,
  type AsyncClusterOptions,
  type LoadBalancingPolicy,
} from '../../src/index.js';
import { error, FakeCluster } from '../../src/testing/index.js';
import { failure, QUICK, seen, until } from './support.js';

/** Time for what must not happen to happen; too little of it lets a fault pass, and fails nothing. */
const pause = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 200));
const READ = 'SELECT v FROM t';

test('a load balancing policy that only a profile has finds connections to its hosts', async () => {
  await using fake = await FakeCluster.start({ datacenters: { dc1: 1, dc2: 1, dc3: 1 } });
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: fake.contactPoints,
    localDatacenter: 'dc1',
    executionProfiles: { analytics: { loadBalancingPolicy: new DCAwareRoundRobinPolicy({ localDatacenter: 'dc2' }) } },
  });
  await using session = await cluster.connect();
  await session.execute(READ);
  await session.execute(READ, undefined, { executionProfile: 'analytics' });
  assert.deepEqual(seen(fake.nodes, READ), [1, 1, 0]);
  assert.equal(fake.node(2).connections.length, 0, 'no policy uses it');
});

test("the datacenter that the cluster's policy names is the cluster's, wherever the contact points lie", async () => {
  await using fake = await FakeCluster.start({ datacenters: { dc1: 1, dc2: 1 } });
  const dc2 = (): LoadBalancingPolicy => new DCAwareRoundRobinPolicy({ localDatacenter: 'dc2' });
  const contactPoints = fake.nodes.map(({ contactPoint }) => contactPoint);
  const [first = ''] = contactPoints;
  const cases: [AsyncClusterOptions, 0 | 1][] = [
    [{ loadBalancingPolicy: dc2() }, 1],
    [{ loadBalancingPolicy: new TokenAwarePolicy(dc2()) }, 1],
    [{ loadBalancingPolicy: new AllowListPolicy(new TokenAwarePolicy(dc2()), ['127.0.0.1', ...contactPoints]) }, 1],
    [{ executionProfiles: { default: { loadBalancingPolicy: dc2() } } }, 1],
    [{ loadBalancingPolicy: dc2(), contactPoints: [first] }, 1],
    // What the policy names holds for its requests, whatever the cluster's option says.
    [{ loadBalancingPolicy: dc2(), localDatacenter: 'dc1' }, 1],
    [{ loadBalancingPolicy: new DCAwareRoundRobinPolicy(), localDatacenter: 'dc1' }, 0],
  ];
  for (const [options, expected] of cases) {
    await using cluster = new AsyncCluster({ ...QUICK, contactPoints, ...options });
    await using session = await cluster.connect();
    for (let i = 0; i < 2; i++) {
      assert.equal((await session.execute(READ)).info.coordinator, contactPoints[expected]);
    }
  }
});

test('a policy that names no datacenter, or whose cluster named it before, names none for the next cluster', async () => {
  await using fake = await FakeCluster.start({ datacenters: { dc1: 1, dc2: 1 } });
  const contactPoints = fake.nodes.map(({ contactPoint }) => contactPoint);
  const used = new DCAwareRoundRobinPolicy();
  const before = new AsyncCluster({ ...QUICK, contactPoints, localDatacenter: 'dc2', loadBalancingPolicy: used });
  await before.connect();
  await before.shutdown();
  for (const loadBalancingPolicy of [used, new TokenAwarePolicy(used), new RoundRobinPolicy()]) {
    await using cluster = new AsyncCluster({ ...QUICK, contactPoints, loadBalancingPolicy });
    const reason = await failure(cluster.connect());
    assert.ok(reason instanceof ConfigurationError);
    assert.match(reason.message, /\(dc1, dc2\): set localDatacenter/);
  }
  const nowhere = new DCAwareRoundRobinPolicy({ localDatacenter: 'dc9' });
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints, loadBalancingPolicy: nowhere });
  assert.match((await failure(cluster.connect())).message, /'dc9'.*: dc1, dc2$/);
});

test('a remote host that goes down is replaced by another that gets connections, and used again once it is back', async () => {
  await using fake = await FakeCluster.start({ datacenters: { dc1: 1, dc2: 2 } });
  fake.node(0).on(READ, error('IS_BOOTSTRAPPING'));
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: fake.contactPoints,
    loadBalancingPolicy: new DCAwareRoundRobinPolicy({ usedHostsPerRemoteDc: 1 }),
  });
  await using session = await cluster.connect();
  const remote = fake.nodes.slice(1);
  const coordinator = async (): Promise<string> =>
    (await session.execute(READ, undefined, { consistencyLevel: ConsistencyLevel.ONE })).info.coordinator;
  const isConnected = (endpoint: string): boolean =>
    cluster.statistics.hosts.some(({ host, openConnections }) => host.endpoint === endpoint && openConnections > 0);

  const first = await coordinator();
  const chosen = remote.find(({ contactPoint }) => contactPoint === first);
  const spare = remote.find(({ contactPoint }) => contactPoint !== first);
  assert.ok(chosen !== undefined && spare !== undefined);
  await chosen.stop();
  await until(() => isConnected(spare.contactPoint), 'a connection to the other remote host');
  assert.equal(await coordinator(), spare.contactPoint);
  await spare.stop();
  await until(() => !isConnected(spare.contactPoint), 'that the other is lost as well');
  await chosen.restart();
  await until(() => isConnected(chosen.contactPoint), 'a connection to the first one again');
  assert.equal(await coordinator(), chosen.contactPoint);
  await spare.restart();
  await chosen.stop();
  await until(() => isConnected(spare.contactPoint), 'a connection to the other one again');
  assert.equal(await coordinator(), spare.contactPoint);
});

test('a policy is asked for distances when hosts go down, and not again and again', async () => {
  await using fake = await FakeCluster.start({ nodes: 4 });
  const policy = new DCAwareRoundRobinPolicy();
  let asked = 0;
  const counting: LoadBalancingPolicy = {
    init: (view) => {
      policy.init(view);
    },
    distance: (host) => {
      asked++;
      return policy.distance(host);
    },
    newQueryPlan: (context) => policy.newQueryPlan(context),
    onUp: () => {
      policy.onUp();
    },
    onDown: () => {
      policy.onDown();
    },
  };
  await using cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: fake.contactPoints,
    loadBalancingPolicy: counting,
  });
  await cluster.connect();
  const down = (): number => cluster.metadata.hosts.filter((host) => !host.isUp).length;
  asked = 0;
  await Promise.all(fake.nodes.slice(1).map((node) => node.stop()));
  await until(() => down() === 3, 'that they are down');
  await pause();
  assert.ok(asked >= 4 && asked <= 12, `each of the three asks for four hosts at the most: ${String(asked)}`);
});
