import type { Parameters } from '../protocol/codec/bind-plan.js';
import { unreadable } from '../protocol/codec/marker-names.js';

/** Deeper than any CQL type; what goes round in circles ends here, and is refused when it is encoded. */
const DEEPEST = 32;

/**
 * The parameters as they are now, for a statement whose types are not known yet: the caller may use its arrays, buffers
 * and objects for something else before the values can be encoded. Objects of classes stay what they are: there is no
 * telling how to copy them. Throws InvalidParameter if a getter throws.
 */
export function takenValues<P extends Parameters | undefined>(parameters: P): P {
  try {
    return taken(parameters, 0) as P;
  } catch (error) {
    throw unreadable(error);
  }
}

function taken(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return value;
  const within = (inner: unknown): unknown => taken(inner, depth + 1);
  if (Array.isArray(value)) return value.map(within);
  if (ArrayBuffer.isView(value)) return viewCopy(value);
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (value instanceof Set) return new Set([...value].map(within));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [within(key), within(item)]));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Date.prototype) return new Date(Number(value));
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, within(item)]));
}

function viewCopy(value: ArrayBufferView): ArrayBufferView {
  // Buffer's own slice would be the same memory.
  if (value instanceof Uint8Array) return Buffer.from(value);
  return value instanceof DataView ? value : (value as Float32Array).slice();
}
