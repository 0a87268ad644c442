import { ConfigurationError } from '../../errors.js';
import type { CqlType, ScalarName } from '../../protocol/codec/cql-type.js';

const SCALARS = new Map<string, ScalarName>(
  (
    [
      'ascii',
      'bigint',
      'blob',
      'boolean',
      'counter',
      'date',
      'decimal',
      'double',
      'duration',
      'float',
      'inet',
      'int',
      'smallint',
      'text',
      'time',
      'timestamp',
      'timeuuid',
      'tinyint',
      'uuid',
      'varint',
    ] as const
  ).map((name) => [name, name]),
).set('varchar', 'text');

/** A type of a script: its CQL text, as in `map<text, frozen<list<int>>>`, or (for UDTs) the type itself. */
export type TypeLike = string | CqlType;

export function toType(type: TypeLike): CqlType {
  if (typeof type !== 'string') return type;
  return parse(type.trim(), false);
}

function parse(text: string, frozen: boolean): CqlType {
  const scalar = SCALARS.get(text.toLowerCase());
  if (scalar !== undefined) return { kind: 'scalar', name: scalar };
  const open = text.indexOf('<');
  if (open < 0 || !text.endsWith('>')) throw unknown(text);
  const parts = splitArguments(text.slice(open + 1, -1));
  const [first = '', second = ''] = parts;
  switch (text.slice(0, open).trim().toLowerCase()) {
    case 'frozen':
      return parse(first, true);
    case 'list':
      return { kind: 'list', element: parse(first, false), frozen };
    case 'set':
      return { kind: 'set', element: parse(first, false), frozen };
    case 'map':
      return { kind: 'map', key: parse(first, false), value: parse(second, false), frozen };
    case 'tuple':
      return { kind: 'tuple', elements: parts.map((part) => parse(part, false)) };
    case 'vector':
      return { kind: 'vector', element: parse(first, false), dimension: Number(second) };
    default:
      throw unknown(text);
  }
}

function unknown(text: string): ConfigurationError {
  return new ConfigurationError(`A fake node does not know the CQL type '${text}'`);
}

/** Splits at the commas that no bracket holds. */
function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '<') depth++;
    else if (char === '>') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts;
}
