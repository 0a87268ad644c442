import { argumentOf, UNKNOWN_TYPE, type TypeTree } from './cql-type.js';
import { NEGATIVE_ZERO } from './negative-zero.js';
import { blobText, instantText, shortestFloat, timeText } from './scalar-text.js';

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * A value for JSON: bigint, counter, varint, decimal and duration as strings (their digits do not fit JSON's numbers), blobs
 * as 0x…, timestamps as ISO 8601, sets and tuples as arrays, maps as objects, NaN and the infinities as strings.
 */
export function toJson(value: unknown, type: TypeTree): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) return String(value);
      return type.name === 'float' ? shortestFloat(value) : value;
    case 'bigint':
      return type.name === 'time' ? timeText(value) : value.toString();
    case 'object':
      return value === null ? null : compound(value, type);
    default:
      return null;
  }
}

function compound(value: object, type: TypeTree): Json {
  if (value === NEGATIVE_ZERO) return 0;
  if (value instanceof Date) return instantText(value);
  if (value instanceof Float32Array) return [...value].map((one) => toJson(one, { name: 'float', arguments: [] }));
  if (value instanceof Uint8Array) return blobText(value);
  if (Array.isArray(value)) return array(value as readonly unknown[], type);
  if (value instanceof Set) return [...value].map((one) => toJson(one, argumentOf(type, 0)));
  if (value instanceof Map)
    return object([...(value as ReadonlyMap<unknown, unknown>)].map((entry) => pair(entry, type)));
  // A Decimal and a CqlDuration have a text of their own; what else is an object is a user-defined type's value.
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) {
    // eslint-disable-next-line @typescript-eslint/no-base-to-string -- each of the driver's classes has a toString
    return String(value);
  }
  return object(Object.entries(value).map(([name, field]) => [name, toJson(field, UNKNOWN_TYPE)]));
}

function array(values: readonly unknown[], type: TypeTree): Json {
  return values.map((one, i) => toJson(one, argumentOf(type, type.name === 'tuple' ? i : 0)));
}

function pair([key, value]: readonly [unknown, unknown], type: TypeTree): readonly [string, Json] {
  const name = key === NEGATIVE_ZERO ? '-0' : toJson(key, argumentOf(type, 0));
  return [typeof name === 'string' ? name : JSON.stringify(name), toJson(value, argumentOf(type, 1))];
}

/** A field may be called __proto__, which an assignment would not make a field. */
function object(entries: readonly (readonly [string, Json])[]): Json {
  return Object.fromEntries(entries);
}
