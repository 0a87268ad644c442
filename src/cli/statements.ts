/** A quote inside quotes is written twice: two spans, one after the other. */
const SPAN = /'[^']*(?:'|$)|"[^"]*(?:"|$)|\$\$[^]*?(?:\$\$|$)|--[^\r\n]*|\/\/[^\r\n]*|\/\*[^]*?(?:\*\/|$)|;/g;

/**
 * The statements of a CQL text, without the semicolons that end them; those in strings, quoted names, comments, bodies
 * of functions and between BEGIN and APPLY BATCH or COMMIT TRANSACTION end none.
 */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let from = 0;
  /** The present statement without strings, names and comments. */
  let code = '';
  let codeFrom = 0;
  const end = (at: number): void => {
    code += text.slice(codeFrom, at);
    if (code.trim() !== '') statements.push(text.slice(from, at).trim());
    code = '';
    from = at + 1;
    codeFrom = from;
  };
  for (const { 0: span, index } of text.matchAll(SPAN)) {
    if (span !== ';') {
      // Something stands there, unless it is a comment.
      code += text.slice(codeFrom, index) + (/^(?:--|\/\/|\/\*)/.test(span) ? ' ' : '?');
      codeFrom = index + span.length;
    } else if (!isUnfinished(code + text.slice(codeFrom, index))) {
      end(index);
    }
  }
  end(text.length);
  return statements;
}

function isUnfinished(code: string): boolean {
  return /^\s*begin\b/i.test(code) && !/\b(?:apply\s+batch|commit\s+transaction)\s*$/i.test(code);
}
