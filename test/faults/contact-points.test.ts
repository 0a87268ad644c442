import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCluster, ConfigurationError } from '../../src/index.js';
import { FakeCluster, FakeNode } from '../../src/testing/index.js';
import { chain, failure, QUICK } from './support.js';

test('a node of another datacenter on the address of the contact point, but another port, is no contact point', async () => {
  const nodes: FakeNode[] = [];
  const start = (datacenter: string): Promise<FakeNode> =>
    FakeNode.start({
      datacenter,
      peers: () => nodes.filter((node) => node.identity.datacenter !== datacenter).map((node) => node.identity),
    });
  await using near = await start('dc1');
  await using far = await start('dc2');
  nodes.push(near, far);
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints: [near.contactPoint] });
  await using session = await cluster.connect();
  assert.equal(cluster.metadata.hosts.length, 2);
  const { info } = await session.execute('SELECT v FROM t');
  assert.equal(info.coordinator, near.contactPoint);
});

test('contact points in several datacenters are an error, also if one of them is a name', async () => {
  await using fake = await FakeCluster.start({ datacenters: { dc1: 1, dc2: 1 } });
  const contactPoints = [`localhost:${String(fake.port)}`, fake.node(1).contactPoint];
  await using cluster = new AsyncCluster({ ...QUICK, contactPoints });
  const reasons = chain(await failure(cluster.connect()));
  const told = reasons.some((reason) => reason instanceof ConfigurationError && reason.message.includes('(dc1, dc2)'));
  assert.ok(told, String(reasons[0]));
});
