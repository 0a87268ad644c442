import type { CqlCodec } from '../../index.js';
import { shortestFloat } from './scalar-text.js';

/** The zero with a sign. As numbers, Sets and Maps would take the two for one, and the driver refuses to read both. */
class NegativeZero {
  toString(): string {
    return '-0';
  }
}

export const NEGATIVE_ZERO = new NegativeZero();

function zeroOr(value: unknown, other: (value: unknown) => unknown): unknown {
  return Object.is(value, -0) ? NEGATIVE_ZERO : other(value);
}

function asItIs(value: unknown): unknown {
  return value;
}

/** Reads −0 of floats and doubles as NEGATIVE_ZERO. Vectors become arrays by it: their floats get their digits here. */
export const SIGNED_ZEROS: readonly CqlCodec[] = [
  { type: 'double', decode: (value) => zeroOr(value, asItIs), encode: asItIs },
  { type: 'float', decode: (value) => zeroOr(value, (one) => shortestFloat(Number(one))), encode: asItIs },
];
