import { codeOf, startOfCode, withoutComments } from '../util/cql-scanner.js';

const SELECT = /select\b/iy;
const USE = /use\b/iy;
const USE_WHOLE = /^\s*use(?:\s+(\w+)|\s*"((?:[^"]|"")*)")(?:\s*;)*\s*$/i;
/** Statements that can be conditional; the IF of others (IF NOT EXISTS of a CREATE) is no transaction. */
const WRITE = /(?:insert|update|delete|begin)\b/iy;
const CONDITION = /\bif\b/i;

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The statement is a SELECT: it may be repeated, and no timestamp belongs to it. */
export function isSelectQuery(text: string): boolean {
  return match(SELECT, text, startOfCode(text)) !== null;
}

/** The keyspace that a USE statement names, as the server knows it (folded unless quoted); null if it is no USE. */
export function isUseQuery(text: string): string | null {
  if (match(USE, text, startOfCode(text)) === null) return null;
  const use = USE_WHOLE.exec(withoutComments(text));
  if (use === null) return null;
  return use[1]?.toLowerCase() ?? use[2]?.replaceAll('""', '"') ?? null;
}

/**
 * The statement is, or might be, a lightweight transaction. Wrong only on the safe side: taken for one, a plain write
 * would merely be answered with metadata that it does not need.
 */
export function isConditionalQuery(text: string): boolean {
  return match(WRITE, text, startOfCode(text)) !== null && CONDITION.test(codeOf(text));
}
