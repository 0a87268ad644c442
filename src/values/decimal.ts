import { InvalidParameter } from '../errors.js';

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,11}))?$/;
const MIN_SCALE = -0x8000_0000;
const MAX_SCALE = 0x7fff_ffff;
/** Past so many zeros after the point the exponent form is the readable one, and the bounded one. */
const MAX_LEADING_ZEROS = 100;

/**
 * CQL's decimal: exactly `unscaled × 10^−scale`, of any size.
 *
 * Two decimals with different scales can be equal in value (1.0 and 1.00); `toString` tells them apart.
 */
export class Decimal {
  /** The digits, without the point: the value is `unscaled` × 10^-`scale`. */
  readonly unscaled: bigint;
  /** Digits after the decimal point; negative for zeros before it. An int32. */
  readonly scale: number;

  /** Throws InvalidParameter if `scale` is no int32. */
  constructor(unscaled: bigint, scale = 0) {
    if (typeof unscaled !== 'bigint') throw new InvalidParameter('A Decimal is made of a bigint and a scale');
    if (!Number.isInteger(scale) || scale < MIN_SCALE || scale > MAX_SCALE) {
      throw new InvalidParameter('The scale of a Decimal is an integer of 32 bits');
    }
    this.unscaled = unscaled;
    this.scale = scale;
  }

  /** Reads `-12.50`, `.5`, `1e-7`. The digits decide the scale: '1.50' has scale 2. Throws InvalidParameter. */
  static parse(text: string): Decimal {
    const match = FORM.exec(text);
    const whole = match?.[2] ?? '';
    const fraction = match?.[3] ?? '';
    if (match === null || whole.length + fraction.length === 0) {
      throw new InvalidParameter('The text is not a decimal number');
    }
    const digits = BigInt(whole + fraction);
    return new Decimal(match[1] === '-' ? -digits : digits, fraction.length - Number(match[4] ?? 0));
  }

  /** A number gives the shortest decimal that reads back as that number. Throws InvalidParameter for NaN and infinities. */
  static from(value: Decimal | string | number | bigint): Decimal {
    if (value instanceof Decimal) return value;
    if (typeof value === 'bigint') return new Decimal(value, 0);
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new InvalidParameter('A decimal is a finite number');
    }
    return Decimal.parse(String(value));
  }

  /**
   * Exact: `Decimal.parse` gives the same unscaled value and scale back. Plain digits, as Java's BigDecimal writes
   * them; with an exponent where the scale is negative (1E+3) or where more than a hundred zeros would follow the point.
   */
  toString(): string {
    const negative = this.unscaled < 0n;
    const sign = negative ? '-' : '';
    const digits = (negative ? -this.unscaled : this.unscaled).toString();
    const { scale } = this;
    if (scale === 0) return sign + digits;
    const zeros = scale - digits.length;
    if (scale < 0 || zeros > MAX_LEADING_ZEROS) {
      const exponent = digits.length - 1 - scale;
      const mantissa = digits.length === 1 ? digits : `${digits.slice(0, 1)}.${digits.slice(1)}`;
      return `${sign}${mantissa}E${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent))}`;
    }
    if (zeros >= 0) return `${sign}0.${'0'.repeat(zeros)}${digits}`;
    return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  }

  /** As `toString`. */
  toJSON(): string {
    return this.toString();
  }

  /** The nearest number; digits may be lost. */
  toNumber(): number {
    return Number(this.toString());
  }

  /** −1, 0 or 1, by value: 1.0 and 1.00 compare as 0. */
  compare(other: Decimal): -1 | 0 | 1 {
    const sign = signOf(this.unscaled);
    const otherSign = signOf(other.unscaled);
    if (sign !== otherSign) return sign < otherSign ? -1 : 1;
    if (sign === 0) return 0;
    const digits = magnitudeText(this.unscaled);
    const otherDigits = magnitudeText(other.unscaled);
    // Where the leading digit stands decides first, so that scales far apart need no giant power of ten.
    const order = digits.length - this.scale;
    const otherOrder = otherDigits.length - other.scale;
    const width = Math.max(digits.length, otherDigits.length);
    const difference =
      order === otherOrder
        ? compareText(digits.padEnd(width, '0'), otherDigits.padEnd(width, '0'))
        : Math.sign(order - otherOrder);
    const signed = difference * sign;
    return signed === 0 ? 0 : signed < 0 ? -1 : 1;
  }

  /** Equal in value, whatever the scales. */
  equals(other: unknown): boolean {
    return other instanceof Decimal && this.compare(other) === 0;
  }
}

function signOf(value: bigint): -1 | 0 | 1 {
  return value === 0n ? 0 : value < 0n ? -1 : 1;
}

function magnitudeText(value: bigint): string {
  return (value < 0n ? -value : value).toString();
}

function compareText(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
