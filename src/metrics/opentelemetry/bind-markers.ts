import { codeOf } from '../../util/cql-scanner.js';

/** Braces hold literals, where a colon may stand behind a key. */
const BRACES = /\{[^{}]*(?:\}|$)/g;

/** The statement has bind markers. Wrong on the safe side only: one that has them in a literal's braces alone has none. */
export function hasBindMarkers(statement: string): boolean {
  let code = codeOf(statement);
  if (code.includes('?')) return true;
  for (let before = ''; before !== code;) {
    before = code;
    code = code.replaceAll(BRACES, ' ');
  }
  return code.includes(':');
}
