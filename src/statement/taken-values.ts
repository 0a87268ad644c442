import type { Parameters } from '../protocol/codec/bind-plan.js';
import { unreadable } from '../protocol/codec/marker-names.js';
import { defineField, isPlain, type Fields } from '../protocol/codec/shape.js';
import { isGone } from '../protocol/codec/texts.js';
import type { CustomPayload } from './statement-options.js';

/** Deeper than any CQL type. */
const DEEPEST = 32;

/**
 * The parameters as they are now, for a statement whose types are not known yet: the caller may use its arrays, buffers
 * and objects for something else before the values can be encoded. Iterators are read to their end, and can then be read
 * any number of times. Objects of classes stay what they are: there is no telling how to copy them. Throws
 * InvalidParameter if a getter throws.
 */
export function takenValues<P extends Parameters | undefined>(parameters: P): P {
  try {
    return new Taking().take(parameters, 0) as P;
  } catch (error) {
    throw unreadable(error);
  }
}

/** The bytes of a payload as they are now: they go out with each page, and behind a preparation. */
export function takenPayload(payload: CustomPayload): CustomPayload {
  const copy: Record<string, Buffer> = {};
  for (const [key, bytes] of Object.entries(payload)) defineField(copy, key, Buffer.from(bytes));
  return copy;
}

/** What an iterator gave. No codec takes it for an array, a Map or a record, as it does not take the iterator. */
class Iterated implements Iterable<unknown> {
  readonly #elements: readonly unknown[];

  constructor(elements: readonly unknown[]) {
    this.#elements = elements;
  }

  [Symbol.iterator](): Iterator<unknown> {
    return this.#elements[Symbol.iterator]();
  }
}

/** One call's copies. What goes round in circles, or is there twice, is copied once and does so in the copy. */
class Taking {
  /** Parameters without anything nested need none. */
  #copies: Map<object, object> | null = null;

  take(value: unknown, depth: number): unknown {
    if (typeof value !== 'object' || value === null || depth > DEEPEST) return value;
    if (ArrayBuffer.isView(value)) return viewCopy(value);
    if (value instanceof ArrayBuffer) return value.slice(0);
    if (Object.getPrototypeOf(value) === Date.prototype) return new Date(Number(value));
    return this.#copies?.get(value) ?? this.#takeParts(value, depth);
  }

  #takeParts(value: object, depth: number): object {
    if (Array.isArray(value)) return this.#takeArray(value, depth);
    if (value instanceof Set) return this.#takeSet(value, depth);
    if (value instanceof Map) return this.#takeMap(value, depth);
    if (depth > 0 && isIterator(value)) return this.#takeIterator(value, depth);
    return isPlain(value) ? this.#takeObject(value, depth) : value;
  }

  /** Before its parts are taken: one of them may be the value itself. */
  #keep<T extends object>(value: object, copy: T, depth: number): T {
    if (depth > 0) (this.#copies ??= new Map()).set(value, copy);
    return copy;
  }

  #takeArray(value: readonly unknown[], depth: number): unknown[] {
    const copy = this.#keep(value, value.slice(), depth);
    for (const [i, item] of copy.entries()) copy[i] = this.take(item, depth + 1);
    return copy;
  }

  #takeSet(value: ReadonlySet<unknown>, depth: number): Set<unknown> {
    const copy = this.#keep(value, new Set<unknown>(), depth);
    for (const item of [...value]) copy.add(this.take(item, depth + 1));
    return copy;
  }

  #takeMap(value: ReadonlyMap<unknown, unknown>, depth: number): Map<unknown, unknown> {
    const copy = this.#keep(value, new Map<unknown, unknown>(), depth);
    for (const [key, item] of [...value]) copy.set(this.take(key, depth + 1), this.take(item, depth + 1));
    return copy;
  }

  #takeIterator(value: Iterable<unknown>, depth: number): Iterated {
    const elements: unknown[] = [];
    const copy = this.#keep(value, new Iterated(elements), depth);
    for (const item of value) elements.push(this.take(item, depth + 1));
    return copy;
  }

  #takeObject(value: object, depth: number): object {
    const copy = this.#keep<Fields>(value, {}, depth);
    for (const [name, item] of Object.entries(value)) {
      const taken = this.take(item, depth + 1);
      if (name === '__proto__') defineField(copy, name, taken);
      else copy[name] = taken;
    }
    // Parameters have names; a list may be given as anything that can be gone through.
    if (depth > 0 && isIterable(value)) {
      const elements = Array.from(value, (item) => this.take(item, depth + 1));
      Object.defineProperty(copy, Symbol.iterator, { value: () => elements[Symbol.iterator]() });
    }
    return copy;
  }
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value && typeof value[Symbol.iterator] === 'function';
}

/** What can be gone through once. */
function isIterator(value: object): value is Iterable<unknown> {
  return 'next' in value && typeof value.next === 'function' && isIterable(value);
}

function viewCopy(value: ArrayBufferView): ArrayBufferView {
  // Nothing is left to be copied: it is refused when it is encoded, by its name.
  if (value.byteLength === 0 && isGone(value)) return value;
  // Buffer's own slice would be the same memory.
  if (value instanceof Uint8Array) return Buffer.from(value);
  return 'slice' in value ? (value as Float32Array).slice() : value;
}

/** Programs without types say null for "none" as well. */
export function isGiven(parameters: unknown): parameters is Parameters {
  return parameters !== undefined && parameters !== null;
}
