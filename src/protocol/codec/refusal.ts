import { InvalidParameter } from '../../errors.js';

const LONGEST_NAME = 60;

/**
 * What kind of thing a value is, without anything of what it holds: error texts end in logs, bound values must not.
 */
export function describeValue(value: unknown): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'undefined':
      return 'undefined';
    case 'object':
      return describeObject(value);
    default:
      return `a ${typeof value}`;
  }
}

/** The same, for types that take some numbers: what is wrong with this one. */
export function describeNumber(value: unknown): string {
  if (typeof value === 'bigint') return 'a bigint out of range';
  if (typeof value !== 'number') return describeValue(value);
  if (Number.isInteger(value)) return 'a number out of range';
  return Number.isFinite(value) ? 'a number that is not integral' : 'a number that is not finite';
}

function describeObject(value: object): string {
  try {
    if (Array.isArray(value)) return `an array of ${String(value.length)}`;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date';
    if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${String(value.byteLength)} bytes`;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null || prototype === Object.prototype) return 'a plain object';
    const { constructor } = value;
    const name: unknown = typeof constructor === 'function' ? constructor.name : undefined;
    return typeof name === 'string' && name !== '' ? `an object of class ${name.slice(0, LONGEST_NAME)}` : 'an object';
  } catch {
    // A proxy or a getter that throws: it is an object, more need not be known.
    return 'an object';
  }
}

/** The refusal of a value; `got` where the plain kind of the value would mislead. The parameter's name is added later. */
export function refusal(expected: string, value: unknown, got: string = describeValue(value)): InvalidParameter {
  return new InvalidParameter(`expected ${expected}, got ${got}`);
}

/**
 * Says where in a larger value something was refused. What is no refusal (a getter of the user's that throws) becomes
 * one, with the exception as its cause: its text may hold the value, so it is not repeated.
 */
export function refusalWithin(where: string, error: unknown): InvalidParameter {
  if (error instanceof InvalidParameter)
    return new InvalidParameter(`${where}: ${error.message}`, { cause: error.cause });
  return new InvalidParameter(`${where}: reading the value failed (see cause)`, { cause: error });
}
