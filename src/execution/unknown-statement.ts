import { QueryError } from '../errors.js';

/** Why a statement is given up that a node says it does not know, however often it was prepared there. */
export function unknownStatement(coordinator: string, cause: Error): QueryError {
  return new QueryError(
    `${coordinator} does not know the prepared statement, though it was prepared again: ` +
      "its cache of prepared statements may be too small, or the statement's keyspace or table was changed",
    { cause, coordinator },
  );
}
