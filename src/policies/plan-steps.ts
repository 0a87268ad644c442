import { QueryError } from '../errors.js';
import type { Host } from '../topology/host.js';
import type { QueryPlan } from './load-balancing.js';

/** No cluster has so many nodes: a plan that gives more hosts, none of them of use, will never end. */
export const LONGEST_PLAN = 10_000;

/** A plan is asked without a pause in between: one without an end would stop the whole process. */
export function endlessPlan(): QueryError {
  return new QueryError(
    `The load balancing policy's plan does not end: of ${String(LONGEST_PLAN)} hosts that it gave none could be used. next() has to return null after the last one`,
  );
}

/**
 * The plan's next host that is wanted; null at the end, which the plan of a user's policy may tell by undefined.
 *
 * @throws QueryError if the plan does not end.
 */
export function nextWanted(plan: QueryPlan, isWanted: (host: Host) => boolean): Host | null {
  for (let given = 0; given < LONGEST_PLAN; given++) {
    const host = plan.next() as Host | null | undefined;
    if (host === null || host === undefined) return null;
    if (isWanted(host)) return host;
  }
  throw endlessPlan();
}
