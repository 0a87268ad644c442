import { replaceSpans } from '../../util/cql-scanner.js';

const BLANK = { comment: ' ', string: ' ', 'quoted identifier': '"' };
/** Durations have colons as well, with digits behind them: P0001-02-03T12:30:05. */
const NAMED_MARKER = /:\s*["a-z]/i;

/** The statement has bind markers. Wrong on the safe side only: one that has them in a literal's braces alone has none. */
export function hasBindMarkers(statement: string): boolean {
  const code = replaceSpans(statement, BLANK);
  return code.includes('?') || NAMED_MARKER.test(outsideBraces(code));
}

/** Braces hold literals, where a colon may stand behind a key. */
function outsideBraces(code: string): string {
  let outside = '';
  let depth = 0;
  let from = 0;
  for (const { 0: brace, index } of code.matchAll(/[{}]/g)) {
    if (depth === 0) outside += `${code.slice(from, index)} `;
    depth = Math.max(0, depth + (brace === '{' ? 1 : -1));
    from = index + 1;
  }
  return depth === 0 ? outside + code.slice(from) : outside;
}
