/** The Gregorian calendar without a clock, and dates and times of day as CQL writes them. Nothing here knows a time zone. */

import { InvalidParameter } from '../errors.js';

const DAYS_PER_ERA = 146_097;
/** From 0000-03-01, the first day of an era of 400 years, to 1970-01-01. */
const EPOCH_SHIFT = 719_468;

const INT32 = 0x7fff_ffff;
const DATE_FORM = /^([+-]?)(\d{4,10})-(\d{2})-(\d{2})$/;
/** CQL's raw form of a date: days, with 2^31 for 1970-01-01. Ten digits, so that 20240131 is not taken for one. */
const RAW_DATE_FORM = /^\d{10}$/;
const TIME_FORM = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/;

const NANOS_PER_SECOND = 1_000_000_000n;
export const NANOS_PER_DAY = 86_400n * NANOS_PER_SECOND;

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar; undefined if there is no such day. */
export function daysFromCivil(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  // Years that begin in March put the leap day last.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - EPOCH_SHIFT;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The text of the day that lies `days` after 1970-01-01: 'YYYY-MM-DD', with a sign where the year is not 0000–9999. */
export function dateText(days: number): string {
  const shifted = days + EPOCH_SHIFT;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const sign = year > 9999 ? '+' : year < 0 ? '-' : '';
  return `${sign}${String(Math.abs(year)).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}`;
}

/** The reverse of dateText; also takes CQL's raw form of ten digits. Throws InvalidParameter. */
export function parseDate(text: string): number {
  const match = DATE_FORM.exec(text);
  if (match !== null) {
    const year = Number(match[2]) * (match[1] === '-' ? -1 : 1);
    const days = daysFromCivil(year, Number(match[3]), Number(match[4]));
    if (days === undefined) throw new InvalidParameter('The text names a day that no month has');
    return checkDays(days);
  }
  if (!RAW_DATE_FORM.test(text)) throw new InvalidParameter("The text is not a date 'YYYY-MM-DD'");
  return checkDays(Number(text) - INT32 - 1);
}

/** A CQL date lies within 2^31 days of 1970-01-01. Throws InvalidParameter. */
export function checkDays(days: number): number {
  if (!(days >= -INT32 - 1 && days <= INT32)) throw new InvalidParameter('The date is out of the range of CQL');
  return days;
}

/** Nanoseconds since midnight of 'HH:MM:SS[.nnnnnnnnn]'. Throws InvalidParameter. */
export function parseTime(text: string): bigint {
  const match = TIME_FORM.exec(text);
  const hours = Number(match?.[1]);
  const minutes = Number(match?.[2]);
  const seconds = Number(match?.[3]);
  if (match === null || hours > 23 || minutes > 59 || seconds > 59) {
    throw new InvalidParameter("The text is not a time 'HH:MM:SS[.nnnnnnnnn]'");
  }
  return BigInt(hours * 3600 + minutes * 60 + seconds) * NANOS_PER_SECOND + BigInt((match[4] ?? '').padEnd(9, '0'));
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
