import { InvalidParameter } from '../errors.js';
import { cryptoModule } from '../util/crypto.js';

const LOWER_HEX = '0123456789abcdef';
/** The char codes of a byte's two hexadecimal digits. */
const HIGH_DIGIT = new Uint8Array(256);
const LOW_DIGIT = new Uint8Array(256);
/** The value of a hexadecimal digit by its char code; 0xff for anything else. */
const DIGIT_VALUE = new Uint8Array(128).fill(0xff);

for (let byte = 0; byte < 256; byte++) {
  HIGH_DIGIT[byte] = LOWER_HEX.charCodeAt(byte >> 4);
  LOW_DIGIT[byte] = LOWER_HEX.charCodeAt(byte & 15);
}
for (let value = 0; value < 16; value++) {
  const digit = LOWER_HEX.charAt(value);
  DIGIT_VALUE[digit.charCodeAt(0)] = value;
  DIGIT_VALUE[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Where the two digits of each byte begin in a UUID's text. */
const DIGIT_PLACES = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34);
const DASH = 45;
const TEXT_LENGTH = 36;

/** A random (version 4) UUID, lower case. */
export function uuid(): string {
  return cryptoModule().randomUUID();
}

/** Sixteen bytes as a lower-case UUID: one flat string that holds on to nothing else. */
export function uuidText(bytes: Uint8Array, offset = 0): string {
  // One call that names all 36 characters beats hexSlice and slicing (2.5×), and joins of two-digit texts (1.6×),
  // which would also leave a tree of small strings behind.
  const a0 = bytes[offset + 0] ?? 0;
  const a1 = bytes[offset + 1] ?? 0;
  const a2 = bytes[offset + 2] ?? 0;
  const a3 = bytes[offset + 3] ?? 0;
  const a4 = bytes[offset + 4] ?? 0;
  const a5 = bytes[offset + 5] ?? 0;
  const a6 = bytes[offset + 6] ?? 0;
  const a7 = bytes[offset + 7] ?? 0;
  const a8 = bytes[offset + 8] ?? 0;
  const a9 = bytes[offset + 9] ?? 0;
  const a10 = bytes[offset + 10] ?? 0;
  const a11 = bytes[offset + 11] ?? 0;
  const a12 = bytes[offset + 12] ?? 0;
  const a13 = bytes[offset + 13] ?? 0;
  const a14 = bytes[offset + 14] ?? 0;
  const a15 = bytes[offset + 15] ?? 0;
  return String.fromCharCode(
    HIGH_DIGIT[a0] ?? 0,
    LOW_DIGIT[a0] ?? 0,
    HIGH_DIGIT[a1] ?? 0,
    LOW_DIGIT[a1] ?? 0,
    HIGH_DIGIT[a2] ?? 0,
    LOW_DIGIT[a2] ?? 0,
    HIGH_DIGIT[a3] ?? 0,
    LOW_DIGIT[a3] ?? 0,
    DASH,
    HIGH_DIGIT[a4] ?? 0,
    LOW_DIGIT[a4] ?? 0,
    HIGH_DIGIT[a5] ?? 0,
    LOW_DIGIT[a5] ?? 0,
    DASH,
    HIGH_DIGIT[a6] ?? 0,
    LOW_DIGIT[a6] ?? 0,
    HIGH_DIGIT[a7] ?? 0,
    LOW_DIGIT[a7] ?? 0,
    DASH,
    HIGH_DIGIT[a8] ?? 0,
    LOW_DIGIT[a8] ?? 0,
    HIGH_DIGIT[a9] ?? 0,
    LOW_DIGIT[a9] ?? 0,
    DASH,
    HIGH_DIGIT[a10] ?? 0,
    LOW_DIGIT[a10] ?? 0,
    HIGH_DIGIT[a11] ?? 0,
    LOW_DIGIT[a11] ?? 0,
    HIGH_DIGIT[a12] ?? 0,
    LOW_DIGIT[a12] ?? 0,
    HIGH_DIGIT[a13] ?? 0,
    LOW_DIGIT[a13] ?? 0,
    HIGH_DIGIT[a14] ?? 0,
    LOW_DIGIT[a14] ?? 0,
    HIGH_DIGIT[a15] ?? 0,
    LOW_DIGIT[a15] ?? 0,
  );
}

/** The text that was read last, and its bytes: a routed request writes its key twice, for the token and as a value. */
let lastText: string | null = null;
const lastBytes = new Uint8Array(16);

/**
 * Writes the sixteen bytes of a UUID's text at `offset`. Returns false, with some bytes overwritten, if the text is none.
 * Both cases of digits are taken; dashes must stand where they belong.
 */
export function writeUuid(text: string, bytes: Uint8Array, offset: number): boolean {
  if (text !== lastText) return readAndWrite(text, bytes, offset);
  for (let i = 0; i < 16; i++) bytes[offset + i] = lastBytes[i] ?? 0;
  return true;
}

/**
 * One small loop: V8 makes a hundred and more bytes of machine code of each `charCodeAt`. A loop for each group of
 * digits, put in place five times over, was 11 kB, a third of a processor's first cache, and dearer among other work.
 */
function readAndWrite(text: string, bytes: Uint8Array, offset: number): boolean {
  lastText = null;
  if (text.length !== TEXT_LENGTH) return false;
  let seen = 0;
  for (let i = 0; i < 16; i++) {
    const place = DIGIT_PLACES[i] ?? 0;
    const high = DIGIT_VALUE[text.charCodeAt(place)] ?? 0xff;
    const low = DIGIT_VALUE[text.charCodeAt(place + 1)] ?? 0xff;
    seen |= high | low;
    lastBytes[i] = bytes[offset + i] = (high << 4) | low;
  }
  if (seen >= 16 || !hasDashes(text)) return false;
  lastText = text;
  return true;
}

/** At 8, 13, 18 and 23. */
function hasDashes(text: string): boolean {
  for (let place = 8; place <= 23; place += 5) if (text.charCodeAt(place) !== DASH) return false;
  return true;
}

/** The sixteen bytes of a UUID's text. Throws InvalidParameter. */
export function uuidBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  if (!writeUuid(text, bytes, 0)) throw new InvalidParameter('The text is not a UUID');
  return bytes;
}
