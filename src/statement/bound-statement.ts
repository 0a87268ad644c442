import type { EncodedValues } from './encoded-values.js';
import type { PreparedQuery } from './prepared-query.js';
import { StatementBase } from './statement-base.js';
import type { StatementOptions } from './statement-options.js';

/** What an execution needs of a bound statement. */
export interface BoundParts {
  readonly prepared: PreparedQuery;
  readonly values: EncodedValues;
}

let partsOf: (statement: BoundStatement) => BoundParts;

/**
 * A prepared statement with its values, from `prepared.bind(parameters)`. The values were encoded then: what happens to
 * the parameters later changes nothing. Its settings begin as those of the prepared statement at that time.
 */
export class BoundStatement extends StatementBase {
  readonly #parts: BoundParts;

  static {
    partsOf = (statement) => statement.#parts;
  }

  /** Not for users: `bind` makes them. */
  constructor(prepared: PreparedQuery, values: EncodedValues, options: StatementOptions) {
    super(options);
    this.#parts = { prepared, values };
  }

  /** The prepared text. */
  get query(): string {
    return this.#parts.prepared.query;
  }
}

/** The statement with its settings as they are now. For the session layer alone. */
export function boundCopyOf(statement: BoundStatement): BoundStatement {
  const { prepared, values } = partsOf(statement);
  return new BoundStatement(prepared, values, statement);
}

/** For the execution layer alone. */
export function boundPartsOf(statement: BoundStatement): BoundParts {
  return partsOf(statement);
}
