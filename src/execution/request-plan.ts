import type { ClusterCore } from '../cluster/cluster-core.js';
import type { PoolGroup } from '../cluster/pool-group.js';
import type { QueryPlan } from '../policies/load-balancing.js';
import type { RetryBudget } from '../policies/retry-budget.js';
import type { RetryPolicy, RetryStatement } from '../policies/retry.js';
import type { SpeculativeExecutionPolicy } from '../policies/speculative.js';
import type { ConsistencyLevel } from '../protocol/constants.js';
import type { StatementText } from './statement-text.js';

/** What all requests of a cluster share. */
export interface RequestContext {
  readonly core: ClusterCore;
  readonly retryBudget: RetryBudget;
}

/** How one request is to be run. */
export interface RequestPlan {
  /** For traces alone. */
  readonly text: StatementText;
  readonly group: PoolGroup;
  /** A plan of the hosts to try: one for each page. */
  newHosts(): QueryPlan;
  readonly consistency: ConsistencyLevel;
  /** The whole budget; Infinity for none. */
  readonly timeoutMs: number;
  /** How much of it was used up before the first attempt, by the preparation of its statement. */
  readonly spentMs: number;
  readonly retryPolicy: RetryPolicy;
  readonly speculativeExecutionPolicy: SpeculativeExecutionPolicy | null;
  /** For the retry policy alone: made anew each time. */
  readonly statement: RetryStatement;
  readonly isSelect: boolean;
  readonly signal: AbortSignal | null;
}
