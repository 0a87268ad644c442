import { replaceSpans } from '../util/cql-scanner.js';

const SECRET = /password/i;

/** A password that was written as no string: in double quotes, or bare behind an equals sign. The server refuses it. */
const MISQUOTED = /(\bpassword\s*=\s*|(?<!")\bpassword\s*(?="))("(?:[^"]|"")*(?:"|$)|[^\s'"?:;,()]+)/gi;

const SHOWN = { comment: ' ', string: "'***'" };

/** A statement's text for logs and traces: where it speaks of a password, without its strings. */
export function shownText(text: string): string {
  return SECRET.test(text) ? replaceSpans(text, SHOWN).replace(MISQUOTED, "$1'***'") : text;
}
