import assert from 'node:assert/strict';
import {
  AsyncCluster,
  ConstantReconnectionPolicy,
  type AsyncCassandraSession,
  type AsyncClusterOptions,
  type Host,
  type LoadBalancingPolicy,
} from '../../src/index.js';
import { FakeCluster, FakeNode, type FakeClusterOptions, type FakeNodeOptions } from '../../src/testing/index.js';

/** What is to come about comes long before; a test that waits so long has failed, however busy the machine. */
const PATIENCE_MS = 30_000;

/** "At once": far more than a busy machine needs, far less than the time-out that would end the wait otherwise. */
export const SOON_MS = 5000;

/** Times as short as the tests need them; what a test is about it sets itself. */
export const QUICK: AsyncClusterOptions = {
  connectTimeoutMs: 15_000,
  controlConnectionTimeoutMs: 15_000,
  requestTimeoutMs: 20_000,
  reconnectionPolicy: new ConstantReconnectionPolicy(20),
};

export interface Bench extends AsyncDisposable {
  readonly node: FakeNode;
  readonly cluster: AsyncCluster;
  readonly session: AsyncCassandraSession;
}

/** One fake node and a session with it. */
export async function bench(options: AsyncClusterOptions = {}, nodeOptions: FakeNodeOptions = {}): Promise<Bench> {
  const node = await FakeNode.start(nodeOptions);
  const cluster = new AsyncCluster({ ...QUICK, contactPoints: [node.contactPoint], ...options });
  const close = async (): Promise<void> => {
    await cluster.shutdown({ drainTimeoutMs: 0 });
    await node.close();
  };
  try {
    const session = await cluster.connect();
    return { node, cluster, session, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Hosts in the order of their addresses, the same for each request: counts of what each node saw are then exact. */
export class InOrder implements LoadBalancingPolicy {
  #hosts: Host[] = [];
  init(view: { readonly hosts: readonly Host[] }): void {
    this.#hosts = [...view.hosts].sort((a, b) => a.endpoint.localeCompare(b.endpoint));
  }
  onAdd(host: Host): void {
    this.#hosts = [...this.#hosts, host].sort((a, b) => a.endpoint.localeCompare(b.endpoint));
  }
  onRemove(host: Host): void {
    this.#hosts = this.#hosts.filter((known) => known !== host);
  }
  distance(): 'local' {
    return 'local';
  }
  newQueryPlan(): { next(): Host | null } {
    const hosts = this.#hosts;
    let at = 0;
    return { next: () => hosts[at++] ?? null };
  }
}

export interface ClusterBench extends AsyncDisposable {
  readonly nodes: readonly FakeNode[];
  readonly cluster: AsyncCluster;
  readonly session: AsyncCassandraSession;
}

/** Some fake nodes, asked in the order of their addresses, and a session that is connected with all of them. */
export async function benchOf(
  count: number,
  options: AsyncClusterOptions = {},
  fakeOptions: FakeClusterOptions = {},
): Promise<ClusterBench> {
  const fake = await FakeCluster.start({ nodes: count, ...fakeOptions });
  const cluster = new AsyncCluster({
    ...QUICK,
    contactPoints: fake.contactPoints,
    loadBalancingPolicy: new InOrder(),
    ...options,
  });
  const close = async (): Promise<void> => {
    await cluster.shutdown({ drainTimeoutMs: 0 });
    await fake.close();
  };
  try {
    const session = await cluster.connect();
    // Each pool has its connection then.
    await Promise.all(cluster.metadata.hosts.map((host) => session.execute('SELECT ready', undefined, { host })));
    return { nodes: fake.nodes, cluster, session, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** How often each node saw a statement run. */
export function seen(nodes: readonly FakeNode[], statement: string): number[] {
  return nodes.map(
    (node) =>
      node.requests.filter((request) => request.opcodeName !== 'PREPARE' && request.statements.includes(statement))
        .length,
  );
}

/** Waits for something that some event brings about; fails after `withinMs`. */
export async function until(condition: () => boolean, what = 'the condition', withinMs = PATIENCE_MS): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!condition()) {
    assert.ok(performance.now() < giveUpAt, `${what} did not come about`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The promise's error; fails if it is fulfilled, or not settled within `withinMs`. */
export async function failure(promise: Promise<unknown>, withinMs = PATIENCE_MS): Promise<Error> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`not settled within ${String(withinMs)} ms`));
    }, withinMs);
  });
  try {
    const outcome = await Promise.race([
      promise.then(
        () => null,
        (error: unknown) => ({ error }),
      ),
      late,
    ]);
    assert.ok(outcome !== null, 'it should have failed');
    assert.ok(outcome.error instanceof Error, String(outcome.error));
    return outcome.error;
  } finally {
    clearTimeout(timer);
  }
}

/** The error with everything that stands behind it: causes, and each host's. */
export function chain(error: unknown): unknown[] {
  if (!(error instanceof Error)) return [];
  const hosts =
    'errors' in error && error.errors instanceof Map ? [...(error.errors as Map<string, unknown>).values()] : [];
  return [error, ...[error.cause, ...hosts].flatMap(chain)];
}
