/** Latin text, where each character takes one column. */
const PLAIN = /^[\x20-\x7e\u00a0-\u02ff]*$/;
/** East Asian wide and fullwidth characters, and emoji (Unicode annex 11). */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** How many columns of a terminal the text takes. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** The text cut to so many columns, with an ellipsis as the last one if anything is missing. */
export function cutToWidth(text: string, most: number): string {
  if (displayWidth(text) <= most) return text;
  let cut = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += WIDE.test(segment) ? 2 : 1;
    if (width > most - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** Control characters as escapes: a value must not move the cursor or change the terminal's colours. */
export function visible(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const short = SHORT[character];
    if (short !== undefined) return short;
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

/** The same for a text of several lines. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/**
 * CQL for a terminal: as it is, line ends and tabs included, but for characters that would drive the terminal. What
 * holds such a one is no longer the same statement, which is why this is for eyes alone.
 */
export function visibleCql(text: string): string {
  return text
    .split(/(\r?\n|\t)/)
    .map((part, i) => (i % 2 === 0 ? visible(part) : part))
    .join('');
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
