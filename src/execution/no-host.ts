import type { PoolGroup } from '../cluster/pool-group.js';
import { IsBootstrapping, NoHostAvailable, OperationTimedOut, Overloaded, ServerError } from '../errors.js';

/** No host of the plan is left. Policies leave hosts out that are down: what is known of those tells why they were. */
export function nobodyToAsk(group: PoolGroup, tried: ReadonlyMap<string, Error> | null): NoHostAvailable {
  const errors = new Map(tried ?? []);
  for (const { host, connections, lastError } of group.pools) {
    // A connection may have been lost beside others that are well.
    if (connections.length > 0 || lastError === null || errors.has(host.endpoint)) continue;
    errors.set(host.endpoint, lastError);
  }
  return new NoHostAvailable(errors);
}

/** True if the error tells of the node, not of the statement. */
export function mayDoBetterElsewhere(error: Error): boolean {
  return (
    error instanceof OperationTimedOut ||
    error instanceof ServerError ||
    error instanceof Overloaded ||
    error instanceof IsBootstrapping
  );
}
