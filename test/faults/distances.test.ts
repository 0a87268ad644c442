import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCluster, ConsistencyLevel, DCAwareRoundRobinPolicy, type LoadBalancingPolicy } from '../../src/index.js';
import { error, FakeCluster } from '../../src/testing/index.js';
import { QUICK, seen, until } from './support.js';

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
