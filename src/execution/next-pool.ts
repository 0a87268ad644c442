import type { HostPool } from '../cluster/host-pool.js';
import { KnownHost } from '../cluster/known-host.js';
import type { PoolGroup } from '../cluster/pool-group.js';
import { QueryError } from '../errors.js';
import type { QueryPlan } from '../policies/load-balancing.js';
import { endlessPlan, LONGEST_PLAN } from '../policies/plan-steps.js';
import { describeValue } from '../protocol/codec/refusal.js';

/**
 * The pool of the plan's next host, past hosts that have none: they are ignored, or have left. Null at the plan's end.
 *
 * @throws QueryError if the plan, which may be the user's, throws, gives what is no host, or does not end.
 */
export function nextPool(hosts: QueryPlan, group: PoolGroup): HostPool | null {
  for (let given = 0; given < LONGEST_PLAN; given++) {
    const host = nextHost(hosts);
    if (host === null) return null;
    const pool = group.poolOf(host);
    if (pool !== undefined) return pool;
  }
  throw endlessPlan();
}

function nextHost(hosts: QueryPlan): KnownHost | null {
  let given: unknown;
  try {
    given = hosts.next();
  } catch (cause) {
    throw new QueryError('The load balancing policy threw', { cause });
  }
  // An array's shift() and the like end with undefined.
  if (given === null || given === undefined) return null;
  if (given instanceof KnownHost) return given;
  throw new QueryError(
    `The load balancing policy's plan gave ${shown(given)}: next() has to return a Host of this cluster, or null at the end`,
  );
}

function shown(given: unknown): string {
  if (typeof given !== 'object' || given === null) return `a ${typeof given}`;
  return 'done' in given ? "an iterator's { value, done }" : describeValue(given);
}
