import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCluster, DCAwareRoundRobinPolicy } from '../../src/index.js';
import { FakeCluster } from '../../src/testing/index.js';
import { QUICK, seen } from './support.js';

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
