import { replaceSpans } from '../../util/cql-scanner.js';

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
  /** Its first word, in capitals; '' if it has none. Of a batch BATCH, with its statements' own word where they agree. */
  readonly operation: string;
  /** Null if the table is not plain to see, or a batch has several. */
  readonly target: Target | null;
  /** Statements of a batch that is a text; null if it is none, or if they could not be counted. */
  readonly batchSize: number | null;
}

export function summaryOf(statement: string): Summary {
  const head = headOf(statement);
  if (BATCH_TEXT.test(head)) return summaryOfBatchText(statement);
  return { operation: firstWord(head), target: targetIn(head, statement.length <= HEAD), batchSize: null };
}

function targetIn(head: string, isWhole: boolean): Target | null {
  const match = TABLE.exec(head);
  const found = match?.[1];
  // A name that ends with what was read may go on.
  if (found === undefined || (!isWhole && /^[\s.]*$/.test(head.slice(match?.[0].length)))) return null;
  const [first = '', second] = [...found.matchAll(NAMES)].map(([name]) => unquoted(name));
  return second === undefined ? { keyspace: null, table: first } : { keyspace: first, table: second };
}

// ---- batches -------------------------------------------------------------------------------------------------------

/** Much more than servers take by default; a batch has to be read to its end. */
const MOST_OF_BATCH = 65_536;
const BATCH_TEXT = /^\s*begin\s+(?:(?:unlogged|counter)\s+)?batch\b/i;
/** Semicolons may be left out. The words are reserved: what is not in quotes begins a statement. */
const MEMBER = /"(?:[^"]|"")*"|\b(?:insert|update|delete)\b/gi;
/** To the end of its line, that is to the end of all statements of a batch. */
const LINE_COMMENT = /--|\/\//;
const UNKNOWN_BATCH: Summary = { operation: 'BATCH', target: null, batchSize: null };

/** By the conventions, one statement alone is no batch. */
function summaryOfBatchText(text: string): Summary {
  const members = membersOf(text);
  if (members.length === 0) return UNKNOWN_BATCH;
  const { operation, target } = commonOf(members);
  const batchSize = members.length;
  return { operation: batchSize === 1 ? operation : `BATCH ${operation}`.trimEnd(), target, batchSize };
}

/** Of a batch's distinct texts, with '; ' between them. */
export function summaryOfBatch(statements: string): Summary {
  if (LINE_COMMENT.test(statements)) return UNKNOWN_BATCH;
  const { operation, target } = commonOf(membersOf(statements));
  return { operation: `BATCH ${operation}`.trimEnd(), target, batchSize: null };
}

/** The code of each statement; none if there is too much of it. */
function membersOf(text: string): readonly string[] {
  if (text.length > MOST_OF_BATCH) return [];
  const code = SPAN.test(text) ? replaceSpans(text, BLANK) : text;
  const starts = [...code.matchAll(MEMBER)].filter(([word]) => !word.startsWith('"')).map(({ index }) => index);
  return starts.map((start, at) => code.slice(start, starts[at + 1]));
}

/** What all of them have in common. */
function commonOf(members: readonly string[]): Pick<Summary, 'operation' | 'target'> {
  const operations = new Set(members.map(firstWord));
  const targets = members.map((member) => targetIn(member, true));
  const names = new Set(targets.map((target) => JSON.stringify(target)));
  return {
    operation: operations.size === 1 ? ([...operations][0] ?? '') : '',
    target: names.size === 1 ? (targets[0] ?? null) : null,
  };
}
