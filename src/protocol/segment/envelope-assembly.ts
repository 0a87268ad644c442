import { ProtocolError } from '../../errors.js';

/** How much room the first part of an envelope gets, as a multiple of that part. */
const FIRST_ROOM = 4;

/**
 * Gathers one envelope that came over several segments.
 *
 * The announced size is no more than a claim until the bytes are there: the room doubles as they come, up to that size.
 */
export class EnvelopeAssembly {
  #buffer: Buffer | null = null;
  #filled = 0;
  #size = 0;

  get isOpen(): boolean {
    return this.#size > 0;
  }

  /** Begins an envelope of `size` bytes, header included. */
  open(size: number): void {
    this.#size = size;
    this.#filled = 0;
  }

  /** Returns true when the envelope is whole. */
  append(payload: Buffer, start: number, end: number): boolean {
    const filled = this.#filled + end - start;
    if (filled > this.#size) {
      throw new ProtocolError('Corrupt stream: bad length: a split envelope is followed by bytes of no envelope');
    }
    let buffer = this.#buffer;
    if (buffer === null || filled > buffer.length) {
      const room = buffer === null ? filled * FIRST_ROOM : Math.max(filled, buffer.length * 2);
      const larger = Buffer.allocUnsafeSlow(Math.min(room, this.#size));
      buffer?.copy(larger, 0, 0, this.#filled);
      this.#buffer = buffer = larger;
    }
    payload.copy(buffer, this.#filled, start, end);
    this.#filled = filled;
    return filled === this.#size;
  }

  /** Hands the whole envelope over; nothing of it is kept. */
  take(): Buffer {
    const whole = (this.#buffer ?? Buffer.alloc(0)).subarray(0, this.#size);
    this.reset();
    return whole;
  }

  reset(): void {
    this.#buffer = null;
    this.#filled = 0;
    this.#size = 0;
  }
}
