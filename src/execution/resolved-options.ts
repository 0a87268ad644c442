import type { PoolGroup } from '../cluster/pool-group.js';
import type { LoadBalancingPolicy } from '../policies/load-balancing.js';
import type { RetryPolicy } from '../policies/retry.js';
import type { SpeculativeExecutionPolicy } from '../policies/speculative.js';
import type { CodecRegistry } from '../protocol/codec/registry.js';
import type { RowMode } from '../protocol/codec/row-plan.js';
import type { ConsistencyLevel } from '../protocol/constants.js';
import type { CustomPayload } from '../statement/statement-options.js';
import type { Host } from '../topology/host.js';

/** Everything that a request may be told, resolved: the call's options, the statement's, the profile's. Never changed. */
export interface ResolvedOptions {
  readonly group: PoolGroup;
  readonly consistency: ConsistencyLevel;
  /** −1 for none. */
  readonly serialConsistency: number;
  readonly timeoutMs: number;
  /** How much of it the preparation of the statement took. */
  readonly spentMs: number;
  readonly fetchSize: number;
  readonly isIdempotent: boolean | undefined;
  readonly timestamp: bigint | null;
  readonly nowInSeconds: number | null;
  /** Another keyspace than the session's, for this request alone. */
  readonly keyspace: string | null;
  /** The key or token whose replicas are asked; null: the key that the values make. */
  readonly routing: Buffer | bigint | null;
  readonly trace: boolean;
  readonly customPayload: CustomPayload | null;
  readonly host: Host | null;
  readonly rowMode: RowMode;
  /** How the rows of a statement that is not prepared are read: the cluster's, or the driver's own. */
  readonly registry: CodecRegistry;
  readonly signal: AbortSignal | null;
  readonly loadBalancingPolicy: LoadBalancingPolicy;
  readonly retryPolicy: RetryPolicy;
  readonly speculativeExecutionPolicy: SpeculativeExecutionPolicy | null;
  /** Undefined: read all pages. Null: the first page only. A state: the page that it names only. */
  readonly pagingState: Buffer | null | undefined;
}
