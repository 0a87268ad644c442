import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvent } from '../../../src/protocol/messages/index.js';
import { error, FakeCluster, nodeAddress, rows } from '../../../src/testing/index.js';
import { errorOf, RawClient, rowsOf, textRowsOf } from './raw-client.js';

test('the nodes of a fake cluster know each other', async () => {
  await using cluster = await FakeCluster.start({
    datacenters: { dc1: 2, dc2: 1 },
    racks: ['a', 'b'],
    tokensPerNode: 4,
  });
  assert.deepEqual(
    cluster.nodes.map((node) => [node.address, node.port, node.identity.datacenter, node.identity.rack]),
    [
      ['127.0.0.1', cluster.port, 'dc1', 'a'],
      ['127.0.0.2', cluster.port, 'dc1', 'b'],
      ['127.0.0.3', cluster.port, 'dc2', 'a'],
    ],
  );
  const tokens = cluster.nodes.flatMap((node) => node.identity.tokens.map(BigInt));
  assert.equal(new Set(tokens).size, 12);
  assert.ok(tokens.every((token) => token > -(2n ** 63n) && token < 2n ** 63n));

  const client = await RawClient.start(cluster.node(1));
  const peers = textRowsOf(await client.query('SELECT data_center, rack FROM system.peers_v2'));
  assert.deepEqual(peers, [
    { data_center: 'dc1', rack: 'a' },
    { data_center: 'dc2', rack: 'a' },
  ]);
});

test('nodes come and go, with events', async () => {
  await using cluster = await FakeCluster.start({ nodes: 2 });
  const client = await RawClient.start(cluster.node(0));
  await client.register('TOPOLOGY_CHANGE', 'STATUS_CHANGE');
  const added = await cluster.addNode({ datacenter: 'far' });
  assert.equal(rowsOf(await client.query('SELECT * FROM system.peers_v2')).cells.length, 2);
  await cluster.removeNode(added);
  assert.equal(rowsOf(await client.query('SELECT * FROM system.peers_v2')).cells.length, 1);
  assert.deepEqual(
    client.events.map((event) => {
      const read = readEvent(event.reader);
      return read.type === 'OTHER' ? read.name : `${read.change} ${'address' in read ? read.address : ''}`;
    }),
    ['NEW_NODE 127.0.0.3', 'UP 127.0.0.3', 'REMOVED_NODE 127.0.0.3'],
  );
});

test('a script for all, and one for a single node', async () => {
  await using cluster = await FakeCluster.start({ nodes: 2 });
  cluster.on('QUERY', rows([{ a: 'all' }]));
  cluster.node(1).on('QUERY', error('OVERLOADED'));
  const clients = await Promise.all(cluster.nodes.map((node) => RawClient.start(node)));
  const [first, second] = await Promise.all(clients.map((client) => client.query('X')));
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(textRowsOf(first), [{ a: 'all' }]);
  assert.equal(errorOf(second).constructor.name, 'Overloaded');
});

test('two thousand nodes', async () => {
  await using cluster = await FakeCluster.start({ nodes: 2000, datacenters: ['dc1', 'dc2'], tokensPerNode: 2 });
  assert.equal(new Set(cluster.nodes.map((node) => node.contactPoint)).size, 2000);
  const client = await RawClient.start(cluster.node(1999));
  assert.equal(rowsOf(await client.query('SELECT * FROM system.peers_v2')).cells.length, 1999);
});

test('addresses of nodes avoid what is not a host', () => {
  assert.deepEqual([0, 253, 254, 65_023, 65_024].map(nodeAddress), [
    '127.0.0.1',
    '127.0.0.254',
    '127.0.1.1',
    '127.0.255.254',
    '127.1.0.1',
  ]);
});
