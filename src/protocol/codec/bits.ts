/**
 * Eight bytes seen as numbers of every kind. Big-endian words go in and out by hand: that is faster than
 * Buffer's read and write methods, and needs no DataView per buffer.
 */

export const words = new Uint32Array(2);
export const float64 = new Float64Array(words.buffer);
export const int64 = new BigInt64Array(words.buffer);
export const float32 = new Float32Array(words.buffer, 0, 1);

float64[0] = 1;
/** Which of the two words holds the sign of a 64-bit number on this machine. */
export const HIGH = words[1] === 0 ? 0 : 1;
export const LOW = 1 - HIGH;
export const LITTLE_ENDIAN = HIGH === 1;

/** A float's bits as an int32. */
export const floatBits = new Int32Array(words.buffer, 0, 1);

/** A signed 32-bit big-endian integer. The caller has checked that four bytes are there. */
export function int32At(buffer: Uint8Array, offset: number): number {
  return (
    ((buffer[offset] ?? 0) << 24) |
    ((buffer[offset + 1] ?? 0) << 16) |
    ((buffer[offset + 2] ?? 0) << 8) |
    (buffer[offset + 3] ?? 0)
  );
}

/** A signed 64-bit big-endian integer. */
export function int64At(buffer: Uint8Array, offset: number): bigint {
  words[HIGH] = int32At(buffer, offset);
  words[LOW] = int32At(buffer, offset + 4);
  return int64[0] ?? 0n;
}

/** The same as a number: exact within ±2^53, the nearest number outside. */
export function int64AsNumber(buffer: Uint8Array, offset: number): number {
  return int32At(buffer, offset) * 4_294_967_296 + (int32At(buffer, offset + 4) >>> 0);
}

export function doubleAt(buffer: Uint8Array, offset: number): number {
  words[HIGH] = int32At(buffer, offset);
  words[LOW] = int32At(buffer, offset + 4);
  return float64[0] ?? 0;
}

export function floatAt(buffer: Uint8Array, offset: number): number {
  floatBits[0] = int32At(buffer, offset);
  return float32[0] ?? 0;
}

/** The buffer that all sockets read into is smaller, and what a connection keeps for messages cut in two is no larger. */
const LARGEST_KEPT = 256 * 1024;

const NO_VIEW: DataView = new DataView(new ArrayBuffer(0));
let viewed: Buffer | undefined;
let view: DataView = NO_VIEW;

/**
 * The buffer's bytes as a DataView, of which V8 reads a number with one check and one load, where four bytes take four.
 * Making a view takes 150 ns, and most answers lie in the same buffer, so the last one is kept until `letViewGo`.
 */
export function viewOf(buffer: Buffer): DataView {
  if (buffer !== viewed) {
    view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    viewed = buffer;
  }
  return view;
}

/** Must follow what reads by `viewOf`, so that a page's own large buffer is not kept alive. */
export function letViewGo(): void {
  if (view.byteLength <= LARGEST_KEPT && view.buffer.byteLength <= LARGEST_KEPT) return;
  viewed = undefined;
  view = NO_VIEW;
}

/** A signed 64-bit integer. (V8 does not compile DataView's own getBigInt64.) */
export function int64In(view: DataView, offset: number): bigint {
  words[HIGH] = view.getInt32(offset);
  words[LOW] = view.getInt32(offset + 4);
  return int64[0] ?? 0n;
}

/** The same as a number: exact within ±2^53, the nearest number outside. */
export function int64AsNumberIn(view: DataView, offset: number): number {
  return view.getInt32(offset) * 4_294_967_296 + view.getUint32(offset + 4);
}
