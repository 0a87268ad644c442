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

/**
 * Checks the settings as they stand now, since properties may have been set to anything. Costs next to nothing for
 * those that are undefined. Throws ConfigurationError; `where` names the statement.
 */
export function checkStatementSettings(statement: StatementOptions, where: string): void {
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
  if (
    consistencyLevel === undefined &&
    serialConsistencyLevel === undefined &&
    (isIdempotent === undefined || typeof (isIdempotent as unknown) === 'boolean') &&
    fetchSize === undefined &&
    retryPolicy === undefined &&
    keyspace === undefined &&
    timestamp === undefined &&
    customPayload === undefined &&
    routingKey === undefined
  ) {
    return;
  }
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
