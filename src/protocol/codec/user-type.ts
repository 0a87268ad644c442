import { defineField, type Fields } from './shape.js';

/**
 * A class whose instances stand for the values of a user-defined type.
 *
 * Rows give `cls.fromCassandra(fields)` if the class has that method; else `new cls(fields)`, and every field that the
 * constructor did not take over is then assigned as a property (a field without a setter is left to the class).
 * `fields` is a plain object with every field of the type, null where the value has none. Instances bind by the
 * properties that are named like the fields; getters count.
 */
export type UserTypeClass<T extends object = object> =
  | {
      /** Without `fromCassandra`, called with an object of the fields; fields that it does not take are set after. */
      new (...args: never[]): T;
      /** Makes an instance of the fields, by the names that they have in CQL. */
      fromCassandra?(fields: Record<string, unknown>): T;
    }
  | {
      /** Its constructor may be private then. */
      readonly prototype: T;
      /** Makes an instance of the fields, by the names that they have in CQL. */
      fromCassandra(fields: Record<string, unknown>): T;
    };

export function instantiate(cls: UserTypeClass, fields: Fields): object {
  if (typeof cls.fromCassandra === 'function') return cls.fromCassandra(fields);
  const instance = Reflect.construct(cls as new (fields: Fields) => object, [fields]);
  for (const [name, value] of Object.entries(fields)) {
    if (name === '__proto__') defineField(instance, name, value);
    else if (!Object.is(Reflect.get(instance, name), value)) Reflect.set(instance, name, value);
  }
  return instance;
}
