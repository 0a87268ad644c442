import type { ConsistencyLevel } from '../protocol/constants.js';

/** How a request went. */
export interface ExecutionInfo {
  /** 'address:port' of the node that answered. */
  readonly coordinator: string;
  /** The nodes that failed before it, by 'address:port', each with its last error. */
  readonly triedHosts: Map<string, Error>;
  /** How often the request was sent, this answer's attempt included. */
  readonly attempts: number;
  /** The level that was achieved: a retry policy may have lowered it. */
  readonly consistencyLevel: ConsistencyLevel;
  /** What the server warns of, such as a batch that is too large; mostly empty. */
  readonly warnings: readonly string[];
  /** What the server's query handler sent back. */
  readonly customPayload: Readonly<Record<string, Buffer>> | null;
  /** The id of the trace, if one was asked for: see `getQueryTrace`. */
  readonly tracingId: string | null;
  /** How many attempts were begun beside the first, before any had failed. */
  readonly speculativeExecutions: number;
  /** After a schema change: whether all nodes knew of it before the time for that was over. Else true. */
  readonly isSchemaInAgreement: boolean;
}
