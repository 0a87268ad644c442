import { codeOf, replaceSpans } from '../../util/cql-scanner.js';

/** The table that a statement is about, and its keyspace if that is named. */
export interface Target {
  readonly keyspace: string | null;
  readonly table: string;
}

/** A statement names its table near its beginning: one that is megabytes long is not read to its end. */
const HEAD = 4096;
const FIRST_WORD = /^[\s(]*([a-z]+)/i;
const NAME = String.raw`(?:"(?:[^"]|"")+"|[a-z]\w*)`;
/** Where the four statements on rows name their table; others are not looked into. */
const TABLE = new RegExp(
  String.raw`^\s*(?:select\s(?:"[^"]*"|[^"])*?\sfrom|insert\s+into|update|delete\b(?:"[^"]*"|[^"])*?\bfrom)\s+((?:${NAME}\s*\.\s*)?${NAME})`,
  'i',
);
const NAMES = new RegExp(NAME, 'gi');
/** Only in a text with one of these there is something to leave out. */
const SPAN = /--|\/[/*]|'|\$\$/;
const BLANK = { comment: ' ', string: ' ' };

/** The beginning of the text without comments and strings. */
function headOf(statement: string): string {
  const head = statement.slice(0, HEAD);
  return SPAN.test(head) ? replaceSpans(head, BLANK) : head;
}

function firstWord(code: string): string {
  return FIRST_WORD.exec(code)?.[1]?.toUpperCase() ?? '';
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
}

/** What a statement does, as far as its text shows it. */
export interface Summary {
  /** Its first word, in capitals; '' if it has none. */
  readonly operation: string;
  /** Null if the table is not plain to see. */
  readonly target: Target | null;
}

export function summaryOf(statement: string): Summary {
  const head = headOf(statement);
  return { operation: firstWord(head), target: targetIn(head, statement.length <= HEAD) };
}

function targetIn(head: string, isWhole: boolean): Target | null {
  const match = TABLE.exec(head);
  const found = match?.[1];
  // A name that ends with what was read may go on.
  if (found === undefined || (!isWhole && /^[\s.]*$/.test(head.slice(match?.[0].length)))) return null;
  const [first = '', second] = [...found.matchAll(NAMES)].map(([name]) => unquoted(name));
  return second === undefined ? { keyspace: null, table: first } : { keyspace: first, table: second };
}

/** To the end of its line, that is to the end of all statements of a batch. */
const LINE_COMMENT = /--|\/\//;

/** Of a batch's texts with '; ' between them: 'BATCH', with the statements' own word where they agree, as far as can be seen. */
export function batchOperationOf(statements: string): string {
  if (LINE_COMMENT.test(statements)) return 'BATCH';
  const code = SPAN.test(statements) ? codeOf(statements) : statements;
  const words = new Set(code.split('; ').map(firstWord));
  words.delete('');
  const [word = ''] = words;
  return words.size === 1 ? `BATCH ${word}` : 'BATCH';
}
