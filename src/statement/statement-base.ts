import { ConfigurationError } from '../errors.js';
import type { ConsistencyLevel } from '../protocol/constants.js';
import type { OptionCheck } from '../util/option-checks.js';
import {
  STATEMENT_OPTION_CHECKS,
  type CustomPayload,
  type StatementOptions,
  type StatementRetryPolicy,
} from './statement-options.js';

const CHECKS = Object.entries(STATEMENT_OPTION_CHECKS) as [keyof StatementOptions, OptionCheck][];

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
 * Throws one ConfigurationError that says all that is wrong; `where` names the statement.
 */
export function checkStatementSettings(statement: StatementOptions, where: string): void {
  if (hasNoSettings(statement)) return;
  const problems = CHECKS.flatMap(([name, check]) => {
    const value = statement[name];
    const problem = value === undefined ? null : check(value);
    return problem === null ? [] : [`${name} ${problem}`];
  });
  if (problems.length > 0) throw new ConfigurationError(`${where}: ${problems.join('; ')}`);
}
