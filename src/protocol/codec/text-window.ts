import { latin1Slice, utf8Slice } from '../native-buffer.js';

/**
 * A native call costs more than a short text is worth (0.1–0.2 µs), so while a page is decoded, two kilobytes of it at a
 * time are turned into one Latin-1 string, and short ASCII cells are cut out of that string.
 *
 * Only texts of fewer than 13 characters are cut: V8 copies those, while a longer piece would refer to the whole string
 * and keep it alive as long as the piece. Longer cells and cells past ASCII get a native call each.
 */
const LONGEST_COPIED = 12;
const WINDOW_BYTES = 2048;

/** The page that is being decoded; its bytes do not change before closeTextWindow. */
let page: Buffer | undefined;
let pageEnd = 0;
let from = 0;
let to = 0;
let text = '';

export function openTextWindow(buffer: Buffer, end: number): void {
  page = buffer;
  pageEnd = end;
  from = to = 0;
}

/** Must follow every openTextWindow: the buffer gets other bytes afterwards. */
export function closeTextWindow(): void {
  page = undefined;
  text = '';
}

/** UTF-8 bytes as a string that holds on to nothing but itself. Bytes that are no UTF-8 read as U+FFFD. */
export function readText(buffer: Buffer, offset: number, length: number): string {
  if (length === 0) return '';
  const end = offset + length;
  if (length > LONGEST_COPIED || buffer !== page) return utf8Slice(buffer, offset, end);
  let seen = 0;
  for (let i = offset; i < end; i++) seen |= buffer[i] ?? 0;
  if (seen > 0x7f) return utf8Slice(buffer, offset, end);
  if (offset < from || end > to) {
    from = offset;
    to = Math.min(offset + WINDOW_BYTES, pageEnd);
    text = latin1Slice(buffer, from, to);
  }
  return text.substring(offset - from, end - from);
}
