/** The parts of a CQL text that are no code: what stands inside them means nothing to the grammar. */
export type SpanKind = 'comment' | 'string' | 'quoted identifier';

export interface Span {
  readonly kind: SpanKind;
  /** Where the code goes on; the text's end if the span is never closed. */
  readonly end: number;
}

function closing(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at + mark.length;
}

/** Either character ends a comment of one line. */
function lineEnd(text: string, from: number): number {
  const at = text.slice(from).search(/[\r\n]/);
  return at < 0 ? text.length : from + at + 1;
}

/** A quote inside quotes is written twice. */
function closingQuote(text: string, quote: string, from: number): number {
  let at = closing(text, quote, from);
  while (text[at] === quote) at = closing(text, quote, at + 1);
  return at;
}

/** The span that begins at `at`; null if code stands there. Comments: `--`, `//` and C's; strings: '…' and $$…$$. */
export function spanAt(text: string, at: number): Span | null {
  switch (text[at]) {
    case "'":
      return { kind: 'string', end: closingQuote(text, "'", at + 1) };
    case '"':
      return { kind: 'quoted identifier', end: closingQuote(text, '"', at + 1) };
    case '$':
      return text[at + 1] === '$' ? { kind: 'string', end: closing(text, '$$', at + 2) } : null;
    case '-':
      return text[at + 1] === '-' ? { kind: 'comment', end: lineEnd(text, at + 2) } : null;
    case '/':
      if (text[at + 1] === '/') return { kind: 'comment', end: lineEnd(text, at + 2) };
      return text[at + 1] === '*' ? { kind: 'comment', end: closing(text, '*/', at + 2) } : null;
    default:
      return null;
  }
}

/** The text with every comment, string and quoted identifier replaced by a space. */
export function codeOf(text: string): string {
  return replaceSpans(text, { comment: ' ', string: ' ', 'quoted identifier': ' ' });
}

/** The text with every comment replaced by a space. */
export function withoutComments(text: string): string {
  return replaceSpans(text, { comment: ' ' });
}

/** The text with each span replaced by what is given for its kind; the kinds that are left out stay. */
export function replaceSpans(text: string, by: Readonly<Partial<Record<SpanKind, string>>>): string {
  let code = '';
  let from = 0;
  for (let at = 0; at < text.length;) {
    const span = spanAt(text, at);
    if (span === null) {
      at++;
      continue;
    }
    const replacement = by[span.kind];
    if (replacement !== undefined) {
      code += text.slice(from, at) + replacement;
      from = span.end;
    }
    at = span.end;
  }
  return code + text.slice(from);
}

/** Where the statement itself begins, behind white space and comments. */
export function startOfCode(text: string): number {
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at++;
      continue;
    }
    const span = spanAt(text, at);
    if (span?.kind !== 'comment') return at;
    at = span.end;
  }
  return at;
}
