import { spanAt } from './cql-scanner.js';

const SECRET = /password/i;

/** A password that was written as no string: in double quotes, or bare behind an equals sign. The server refuses it. */
const MISQUOTED = /(\bpassword\s*=\s*|(?<!")\bpassword\s*(?="))("(?:[^"]|"")*(?:"|$)|[^\s'"?:;,()]+)/gi;

/** A statement's text for logs and traces: where it speaks of a password, without its strings. */
export function shownText(text: string): string {
  return SECRET.test(text) ? withoutStrings(text).replace(MISQUOTED, "$1'***'") : text;
}

function withoutStrings(text: string): string {
  let shown = '';
  let from = 0;
  for (let at = 0; at < text.length;) {
    const span = spanAt(text, at);
    if (span === null) {
      at++;
      continue;
    }
    if (span.kind !== 'quoted identifier') {
      shown += `${text.slice(from, at)}${span.kind === 'string' ? "'***'" : ' '}`;
      from = span.end;
    }
    at = span.end;
  }
  return shown + text.slice(from);
}
