import { ProtocolError } from '../../errors.js';
import { checkDays, dateText, NANOS_PER_DAY, parseDate, parseTime } from '../../values/calendar.js';
import { CqlDuration } from '../../values/duration.js';
import { parseInstant } from '../../values/instant.js';
import type { ByteWriter } from '../byte-writer.js';
import { int32At, int64AsNumber, int64At } from './bits.js';
import { scalar, wrongLength, type Codec } from './codec.js';
import { durationParts, localDateDays, localTimeNanos, longValue, objectText } from './driver-shapes.js';
import { describeNumber, describeValue, refusal } from './refusal.js';
import { readUnsignedVint, vintSize, writeVint, zigZagDecode } from './vint.js';

const MS_PER_DAY = 86_400_000;
const DATE_CENTRE = 0x8000_0000;

/** Temporal's objects are known by their tag: Node 20 does not have their classes. */
function temporalText(value: unknown, tag: string): string | undefined {
  if (typeof value !== 'object' || value === null || !(Symbol.toStringTag in value)) return undefined;
  // A calendar other than ISO follows in brackets; the date in front of it is ISO in any case.
  return value[Symbol.toStringTag] === tag ? (objectText(value).split('[')[0] ?? '') : undefined;
}

/** `read` or a refusal: what a parser of src/values says does not tell what came. */
function attempt<T>(expected: string, value: unknown, read: () => T | undefined, describe = describeValue): T {
  let result: T | undefined;
  try {
    result = read();
  } catch {
    // A parser's refusal, or an object that only looked like the one it was taken for.
  }
  if (result === undefined)
    throw refusal(expected, value, typeof value === 'string' ? 'another string' : describe(value));
  return result;
}

export const timestampCodec: Codec = {
  type: scalar('timestamp'),
  fixedSize: 8,
  encode(value: unknown, writer: ByteWriter): void {
    const ms = timestampOf(value);
    if (typeof ms === 'number') {
      writer.writeSafeInt64(ms);
      return;
    }
    writer.writeInt64(ms);
  },
  decode(buffer: Buffer, offset: number, length: number): unknown {
    // A timestamp past the range of Date (±270,000 years) is an invalid Date.
    if (length === 8) return new Date(int64AsNumber(buffer, offset));
    if (length === 0) return null;
    throw wrongLength(timestampCodec.type, length, '8');
  },
};

function timestampOf(value: unknown): number | bigint {
  const expected =
    'a valid Date, integral milliseconds since 1970, an ISO 8601 string with Z or an offset, or a Temporal.Instant';
  return attempt(
    expected,
    value,
    () => {
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.getTime();
      if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
      if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : undefined;
      const text = typeof value === 'string' ? value : temporalText(value, 'Temporal.Instant');
      if (text !== undefined) return parseInstant(text);
      return typeof value === 'object' && value !== null ? longValue(value) : undefined;
    },
    describeNumber,
  );
}

export const dateCodec: Codec = {
  type: scalar('date'),
  // Four bytes always, and yet with a length in vectors: the server's class does not declare it.
  fixedSize: -1,
  encode(value: unknown, writer: ByteWriter): void {
    const days = attempt("a string 'YYYY-MM-DD', a valid Date or a Temporal.PlainDate", value, () => {
      if (value instanceof Date) return checkDays(Math.floor(value.getTime() / MS_PER_DAY));
      const text = typeof value === 'string' ? value : temporalText(value, 'Temporal.PlainDate');
      if (text !== undefined) return parseDate(text);
      const local = typeof value === 'object' && value !== null ? localDateDays(value) : undefined;
      return local === undefined ? undefined : checkDays(local);
    });
    writer.writeInt32(days + DATE_CENTRE);
  },
  decode(buffer: Buffer, offset: number, length: number): unknown {
    if (length === 4) return dateText((int32At(buffer, offset) >>> 0) - DATE_CENTRE);
    if (length === 0) return null;
    throw wrongLength(dateCodec.type, length, '4');
  },
};

export const timeCodec: Codec = {
  type: scalar('time'),
  fixedSize: -1,
  encode(value: unknown, writer: ByteWriter): void {
    const expected = "bigint nanoseconds of the day, a string 'HH:MM:SS[.nnnnnnnnn]' or a Temporal.PlainTime";
    const nanos = attempt(expected, value, () => {
      if (typeof value === 'bigint') return value;
      const text = typeof value === 'string' ? value : temporalText(value, 'Temporal.PlainTime');
      if (text !== undefined) return parseTime(text);
      return typeof value === 'object' && value !== null ? localTimeNanos(value) : undefined;
    });
    if (nanos < 0n || nanos >= NANOS_PER_DAY) throw refusal(expected, value, 'a time outside of the day');
    writer.writeInt64(nanos);
  },
  decode(buffer: Buffer, offset: number, length: number): unknown {
    if (length === 8) return int64At(buffer, offset);
    if (length === 0) return null;
    throw wrongLength(timeCodec.type, length, '8');
  },
};

export const durationCodec: Codec = {
  type: scalar('duration'),
  fixedSize: -1,
  encode(value: unknown, writer: ByteWriter): void {
    const duration = attempt('a CqlDuration or a string such as 1y2mo3d4h or P1Y2M3DT4H', value, () => {
      if (value instanceof CqlDuration) return value;
      if (typeof value === 'string') return CqlDuration.parse(value);
      const parts = typeof value === 'object' && value !== null ? durationParts(value) : undefined;
      return parts === undefined ? undefined : new CqlDuration(parts.months, parts.days, parts.nanoseconds);
    });
    writeVint(BigInt(duration.months), writer);
    writeVint(BigInt(duration.days), writer);
    writeVint(duration.nanoseconds, writer);
  },
  decode(buffer: Buffer, offset: number, length: number): unknown {
    if (length === 0) return null;
    const end = offset + length;
    const parts: bigint[] = [];
    for (let at = offset; parts.length < 3;) {
      const size = at < end ? vintSize(buffer[at] ?? 0) : 1;
      if (at + size > end) throw wrongLength(durationCodec.type, length, 'three vints');
      parts.push(zigZagDecode(readUnsignedVint(buffer, at, size)));
      at += size;
    }
    const [months = 0n, days = 0n, nanoseconds = 0n] = parts;
    try {
      return new CqlDuration(Number(months), Number(days), nanoseconds);
    } catch (cause) {
      throw new ProtocolError('The server sent a duration whose parts are out of range or differ in sign', { cause });
    }
  },
};
