import type { ColumnSpec } from './cql-type.js';

/** What the first column of the answer to a conditional statement is called. */
const APPLIED = '[applied]';

/** True if these are the columns of the answer to a conditional statement. */
export function isConditionalAnswer(columns: readonly ColumnSpec[]): boolean {
  return columns[0]?.name === APPLIED;
}

/**
 * Whether the condition of a conditional statement held, by the first cell of its rows, which begin at `offset`: what a
 * user's codec makes of a boolean, and what a user does to the rows, does not count.
 */
export function readApplied(buffer: Buffer, offset: number, end: number): boolean {
  return end - offset >= 5 && buffer.readInt32BE(offset) === 1 && buffer[offset + 4] !== 0;
}
