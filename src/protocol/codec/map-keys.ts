import type { CqlType } from './cql-type.js';

/** A property name for the key of a map that is read as an object; `keyFromText` reads it back. */
export function textOfKey(key: unknown): string {
  if (typeof key === 'string') return key;
  if (key instanceof Date) return Number.isNaN(key.getTime()) ? 'Invalid Date' : key.toISOString();
  if (Buffer.isBuffer(key)) return `0x${key.toString('hex')}`;
  return String(key);
}

/** A plain object's property name as the key that it stands for: names are strings, keys of maps often are not. */
export function keyFromText(name: string, type: CqlType): unknown {
  if (type.kind !== 'scalar') return name;
  switch (type.name) {
    case 'tinyint':
    case 'smallint':
    case 'int':
      return /^-?\d+$/.test(name) ? Number(name) : name;
    case 'float':
    case 'double': {
      const number = Number(name);
      return String(number) === name ? number : name;
    }
    case 'boolean':
      return name === 'true' ? true : name === 'false' ? false : name;
    case 'time':
      return /^\d+$/.test(name) ? BigInt(name) : name;
    case 'blob':
      return /^0x(?:[0-9a-f]{2})*$/i.test(name) ? Buffer.from(name.slice(2), 'hex') : name;
    default:
      // Text as it is; the codecs of the others read text anyway.
      return name;
  }
}
