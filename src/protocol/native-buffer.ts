/**
 * Buffer's own methods for one encoding each. Node has had them since its first versions and documents only the
 * general `toString` and `write`, which look the encoding's name up at every call; short texts feel it.
 */
interface NativeBuffer {
  utf8Slice(start: number, end: number): string;
  hexSlice(start: number, end: number): string;
  utf8Write(text: string, offset: number): number;
}

function native(buffer: Buffer): NativeBuffer {
  return buffer as unknown as NativeBuffer;
}

export function utf8Slice(buffer: Buffer, start: number, end: number): string {
  return native(buffer).utf8Slice(start, end);
}

export function hexSlice(buffer: Buffer, start: number, end: number): string {
  return native(buffer).hexSlice(start, end);
}

/** Returns how many bytes were written. */
export function utf8Write(buffer: Buffer, text: string, offset: number): number {
  return native(buffer).utf8Write(text, offset);
}

/** In Node since 20; the compiler's library has it from es2024 on. */
interface WellFormed {
  isWellFormed(): boolean;
}

/** False for a text with a lone surrogate, which `utf8Write` would silently turn into U+FFFD. */
export function isWellFormed(text: string): boolean {
  return (text as unknown as WellFormed).isWellFormed();
}
