import { ConfigurationError } from '../../errors.js';
import { cqlTypeName, type CqlType, type ScalarName } from '../../protocol/codec/cql-type.js';
import { inetBytes } from '../../values/inet.js';

/**
 * A script's value as the bytes of a cell. Kept apart from the client's own codec, so that a fault there does not cancel
 * itself out; lenient where that one is strict. A Buffer goes out as it is, whatever the column's type.
 */
export function encodeValue(type: CqlType, value: unknown): Buffer | null {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value;
  switch (type.kind) {
    case 'scalar':
      return SCALARS[type.name](value);
    case 'list':
    case 'set': {
      const items = elements(type, value);
      return Buffer.concat([int32(items.length), ...items.map((item) => cell(encodeValue(type.element, item)))]);
    }
    case 'map': {
      const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
      const cells = entries.flatMap(([key, item]) => [
        cell(encodeValue(type.key, key)),
        cell(encodeValue(type.value, item)),
      ]);
      return Buffer.concat([int32(entries.length), ...cells]);
    }
    case 'tuple': {
      const items = elements(type, value);
      return Buffer.concat(type.elements.slice(0, items.length).map((part, i) => cell(encodeValue(part, items[i]))));
    }
    case 'udt': {
      const fields = value as Record<string, unknown>;
      return Buffer.concat(type.fields.map((field) => cell(encodeValue(field.type, fields[field.name]))));
    }
    case 'vector':
      return Buffer.concat(elements(type, value).map((item) => vectorElement(type.element, item)));
    case 'custom':
      return bytesOf(value);
  }
}

function elements(type: CqlType, value: unknown): unknown[] {
  if (typeof value === 'object' && value !== null && Symbol.iterator in value) return [...(value as Iterable<unknown>)];
  throw new ConfigurationError(`A fake node's ${cqlTypeName(type)} wants something iterable`);
}

/** Only these have a length that the server knows; all others bring theirs (native protocol v5 of Cassandra 5.0). */
const FIXED_LENGTH: ReadonlySet<string> = new Set<ScalarName>([
  'boolean',
  'int',
  'bigint',
  'float',
  'double',
  'timestamp',
  'uuid',
  'timeuuid',
]);

function vectorElement(type: CqlType, value: unknown): Buffer {
  const bytes = encodeValue(type, value) ?? Buffer.alloc(0);
  if (type.kind === 'scalar' && FIXED_LENGTH.has(type.name)) return bytes;
  return Buffer.concat([vint(BigInt(bytes.length)), bytes]);
}

function cell(bytes: Buffer | null): Buffer {
  return bytes === null ? int32(-1) : Buffer.concat([int32(bytes.length), bytes]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

function toBigInt(value: unknown): bigint {
  if (value instanceof Date) return BigInt(value.getTime());
  return typeof value === 'bigint' ? value : BigInt(String(value));
}

function bytesOf(value: unknown): Buffer {
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));
}

function uuid(value: unknown): Buffer {
  return Buffer.from(String(value).replaceAll('-', ''), 'hex');
}

/** Two's complement in as few bytes as hold it. */
function varint(value: bigint): Buffer {
  let size = 1;
  while (BigInt.asIntN(size * 8, value) !== value) size++;
  return Buffer.from(
    BigInt.asUintN(size * 8, value)
      .toString(16)
      .padStart(size * 2, '0'),
    'hex',
  );
}

/** An unsigned vint: as many leading one bits as there are bytes behind the first. */
function vint(value: bigint): Buffer {
  let extra = 0;
  while (extra < 8 && value >> BigInt(7 * (extra + 1)) !== 0n) extra++;
  const bytes = Buffer.alloc(extra + 1);
  let rest = value;
  for (let i = extra; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  bytes[0] = (bytes[0] ?? 0) | ((0xff00 >>> extra) & 0xff);
  return bytes;
}

function zigZag(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
}

function decimal(value: unknown): Buffer {
  const [, digits = '0', fraction = ''] = /^(-?\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
  return Buffer.concat([int32(fraction.length), varint(BigInt(digits + fraction))]);
}

/** Days since the epoch, centred on 2^31. */
function date(value: unknown): Buffer {
  const days = typeof value === 'number' ? value : Math.floor(Date.parse(String(value)) / 86_400_000);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(days + 2 ** 31);
  return bytes;
}

function duration(value: unknown): Buffer {
  const { months = 0, days = 0, nanoseconds = 0n } = value as Record<string, number | bigint>;
  return Buffer.concat([months, days, nanoseconds].map((part) => vint(zigZag(BigInt(part)))));
}

function fixed(size: number, write: (bytes: Buffer, value: number) => void): (value: unknown) => Buffer {
  return (value) => {
    const bytes = Buffer.alloc(size);
    write(bytes, Number(value));
    return bytes;
  };
}

const text = (value: unknown): Buffer => Buffer.from(String(value));
const long = (value: unknown): Buffer => int64(toBigInt(value));

const SCALARS: Readonly<Record<ScalarName, (value: unknown) => Buffer>> = {
  ascii: text,
  text,
  bigint: long,
  counter: long,
  timestamp: long,
  time: long,
  blob: bytesOf,
  boolean: (value) => Buffer.from([value === true ? 1 : 0]),
  date,
  decimal,
  duration,
  double: fixed(8, (bytes, value) => bytes.writeDoubleBE(value)),
  float: fixed(4, (bytes, value) => bytes.writeFloatBE(value)),
  int: fixed(4, (bytes, value) => bytes.writeInt32BE(value)),
  smallint: fixed(2, (bytes, value) => bytes.writeInt16BE(value)),
  tinyint: fixed(1, (bytes, value) => bytes.writeInt8(value)),
  inet: (value) => Buffer.from(inetBytes(String(value))),
  uuid,
  timeuuid: uuid,
  varint: (value) => varint(toBigInt(value)),
};
