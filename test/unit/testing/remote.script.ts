// Runs in the process of the fake nodes.
import { rows, type FakeCluster } from '../../../src/testing/index.js';

export function script(cluster: FakeCluster, text: string, value: number): void {
  cluster.on(text, rows([{ value }]));
}

export function requestsByNode(cluster: FakeCluster): number[] {
  return cluster.nodes.map((node) => node.counts.requests);
}

export async function fails(_cluster: FakeCluster): Promise<never> {
  return Promise.reject(new RangeError('as told'));
}

export function unsendable(): () => void {
  return () => undefined;
}

export function dies(): never {
  process.exit(3);
}

export function pid(): number {
  return process.pid;
}
