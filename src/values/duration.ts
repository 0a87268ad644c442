import { InvalidParameter } from '../errors.js';

const INT32 = 0x7fff_ffff;
const INT64 = 0x7fff_ffff_ffff_ffffn;

const NANOS = {
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1_000n,
  ns: 1n,
} as const;

/** CQL's own form: units in this order, each at most once. */
const CQL_FORM =
  /^(?:(\d+)y)?(?:(\d+)mo)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?(?:(\d+)(?:us|µs|μs))?(?:(\d+)ns)?$/i;
const ISO_FORM =
  /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,9}))?S)?)?$/;
const ISO_ALTERNATIVE = /^P(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})$/;

/**
 * CQL's duration: months, days and nanoseconds, which do not convert into each other. All have one sign.
 */
export class CqlDuration {
  /** An int32. */
  readonly months: number;
  /** An int32. */
  readonly days: number;
  /** An int64. */
  readonly nanoseconds: bigint;

  /** Throws InvalidParameter if a part is out of range or the signs differ. */
  constructor(months: number, days: number, nanoseconds: bigint) {
    if (!isInt32(months) || !isInt32(days)) {
      throw new InvalidParameter('The months and days of a duration are integers of 32 bits');
    }
    if (typeof nanoseconds !== 'bigint' || BigInt.asIntN(64, nanoseconds) !== nanoseconds) {
      throw new InvalidParameter('The nanoseconds of a duration are a bigint of 64 bits');
    }
    if ((months < 0 || days < 0 || nanoseconds < 0n) && (months > 0 || days > 0 || nanoseconds > 0n)) {
      throw new InvalidParameter('The parts of a duration have one sign');
    }
    // Adding 0 turns −0 into 0.
    this.months = months + 0;
    this.days = days + 0;
    this.nanoseconds = nanoseconds;
  }

  /** Reads `1y2mo3w4d5h6m7s8ms9us10ns`, `P1Y2M3DT4H5M6S`, `P2W`, `P0001-02-03T04:05:06`, each with a `-` in front if negative. */
  static parse(text: string): CqlDuration {
    const negative = text.startsWith('-');
    const body = negative ? text.slice(1) : text;
    const parts = parseIso(body) ?? parseCql(body);
    if (parts === undefined) throw new InvalidParameter('The text is not a duration');
    const [months, days, nanoseconds] = parts;
    const further = negative ? 1 : 0;
    if (months > INT32 + further || days > INT32 + further || nanoseconds > INT64 + BigInt(further)) {
      throw new InvalidParameter('The duration is out of range');
    }
    return negative ? new CqlDuration(-months, -days, -nanoseconds) : new CqlDuration(months, days, nanoseconds);
  }

  /** CQL's own form, which `parse` reads back: `-1y2mo3d4h5m6s7ms8us9ns`. */
  toString(): string {
    const months = Math.abs(this.months);
    let text = part(Math.trunc(months / 12), 'y') + part(months % 12, 'mo') + part(Math.abs(this.days), 'd');
    let rest = this.nanoseconds < 0n ? -this.nanoseconds : this.nanoseconds;
    for (const [unit, nanos] of Object.entries(NANOS)) {
      text += part(rest / nanos, unit);
      rest %= nanos;
    }
    if (text === '') return '0s';
    return this.months < 0 || this.days < 0 || this.nanoseconds < 0n ? `-${text}` : text;
  }

  /** As `toString`. */
  toJSON(): string {
    return this.toString();
  }

  /** Whether the other is a CqlDuration of the same three numbers. */
  equals(other: unknown): boolean {
    return (
      other instanceof CqlDuration &&
      other.months === this.months &&
      other.days === this.days &&
      other.nanoseconds === this.nanoseconds
    );
  }
}

function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= -INT32 - 1 && value <= INT32;
}

function part(count: number | bigint, unit: string): string {
  return Number(count) === 0 ? '' : `${String(count)}${unit}`;
}

type Parts = readonly [months: number, days: number, nanoseconds: bigint];

function parseCql(text: string): Parts | undefined {
  const match = CQL_FORM.exec(text);
  if (match === null || text === '') return undefined;
  const [, years, months, weeks, days, hours, minutes, seconds, millis, micros, nanos] = match;
  return [
    Number(years ?? 0) * 12 + Number(months ?? 0),
    Number(weeks ?? 0) * 7 + Number(days ?? 0),
    clock(hours, minutes, seconds) +
      BigInt(millis ?? 0) * NANOS.ms +
      BigInt(micros ?? 0) * NANOS.us +
      BigInt(nanos ?? 0),
  ];
}

function parseIso(text: string): Parts | undefined {
  if (!text.startsWith('P') || text.length < 3) return undefined;
  const alternative = ISO_ALTERNATIVE.exec(text);
  if (alternative !== null) {
    const [, years, months, days, hours, minutes, seconds] = alternative;
    return [Number(years) * 12 + Number(months), Number(days), clock(hours, minutes, seconds)];
  }
  const match = ISO_FORM.exec(text);
  if (match === null) return undefined;
  const [, years, months, weeks, days, hours, minutes, seconds, fraction] = match;
  return [
    Number(years ?? 0) * 12 + Number(months ?? 0),
    Number(weeks ?? 0) * 7 + Number(days ?? 0),
    clock(hours, minutes, seconds) + BigInt((fraction ?? '').padEnd(9, '0')),
  ];
}

function clock(hours = '0', minutes = '0', seconds = '0'): bigint {
  return BigInt(hours) * NANOS.h + BigInt(minutes) * NANOS.m + BigInt(seconds) * NANOS.s;
}
