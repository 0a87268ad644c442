import assert from 'node:assert/strict';
import test from 'node:test';
import { AsyncCluster } from '../../dist/index.js';
import { FakeNode } from '../../dist/testing/index.js';
import { Child } from '../lib/child.mjs';

test('the driver takes canned nodes for a cluster', async () => {
  const upstream = await FakeNode.start();
  const [address, upstreamPort] = upstream.contactPoint.split(':');
  const server = new Child(new URL('../server/canned-server.mjs', import.meta.url));
  await server.ask('target', { target: { address, port: Number(upstreamPort) } });
  const addresses = ['127.91.200.1', '127.91.200.2', '127.91.200.3'];
  const port = await server.ask('listen', { addresses, isCluster: true });
  const cluster = new AsyncCluster({ contactPoints: addresses.slice(0, 1), port });
  try {
    await cluster.connect();
    assert.deepEqual(
      cluster.metadata.hosts.map(({ address, tokens }) => [address, tokens.length]).sort(),
      addresses.map((address) => [address, 16]),
    );
  } finally {
    await cluster.shutdown({ drainTimeoutMs: 0 });
    await server.end();
    await upstream.close();
  }
});
