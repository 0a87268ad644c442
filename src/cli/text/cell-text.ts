import { visible } from './display-width.js';
import { argumentOf, UNKNOWN_TYPE, type TypeTree } from './cql-type.js';
import { blobText, instantText, shortestFloat, timeText } from './scalar-text.js';

const NULL_TEXT = '<null>';

const NUMBERS = new Set(['bigint', 'counter', 'decimal', 'double', 'float', 'int', 'smallint', 'tinyint', 'varint']);

/** Numbers stand at the right of their column. */
export function isNumeric(type: TypeTree): boolean {
  return NUMBERS.has(type.name);
}

/** A value as a cell shows it: text as it is, all others as CQL writes them; within collections texts have quotes. */
export function cellText(value: unknown, type: TypeTree): string {
  if (value === null || value === undefined) return NULL_TEXT;
  return typeof value === 'string' ? visible(value) : literal(value, type);
}

function literal(value: unknown, type: TypeTree): string {
  if (value === null || value === undefined) return 'null';
  switch (typeof value) {
    case 'string':
      return quoted(value, type);
    case 'number':
      return String(type.name === 'float' ? shortestFloat(value) : value);
    case 'bigint':
      return type.name === 'time' ? timeText(value) : value.toString();
    case 'object':
      return compound(value, type);
    default:
      return value === true ? 'true' : 'false';
  }
}

/** Types whose values are strings here but stand without quotes in CQL. */
const BARE = new Set(['uuid', 'timeuuid']);

function quoted(text: string, type: TypeTree): string {
  return BARE.has(type.name) ? text : `'${visible(text).replaceAll("'", "''")}'`;
}

function compound(value: object, type: TypeTree): string {
  if (value instanceof Date) return instantText(value);
  if (value instanceof Float32Array) return `[${[...value].map((one) => String(shortestFloat(one))).join(', ')}]`;
  if (value instanceof Uint8Array) return blobText(value);
  if (Array.isArray(value)) return array(value as readonly unknown[], type);
  if (value instanceof Set) return `{${[...value].map((one) => literal(one, argumentOf(type, 0))).join(', ')}}`;
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<unknown, unknown>)];
    return `{${entries.map(([k, v]) => `${literal(k, argumentOf(type, 0))}: ${literal(v, argumentOf(type, 1))}`).join(', ')}}`;
  }
  // A Decimal and a CqlDuration have a text of their own; what else is an object is a user-defined type's value.
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) return textOf(value);
  return `{${Object.entries(value)
    .map(([name, field]) => `${visible(name)}: ${literal(field, UNKNOWN_TYPE)}`)
    .join(', ')}}`;
}

function array(values: readonly unknown[], type: TypeTree): string {
  if (type.name === 'tuple') return `(${values.map((one, i) => literal(one, argumentOf(type, i))).join(', ')})`;
  return `[${values.map((one) => literal(one, argumentOf(type, 0))).join(', ')}]`;
}

function textOf(value: object): string {
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- each of the driver's classes has a toString
  return visible(String(value));
}
