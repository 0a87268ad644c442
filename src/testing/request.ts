import type { FakeConnection } from './fake-connection.js';
import type { PreparedEntry } from './prepared.js';
import type { RequestBody } from './wire/read-request.js';

/** A request that a fake node received. */
export interface FakeRequest extends RequestBody {
  /** QUERY, EXECUTE … */
  readonly opcodeName: string;
  /** The connection that it came on. */
  readonly connection: FakeConnection;
  /** The text of a QUERY or PREPARE, or that of the statement an EXECUTE names; null for an unknown id. */
  readonly statement: string | null;
  /** All texts: those of a BATCH's members too. */
  readonly statements: readonly string[];
  /** What an EXECUTE's id stands for on this node. */
  readonly prepared: PreparedEntry | null;
  /** The id of EXECUTE, or the first of a BATCH, that this node does not know. */
  readonly unknownId: Buffer | null;
  /** `performance.now()` at its arrival. */
  readonly receivedAt: number;
}
