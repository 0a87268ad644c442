import type { ConsistencyLevel } from '../protocol/constants.js';
import {
  validateStatementOptions,
  type CustomPayload,
  type StatementOptions,
  type StatementRetryPolicy,
} from './statement-options.js';

/** The settings that every kind of statement has. All may be set at any time and hold for later executions. */
export abstract class StatementBase implements StatementOptions {
  // Every field is set, so that all statements of a class have one shape.
  consistencyLevel: ConsistencyLevel | undefined;
  serialConsistencyLevel: ConsistencyLevel | undefined;
  isIdempotent: boolean | undefined;
  fetchSize: number | undefined;
  retryPolicy: StatementRetryPolicy | undefined;
  keyspace: string | undefined;
  timestamp: bigint | undefined;
  customPayload: CustomPayload | undefined;
  routingKey: Buffer | undefined;

  /** `options` are taken over as they are: whoever gets them from a user checks them first. */
  constructor(options: StatementOptions | undefined) {
    this.consistencyLevel = options?.consistencyLevel;
    this.serialConsistencyLevel = options?.serialConsistencyLevel;
    this.isIdempotent = options?.isIdempotent;
    this.fetchSize = options?.fetchSize;
    this.retryPolicy = options?.retryPolicy;
    this.keyspace = options?.keyspace;
    this.timestamp = options?.timestamp;
    this.customPayload = options?.customPayload;
    this.routingKey = options?.routingKey;
  }
}

/** True if nothing is set but `isIdempotent`. Properties may have been set to anything since the statement was made. */
export function hasNoSettings(statement: StatementOptions): boolean {
  return (
    statement.consistencyLevel === undefined &&
    statement.serialConsistencyLevel === undefined &&
    (statement.isIdempotent === undefined || typeof (statement.isIdempotent as unknown) === 'boolean') &&
    statement.fetchSize === undefined &&
    statement.retryPolicy === undefined &&
    statement.keyspace === undefined &&
    statement.timestamp === undefined &&
    statement.customPayload === undefined &&
    statement.routingKey === undefined
  );
}

/**
 * Checks the settings as they stand now. Costs next to nothing if there are none.
 * Throws ConfigurationError; `where` names the statement.
 */
export function checkStatementSettings(statement: StatementOptions, where: string): void {
  if (hasNoSettings(statement)) return;
  const {
    consistencyLevel,
    serialConsistencyLevel,
    isIdempotent,
    fetchSize,
    retryPolicy,
    keyspace,
    timestamp,
    customPayload,
    routingKey,
  } = statement;
  validateStatementOptions(
    {
      consistencyLevel,
      serialConsistencyLevel,
      isIdempotent,
      fetchSize,
      retryPolicy,
      keyspace,
      timestamp,
      customPayload,
      routingKey,
    },
    where,
  );
}
