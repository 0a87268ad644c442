/** Objects made to one pattern: the same property names in the same order, `Object.prototype` above them. */

export type Fields = Record<string, unknown>;

/** Values of every representation that V8 tells apart. */
const SAMPLES: readonly unknown[] = [0, 0.5, '', {}, null];

/** So many names are in `padded`: row-builders.ts has as many places. */
export const SHAPE_PADDING = 12;
type Twelve<T> = readonly [T, T, T, T, T, T, T, T, T, T, T, T];

/**
 * Makes the empty objects of one result or user type.
 *
 * Each shape has a constructor of its own. V8 then lays the properties out inside of the object and follows one chain of
 * hidden classes per shape; `{}` would share the first hidden class with the whole process and keep properties outside.
 * (Measured with a dozen shapes in use: faster than `{}`, and 1.7× as fast as copying a template object.)
 */
export class Shape {
  /** `new shape.Fields()` makes an empty object. */
  readonly Fields: new () => Fields;
  readonly names: readonly string[];
  /** The first twelve names, filled up with ''. */
  readonly padded: Twelve<string>;
  /** Whether `fields[name] = value` is as good as `set`; it is faster. */
  readonly assignable: boolean;

  constructor(names: readonly string[]) {
    this.Fields = newConstructor();
    this.names = names.map(internalized);
    const at = (i: number): string => this.names[i] ?? '';
    this.padded = [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9), at(10), at(11)];
    // A name that means something on Object.prototype, `__proto__` above all, must be defined, not assigned.
    this.assignable = !names.some((name) => name in Object.prototype);
    // The first objects decide what V8 expects in each property. Let it expect anything, so that a null in the
    // thousandth row does not throw away code that was compiled for the ones before.
    for (const sample of SAMPLES) {
      const fields = new this.Fields();
      for (const name of this.names) this.set(fields, name, sample);
    }
  }

  set(fields: Fields, name: string, value: unknown): void {
    if (this.assignable || !(name in Object.prototype)) fields[name] = value;
    else defineField(fields, name, value);
  }
}

/**
 * The same text as V8 keeps it for property names. A name that was just read from the wire is another string, which is
 * looked up in the table of names at every use.
 */
function internalized(name: string): string {
  return Object.keys({ [name]: 0 })[0] ?? name;
}

/** An own property, whatever the name means on the prototype. */
export function defineField(fields: object, name: string, value: unknown): void {
  Object.defineProperty(fields, name, { value, writable: true, enumerable: true, configurable: true });
}

function newConstructor(): new () => Fields {
  function Row(): void {
    // Properties are put in by the decoder.
  }
  Row.prototype = Object.prototype;
  return Row as unknown as new () => Fields;
}

/** Whether it is an object of no class. One of another realm (a vm context, a test runner's) is as plain. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** A property of a user's object; what every object inherits from Object.prototype is no answer. */
export function readField(value: object, name: string): unknown {
  if (name in Object.prototype && !Object.hasOwn(value, name)) return undefined;
  return (value as Fields)[name];
}

/** Whether the object has the property, its own or its class's. */
export function hasField(value: object, name: string): boolean {
  return Object.hasOwn(value, name) || (name in value && !(name in Object.prototype));
}
