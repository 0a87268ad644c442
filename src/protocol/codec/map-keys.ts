import { int64At } from './bits.js';
import type { CqlType, ScalarType } from './cql-type.js';

/** Makes a property name of a key, which was read from its bytes at `offset`. */
export type KeyText = (key: unknown, buffer: Buffer, offset: number) => string;

/** Property names for the keys of maps that are read as objects, one for each key; `keyFromText` reads them back. */
export function keyTexts({ name }: ScalarType): KeyText {
  return name === 'timestamp' ? instantKey : textOfKey;
}

/** A timestamp past the range of Date has no ISO text: its milliseconds are told instead. */
function instantKey(key: unknown, buffer: Buffer, offset: number): string {
  return key instanceof Date && Number.isNaN(key.getTime()) ? String(int64At(buffer, offset)) : textOfKey(key);
}

function textOfKey(key: unknown): string {
  if (typeof key === 'string') return key;
  // Text has a sign of zero only if it is asked for.
  if (typeof key === 'number') return Object.is(key, -0) ? '-0' : String(key);
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
      return String(number) === name || name === '-0' ? number : name;
    }
    case 'timestamp':
      return /^-?\d{1,19}$/.test(name) ? BigInt(name) : name;
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
