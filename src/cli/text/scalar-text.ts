const NANOS_PER_SECOND = 1_000_000_000n;

/** A `time`, nanoseconds of the day, as CQL writes it. */
export function timeText(nanos: bigint): string {
  const seconds = nanos / NANOS_PER_SECOND;
  const two = (part: bigint): string => part.toString().padStart(2, '0');
  const clock = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  return `${clock}.${(nanos % NANOS_PER_SECOND).toString().padStart(9, '0')}`;
}

/** The shortest digits that read back as this float: a 0.1 of 32 bits is not to show as 0.10000000149011612. */
export function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

export function blobText(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;
}

/** An instant as ISO 8601; those past the range of JavaScript's dates do not come from the driver as valid ones. */
export function instantText(value: Date): string {
  return Number.isNaN(value.getTime()) ? 'invalid timestamp' : value.toISOString();
}
