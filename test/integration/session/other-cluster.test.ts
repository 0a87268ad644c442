import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { AsyncCluster, ConstantReconnectionPolicy, NoHostAvailable } from '../../../src/index.js';
import { until } from '../../faults/support.js';
import { testNode, testVersions } from '../../support/node-table.js';
import { Proxy } from '../../support/proxy.js';

function addressOf(version: string): { readonly address: string; readonly port: number } {
  const { contactPoints, port } = testNode(version);
  return { address: contactPoints[0] ?? '', port };
}

test('an address that a node of another cluster has now is not used; ours is used again when it is back', async () => {
  const [own = '', other = ''] = testVersions;
  await using proxy = await Proxy.start(addressOf(own));
  await using cluster = new AsyncCluster({
    contactPoints: [proxy.contactPoint],
    reconnectionPolicy: new ConstantReconnectionPolicy(20),
  });
  const session = await cluster.connect();
  const name = async (): Promise<unknown> =>
    (await session.execute('SELECT cluster_name FROM system.local')).one()?.['cluster_name'];
  const before = await name();
  assert.equal(before, cluster.metadata.clusterName);
  const [host] = cluster.metadata.hosts;
  proxy.target = addressOf(other);
  proxy.cut();
  await until(() => host?.isUp === false, 'that the host is down');
  await assert.rejects(name(), (error) => {
    assert.ok(error instanceof NoHostAvailable);
    assert.match(inspect(error), /is a node of cluster '.+', not of '.+'/);
    return true;
  });
  assert.equal(cluster.metadata.clusterName, before);
  proxy.target = addressOf(own);
  await until(() => host?.isUp === true, 'that the host is up');
  assert.equal(await name(), before);
});
