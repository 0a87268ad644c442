import { InvalidParameter } from '../errors.js';
import { cryptoModule } from '../util/crypto.js';
import { uuidBytes, uuidText } from './uuid.js';

/** Milliseconds from 1582-10-15, where version 1 counts from, to 1970. */
const GREGORIAN_OFFSET_MS = 12_219_292_800_000;
/** Version 1 counts in steps of 100 ns. */
const TICKS_PER_MS = 10_000;
/** 60 bits of ticks reach to the year 5236. */
const MAX_MS = Math.floor(Number(2n ** 60n / 10_000n)) - 1;

/** A source of unique node and clock bytes: two of them never make the same UUID. */
class Generator {
  readonly #node = cryptoModule().randomBytes(6);
  #clock = cryptoModule().randomBytes(2).readUInt16BE() & 0x3fff;
  #lastMs = 0;
  #ticks = -1;

  constructor() {
    // The multicast bit says that this is no network card's address (RFC 9562, section 6.10).
    this.#node[0] = (this.#node[0] ?? 0) | 0x01;
  }

  /** Later than every one before, also if the clock goes back or more than 10,000 are made in a millisecond. */
  now(): string {
    const ms = Date.now() + GREGORIAN_OFFSET_MS;
    if (ms > this.#lastMs) {
      this.#lastMs = ms;
      this.#ticks = 0;
    } else if (++this.#ticks === TICKS_PER_MS) {
      this.#lastMs++;
      this.#ticks = 0;
    }
    return this.#make(this.#lastMs, this.#ticks);
  }

  /** Of a given date; the same date again gives another UUID, later within its millisecond until that is full. */
  at(date: Date | number): string {
    if (++this.#ticks === TICKS_PER_MS) {
      this.#ticks = 0;
      this.#clock = (this.#clock + 1) & 0x3fff;
    }
    return this.#make(gregorianMs(date), this.#ticks);
  }

  #make(ms: number, ticks: number): string {
    const bytes = new Uint8Array(16);
    putTime(bytes, ms, ticks);
    bytes[8] = 0x80 | (this.#clock >>> 8);
    bytes[9] = this.#clock;
    bytes.set(this.#node, 10);
    return uuidText(bytes);
  }
}

let current: Generator | undefined;
/** Its own node bytes: a UUID of a given date must not meet one that was made at that date. */
let dated: Generator | undefined;

/** A version 1 UUID of now, later than the ones before it in this process, or of `date` (UTC, to the millisecond). */
export function timeuuid(date?: Date | number): string {
  return date === undefined ? (current ??= new Generator()).now() : (dated ??= new Generator()).at(date);
}

/** The time that a version 1 UUID holds, to the millisecond. Throws InvalidParameter if it is of another version. */
export function timeuuidDate(text: string): Date {
  const bytes = uuidBytes(text);
  const view = new DataView(bytes.buffer);
  const high = view.getUint16(6);
  if (high >>> 12 !== 1) throw new InvalidParameter('The UUID is not of version 1, so it holds no time');
  const ticks = (BigInt(((high & 0xfff) << 16) | view.getUint16(4)) << 32n) | BigInt(view.getUint32(0));
  return new Date(Number(ticks / BigInt(TICKS_PER_MS)) - GREGORIAN_OFFSET_MS);
}

/** The least timeuuid of that millisecond, in Cassandra's order; as CQL's minTimeuuid(). For comparisons only, not unique. */
export function minTimeuuid(date: Date | number): string {
  // Cassandra compares these bytes as signed, so 0x80 is the least.
  return boundary(date, 0, 0x80);
}

/** The greatest timeuuid of that millisecond, in Cassandra's order; as CQL's maxTimeuuid(). */
export function maxTimeuuid(date: Date | number): string {
  return boundary(date, TICKS_PER_MS - 1, 0x7f);
}

function boundary(date: Date | number, ticks: number, filler: number): string {
  const bytes = new Uint8Array(16).fill(filler, 8);
  putTime(bytes, gregorianMs(date), ticks);
  return uuidText(bytes);
}

function gregorianMs(date: Date | number): number {
  const ms = Math.floor(Number(date)) + GREGORIAN_OFFSET_MS;
  // NaN, too, fails this comparison.
  if (!(ms >= 0 && ms <= MAX_MS)) throw new InvalidParameter('A timeuuid holds dates from 1582-10-15 to the year 5236');
  return ms;
}

function putTime(bytes: Uint8Array, ms: number, ticks: number): void {
  const time = BigInt(ms) * BigInt(TICKS_PER_MS) + BigInt(ticks);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number(time & 0xffff_ffffn));
  view.setUint16(4, Number((time >> 32n) & 0xffffn));
  view.setUint16(6, Number(time >> 48n) | 0x1000);
}
