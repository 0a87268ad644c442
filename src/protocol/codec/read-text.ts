import { utf8Slice } from '../native-buffer.js';
import { viewOf } from './bits.js';

/** So many characters has the longest text that `fromCharacters` makes. */
const LONGEST_SHORT = 24;

/** UTF-8 bytes as a string that holds on to nothing but itself. Bytes that are no UTF-8 read as U+FFFD. */
export function readText(buffer: Buffer, start: number, length: number): string {
  if (length === 0) return '';
  if (length <= LONGEST_SHORT && isAscii(viewOf(buffer), start, length)) return fromCharacters(buffer, start, length);
  return utf8Slice(buffer, start, start + length);
}

/** Four bytes at a time; some of the last four may be seen twice. */
function isAscii(view: DataView, start: number, length: number): boolean {
  let seen = 0;
  if (length < 4) {
    for (let at = 0; at < length; at++) seen |= view.getInt8(start + at);
  } else {
    const last = start + length - 4;
    seen = view.getInt32(last);
    for (let at = start; at < last; at += 4) seen |= view.getInt32(at);
  }
  return (seen & 0x8080_8080) === 0;
}

/**
 * One to 24 bytes as characters. A native call costs 100 to 130 ns however short the text; a call that names each
 * character is compiled, and costs 20 ns and 2 for each. (Passing them as an array costs 5 for each. Cutting them out of
 * a longer string leaves that string to the garbage collector, and past 12 characters keeps it alive.)
 */
function fromCharacters(bytes: Uint8Array, start: number, length: number): string {
  const a = bytes[start] ?? 0;
  if (length === 1) return String.fromCharCode(a);
  const b = bytes[start + 1] ?? 0;
  if (length === 2) return String.fromCharCode(a, b);
  const c = bytes[start + 2] ?? 0;
  if (length === 3) return String.fromCharCode(a, b, c);
  const d = bytes[start + 3] ?? 0;
  if (length === 4) return String.fromCharCode(a, b, c, d);
  const e = bytes[start + 4] ?? 0;
  if (length === 5) return String.fromCharCode(a, b, c, d, e);
  const f = bytes[start + 5] ?? 0;
  if (length === 6) return String.fromCharCode(a, b, c, d, e, f);
  const g = bytes[start + 6] ?? 0;
  if (length === 7) return String.fromCharCode(a, b, c, d, e, f, g);
  const h = bytes[start + 7] ?? 0;
  if (length === 8) return String.fromCharCode(a, b, c, d, e, f, g, h);
  const i = bytes[start + 8] ?? 0;
  if (length === 9) return String.fromCharCode(a, b, c, d, e, f, g, h, i);
  const j = bytes[start + 9] ?? 0;
  if (length === 10) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j);
  const k = bytes[start + 10] ?? 0;
  if (length === 11) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k);
  const l = bytes[start + 11] ?? 0;
  if (length === 12) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l);
  const m = bytes[start + 12] ?? 0;
  if (length === 13) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m);
  const n = bytes[start + 13] ?? 0;
  if (length === 14) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
  const o = bytes[start + 14] ?? 0;
  if (length === 15) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
  const p = bytes[start + 15] ?? 0;
  if (length === 16) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
  const q = bytes[start + 16] ?? 0;
  if (length === 17) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q);
  const r = bytes[start + 17] ?? 0;
  if (length === 18) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r);
  const s = bytes[start + 18] ?? 0;
  if (length === 19) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
  const t = bytes[start + 19] ?? 0;
  if (length === 20) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
  const u = bytes[start + 20] ?? 0;
  if (length === 21) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u);
  const v = bytes[start + 21] ?? 0;
  if (length === 22) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v);
  const w = bytes[start + 22] ?? 0;
  if (length === 23) return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w);
  const x = bytes[start + 23] ?? 0;
  return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x);
}
