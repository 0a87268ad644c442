import type { ColumnSpec, CqlType, UdtType } from './cql-type.js';

/**
 * Whether values that were encoded for the type `before` mean the same to a server that has the type `now`. They do if
 * the two are equal, and after ALTER TYPE: fields that were added are null, and those that were renamed keep their place.
 */
export function stillFits(before: CqlType, now: CqlType): boolean {
  switch (before.kind) {
    case 'scalar':
      return now.kind === 'scalar' && now.name === before.name;
    case 'list':
    case 'set':
      return now.kind === before.kind && stillFits(before.element, now.element);
    case 'map':
      return now.kind === 'map' && stillFits(before.key, now.key) && stillFits(before.value, now.value);
    case 'tuple':
      return (
        now.kind === 'tuple' &&
        now.elements.length === before.elements.length &&
        everyFits(before.elements, now.elements)
      );
    case 'udt':
      return now.kind === 'udt' && fieldsFit(before, now);
    case 'vector':
      return now.kind === 'vector' && now.dimension === before.dimension && stillFits(before.element, now.element);
    case 'custom':
      return now.kind === 'custom' && now.className === before.className;
  }
}

/** The same of all values of a statement, by its bind markers before and now. */
export function allStillFit(before: readonly ColumnSpec[], now: readonly ColumnSpec[]): boolean {
  const typeOf = ({ type }: ColumnSpec): CqlType => type;
  return before.length === now.length && everyFits(before.map(typeOf), now.map(typeOf));
}

function everyFits(before: readonly CqlType[], now: readonly CqlType[]): boolean {
  return before.every((type, at) => {
    const other = now[at];
    return other !== undefined && stillFits(type, other);
  });
}

function fieldsFit(before: UdtType, now: UdtType): boolean {
  if (before.keyspace !== now.keyspace || before.name !== now.name) return false;
  const names = (type: UdtType): Set<string> => new Set(type.fields.map((field) => field.name));
  const known = names(before);
  const left = names(now);
  return before.fields.every((field, at) => {
    const other = now.fields[at];
    if (other === undefined || !stillFits(field.type, other.type)) return false;
    // A name that went to another place belongs to a type that was dropped and made anew, not to one that was altered.
    return other.name === field.name || (!known.has(other.name) && !left.has(field.name));
  });
}

/** Whether the type is this user type, or has it somewhere within. */
export function mentionsUserType(type: CqlType, keyspace: string, name: string): boolean {
  const within = (inner: CqlType): boolean => mentionsUserType(inner, keyspace, name);
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'vector':
      return within(type.element);
    case 'map':
      return within(type.key) || within(type.value);
    case 'tuple':
      return type.elements.some(within);
    case 'udt':
      return (type.keyspace === keyspace && type.name === name) || type.fields.some((field) => within(field.type));
    case 'scalar':
    case 'custom':
      return false;
  }
}
