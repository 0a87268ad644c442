import { testNode, type TestNode } from './node-table.js';

/** How to reach the shared node of a version: options to spread into a cluster's. */
export function sharedNode(version = '5.0'): TestNode {
  return testNode(version);
}
