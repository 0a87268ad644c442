import type { LoadBalancingPolicy } from './load-balancing.js';

/** Kept beside the policies: what they take as local once they serve a cluster may be that cluster's choice. */
const NAMED = new WeakMap<LoadBalancingPolicy, string>();

/** The policy was told by its options, or by those of its child, to take this datacenter as local. */
export function nameDatacenter(policy: LoadBalancingPolicy, datacenter: string | null | undefined): void {
  if (typeof datacenter === 'string') NAMED.set(policy, datacenter);
}

/** The datacenter that the policy was told to take as local; null if it follows its cluster. */
export function namedDatacenter(policy: LoadBalancingPolicy): string | null {
  return NAMED.get(policy) ?? null;
}
