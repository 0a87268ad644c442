// Runs in the process of the fake nodes: what the tests of large clusters have them do and tell.
import type { FakeCluster } from '../../../src/testing/index.js';

export function openConnections(cluster: FakeCluster): number {
  return cluster.nodes.reduce((sum, node) => sum + node.connections.length, 0);
}

/** The last nodes leave, others join; every node tells its clients, as in life. Returns the ids of those that are left. */
export async function replaceNodes(cluster: FakeCluster, count: number): Promise<string[]> {
  for (const node of cluster.nodes.slice(-count)) await cluster.removeNode(node);
  for (let i = 0; i < count; i++) {
    const tokens = Array.from({ length: 16 }, (_, k) =>
      BigInt.asIntN(64, BigInt(i * 16 + k + 1) * 0x9e3779b97f4a7c15n),
    );
    await cluster.addNode({ tokens });
  }
  return cluster.nodes.map((node) => node.hostId);
}
