import { spanAt } from '../../src/util/cql-scanner.js';

const BEGIN_BATCH = /^\s*begin\b/i;
const APPLY_BATCH = /\bapply\s+batch\s*$/i;

/** The statements of a CQL text, without their semicolons. Those inside a BEGIN … APPLY BATCH end no statement. */
export function cqlStatements(text: string): string[] {
  const statements: string[] = [];
  let code = '';
  const end = (): void => {
    if (code.trim() !== '') statements.push(code.trim());
    code = '';
  };
  for (let at = 0; at < text.length;) {
    const span = spanAt(text, at);
    const next = span?.end ?? at + 1;
    const isEnd = text[at] === ';' && !(BEGIN_BATCH.test(code) && !APPLY_BATCH.test(code));
    if (isEnd) end();
    else if (span?.kind !== 'comment') code += text.slice(at, next);
    else code += '\n';
    at = next;
  }
  end();
  return statements;
}
