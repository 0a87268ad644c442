import { QueryError } from '../errors.js';
import { describeNumber } from '../protocol/codec/refusal.js';
import { isTimestamp } from '../protocol/messages/index.js';
import { watchOutcome } from '../util/hook-outcome.js';

/**
 * The next timestamp of a generator, in microseconds since 1970; null if it leaves that to the coordinator. What is a
 * whole number exactly is taken though it is no bigint.
 *
 * @throws QueryError if the generator, which may be the user's, throws or gives anything else: it would be sent as the
 *   year 1970, and the write be acknowledged and lose against every row that is there.
 */
export function nextTimestamp(source: () => unknown): bigint | number | null {
  let given: unknown;
  try {
    given = source();
  } catch (cause) {
    throw new QueryError('The timestamp generator threw', { cause });
  }
  if (Number.isSafeInteger(given)) return given as number;
  if (given === null || (typeof given === 'bigint' && isTimestamp(given))) return given;
  // An async generator's promise: that it rejects must not end the process.
  watchOutcome(given, () => undefined);
  throw new QueryError(
    `The timestamp generator gave ${describeNumber(given)}: next() has to return a bigint, the microseconds since ` +
      '1970 in an int64, or null',
  );
}
