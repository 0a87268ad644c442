import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsyncCluster } from '../../../src/index.js';
import { FakeNode, type FakeTable } from '../../../src/testing/index.js';
import { Proxy } from '../../support/proxy.js';

/** What a client asks of a node with so many tables before its session can be used, and how much it is answered. */
async function costOfConnect(tables: number): Promise<{ queries: string[]; bytes: number }> {
  const table = (_: unknown, i: number): FakeTable => ({
    name: `table_${String(i).padStart(5, '0')}`,
    columns: { id: 'uuid', name: 'text', amount: 'double', tags: 'set<text>' },
    partitionKey: ['id'],
  });
  await using node = await FakeNode.start({
    keyspaces: [{ name: 'ks', tables: Array.from({ length: tables }, table) }],
  });
  await using proxy = await Proxy.start(node);
  await using cluster = new AsyncCluster({ contactPoints: [proxy.contactPoint] });
  const session = await cluster.connect('ks');
  await session.execute('SELECT * FROM ks.table_00000');
  const bytes = proxy.serverBytes;
  const queries = node.requests.map((request) => request.query ?? request.opcodeName).sort();
  return { queries, bytes };
}

test('10,000 tables in the schema: connecting asks what it asks with one, and reads as much', async (context) => {
  const one = await costOfConnect(1);
  const many = await costOfConnect(10_000);
  context.diagnostic(`${String(many.queries.length)} requests, ${String(many.bytes)} bytes`);
  assert.deepEqual(many.queries, one.queries);
  // How many answers share a segment, and its frame of ten bytes, is a matter of timing.
  assert.ok(Math.abs(many.bytes - one.bytes) < 200, `${String(many.bytes)} bytes, ${String(one.bytes)} with one table`);
});
