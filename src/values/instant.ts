import { InvalidParameter } from '../errors.js';
import { daysFromCivil } from './calendar.js';

/** There is no year -000000: ECMA-262 has one spelling for the year 0 with a sign. */
const FORM =
  /^(?!-000000)([+-]\d{6}|\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d{2}(?::?\d{2})?))?$/;

/**
 * Milliseconds since 1970 of an ISO 8601 text: a day alone (midnight UTC), or a day, a time and `Z` or an offset.
 * A time without either means another instant in every place, so it is refused. Digits past the millisecond are cut off.
 * A bigint past the safe integers. Throws InvalidParameter.
 */
export function parseInstant(text: string): number | bigint {
  const match = FORM.exec(text);
  const ms = match === null ? undefined : instantOf(match);
  if (ms === undefined) {
    throw new InvalidParameter("The text is not an ISO 8601 instant such as '2026-01-31T12:00:00.000Z'");
  }
  return ms;
}

function instantOf(match: RegExpExecArray): number | bigint | undefined {
  const days = daysFromCivil(Number(match[1]), Number(match[2]), Number(match[3]));
  const hours = Number(match[4] ?? 0);
  const minutes = Number(match[5] ?? 0);
  const seconds = Number(match[6] ?? 0);
  if (days === undefined || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const millis = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const offset = offsetMinutes(match[8] ?? 'Z');
  if (offset === undefined) return undefined;
  const wholeSeconds = ((days * 24 + hours) * 60 + minutes - offset) * 60 + seconds;
  const ms = wholeSeconds * 1000 + millis;
  return Number.isSafeInteger(ms) ? ms : BigInt(wholeSeconds) * 1000n + BigInt(millis);
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || 0);
  if (hours > 23 || minutes > 59) return undefined;
  return (hours * 60 + minutes) * (zone.startsWith('-') ? -1 : 1);
}
