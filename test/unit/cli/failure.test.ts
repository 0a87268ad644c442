import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFailure, failureText } from '../../../src/cli/failure.js';
import { SyntaxException } from '../../../src/index.js';

function told(message: string, statement: string): string {
  const context = { signal: new AbortController().signal, isUserNamed: false, isTls: false, statement };
  return failureText(describeFailure(new SyntaxException(message), context));
}

test('a syntax error shows where in the statement it is', () => {
  const shown = told("line 1:9 no viable alternative at input 'FORM'", "SELECT a FORM t WHERE k = 'x'");
  assert.match(shown, /\n {2}SELECT a FORM t WHERE k = '[^]*\n {2} {9}\^\n$/);
});

test('a syntax error in a statement that sets a password printed the password below the masked message', () => {
  for (const text of [
    "CREATE ROLE bob WITH PASSWORD = 'Tr0ub4dor' AND LOGIM = true",
    'CREATE ROLE bob WITH PASSWORD = "Tr0ub4dor" AND LOGIM = true',
    'CREATE ROLE bob WITH PASSWORD = $$Tr0ub4dor$$ AND LOGIM = true',
    'CREATE ROLE bob WITH PASSWORD = Tr0ub4dor AND LOGIM = true',
    "CREATE ROLE bob WITH PASSWRD = 'Tr0ub4dor' AND LOGIM = true",
    "ALTER USER bob WITH PASSWORD 'Tr0ub4dor' AND LOGIM = true",
    "CREATE /* x */ ROLE bob WITH PASWORD = 'Tr0ub4dor' AND LOGIM = true",
    "CREAT ROLE bob WITH PASSWORD = 'Tr0ub4dor' AND LOGIM = true",
  ]) {
    const message = `line 1:${String(text.indexOf('LOGIM'))} no viable alternative at input 'LOGIM'`;
    assert.equal(told(message, text), `error: ${message}\n`);
  }
});
