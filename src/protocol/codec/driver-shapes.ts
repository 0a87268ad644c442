/**
 * Values of the classes of npm's `cassandra-driver`, recognised by shape: code that moves over need not convert them,
 * and that package need not be installed.
 */

/** Its Long, or any object with the halves of a 64-bit integer. */
export function longValue(value: object): bigint | undefined {
  if (!('low' in value && 'high' in value)) return undefined;
  const { low, high } = value;
  if (!isInt32(low) || !isInt32(high)) return undefined;
  const signed = (BigInt(high) << 32n) | BigInt(low >>> 0);
  return 'unsigned' in value && value.unsigned === true ? BigInt.asUintN(64, signed) : signed;
}

/** Its Integer: 32-bit words, the least significant first, continued by the sign. */
export function integerValue(value: object): bigint | undefined {
  if (!('bits_' in value && 'sign_' in value)) return undefined;
  const { bits_: bits, sign_: sign } = value;
  if (!Array.isArray(bits) || (sign !== 0 && sign !== -1)) return undefined;
  let result = BigInt(sign);
  for (const word of bits.toReversed() as unknown[]) {
    if (!isInt32(word)) return undefined;
    result = (result << 32n) | BigInt(word >>> 0);
  }
  return result;
}

/** Its BigDecimal. */
export function bigDecimalParts(value: object): { unscaled: bigint; scale: number } | undefined {
  if (!('_intVal' in value && '_scale' in value)) return undefined;
  const { _intVal: unscaledObject, _scale: scale } = value;
  if (typeof unscaledObject !== 'object' || unscaledObject === null || !isInt32(scale)) return undefined;
  const unscaled = integerValue(unscaledObject);
  return unscaled === undefined ? undefined : { unscaled, scale };
}

/** The bytes of its Uuid, TimeUuid (16) and InetAddress (4 or 16). */
export function bufferOf(value: object): Uint8Array | undefined {
  return 'buffer' in value && value.buffer instanceof Uint8Array ? value.buffer : undefined;
}

/** The days since 1970-01-01 of its LocalDate. */
export function localDateDays(value: object): number | undefined {
  if (!('_value' in value && 'date' in value && 'year' in value && 'month' in value && 'day' in value))
    return undefined;
  const { _value: days, date } = value;
  if (isInt32(days)) return days;
  return days === null && date instanceof Date ? date.getTime() / 86_400_000 : undefined;
}

/** The nanoseconds of the day of its LocalTime. */
export function localTimeNanos(value: object): bigint | undefined {
  if (!('value' in value && 'nanosecond' in value)) return undefined;
  const { value: long } = value;
  return typeof long === 'object' && long !== null ? longValue(long) : undefined;
}

/** The parts of its Duration. */
export function durationParts(value: object): { months: number; days: number; nanoseconds: bigint } | undefined {
  if (!('months' in value && 'days' in value && 'nanoseconds' in value)) return undefined;
  const { months, days, nanoseconds: nanos } = value;
  if (!isInt32(months) || !isInt32(days)) return undefined;
  const nanoseconds = typeof nanos === 'object' && nanos !== null ? longValue(nanos) : nanos;
  return typeof nanoseconds === 'bigint' ? { months, days, nanoseconds } : undefined;
}

/** The elements of its Tuple and Vector. */
export function elementsOf(value: object): readonly unknown[] | undefined {
  return 'elements' in value && Array.isArray(value.elements) ? value.elements : undefined;
}

function isInt32(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value;
}

/** What the object's own toString says. */
export function objectText(value: { toString(): unknown }): string {
  const text = value.toString();
  return typeof text === 'string' ? text : '';
}
