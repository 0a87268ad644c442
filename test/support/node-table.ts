/** Where the nodes are that the test run started; scripts/test.mjs says it in the environment, by Cassandra version. */
export interface TestNode {
  readonly contactPoints: readonly string[];
  readonly port: number;
  readonly localDatacenter: string;
}

const VARIABLE = 'ASYNC_CASSANDRA_TEST_NODES';

function read(): ReadonlyMap<string, TestNode> {
  const text = process.env[VARIABLE];
  if (text === undefined || text === '' || text === '{}') {
    throw new Error(`${VARIABLE} is not set: run these tests with scripts/test.mjs, which starts their nodes`);
  }
  return new Map(Object.entries(JSON.parse(text) as Record<string, TestNode>));
}

/** Every node of this run, by version such as '5.0'. There is at least one. */
export const testNodes: ReadonlyMap<string, TestNode> = read();

/** The versions of this run, the newest first. */
export const testVersions: readonly string[] = [...testNodes.keys()].sort().reverse();

export function testNode(version: string): TestNode {
  const node = testNodes.get(version);
  if (node === undefined) throw new Error(`There is no node of Cassandra ${version} in this run`);
  return node;
}

/** Why a test of what an older version lacks has nothing to do there. */
export function isAtLeast(version: string, wanted: string): boolean {
  return version.localeCompare(wanted, 'en', { numeric: true }) >= 0;
}
