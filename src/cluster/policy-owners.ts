import { ConfigurationError } from '../errors.js';
import type { LoadBalancingPolicy } from '../policies/load-balancing.js';

/** Whose hosts a policy knows: its plans are made of those alone. */
const OWNERS = new WeakMap<LoadBalancingPolicy, object>();

/**
 * The policies serve this cluster from now on.
 *
 * @throws ConfigurationError if one serves another cluster: that one's requests would be sent to this one's hosts.
 */
export function claimPolicies(policies: readonly LoadBalancingPolicy[], owner: object): void {
  for (const policy of policies) {
    const other = OWNERS.get(policy);
    if (other === undefined || other === owner) continue;
    throw new ConfigurationError(
      'The load balancing policy serves another cluster, which is not shut down: it knows the hosts of one cluster, so make one for each',
    );
  }
  for (const policy of policies) OWNERS.set(policy, owner);
}

/** The cluster is closed, or did not start: its policies may serve another one. */
export function releasePolicies(policies: readonly LoadBalancingPolicy[], owner: object): void {
  for (const policy of policies) if (OWNERS.get(policy) === owner) OWNERS.delete(policy);
}
