import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownMessage } from '../../../src/protocol/shown-message.js';

const SNIPPETS: readonly string[] = [
  "line 1:42 mismatched input 'foo' expecting EOF (CREATE ROLE x WITH PASSWORD = 'hunter2' [foo])",
  "line 1:42 mismatched input 'foo' expecting EOF (...x WITH PASSWORD = 'hunter2' [foo])",
  "line 1:42 mismatched input 'foo' expecting EOF (... WITH password='hunter2' [foo]...)",
  "line 1:9 no viable alternative at input 'SUPERUSR' (...bob WITH PASSWORD 'hunter2' [SUPERUSR])",
  "line 1:9 no viable alternative at input 'x' (... WITH HASHED PASSWORD = 'hunter2' [x])",
  "line 1:31 mismatched input 'hunter2' expecting '=' (CREATE ROLE x WITH PASSWORD ['hunter]2' ...)",
  "line 1:31 mismatched input 'hunter2' expecting '=' (CREATE ROLE x WITH PASSWORD ['hunter]...)",
  "line 1:31 mismatched input '=' expecting STRING_LITERAL (CREATE USER x WITH PASSWORD [=] 'hunter...)",
  "line 1:20 mismatched input 'PASSWORD' expecting EOF (CREATE ROLE x [PASSWORD]='hunter...)",
  "line 1:20 mismatched input 'PASSWORD' expecting EOF (CREATE ROLE x [PASSWORD]'hunter...)",
  "line 1:42 mismatched input 'foo' expecting EOF (...x WITH PASSWORD = $$hunter2$$ [foo])",
  "line 1:42 mismatched input 'foo' expecting EOF (...x WITH PASSWORD = $$hunter2$...)",
  "line 1:42 mismatched input 'foo' expecting EOF (...x WITH PASSWORD = 'it''s hunter2' [foo])",
  "line 1:42 mismatched input 'foo' expecting EOF (...x WITH PASSWORD = 'it''s hunter...)",
  "line 1:42 mismatched input 'it's hunter2' expecting '=' (...x WITH PASSWORD ['it''s hunter]2'...)",
  "line 1:42 mismatched input 'my password hunter2' expecting '=' (...x WITH PASSWORD ['my password hunter]2'...)",
  'line 1:42 mismatched input \'hunter2\' expecting STRING_LITERAL (...x WITH PASSWORD = ["hunter]2"...)',
  "line 1:42 no viable alternative at input 'hunter2' (...x WITH PASSWORD = [hunter2] foo...)",
  "line 1:42 mismatched input 'foo' expecting EOF (...'other' AND OPTIONS = {'a': 'hunter2'} AND PASSWORD = 'hunter2' [foo])",
  "line 1:60 no viable alternative at input 'tru' (...= 'hunter2' AND LOGIN = [tru])",
  "line 1:60 no viable alternative at input 'tru' (...'hunter2' AND LOGIN = [tru])",
  "line 1:60 no viable alternative at input 'tru' (... $$hunter2$$ AND LOGIN = [tru])",
];
for (const message of SNIPPETS) {
  test(`a password that a server quotes is not shown: ${message}`, () => {
    const shown = shownMessage(message);
    assert.doesNotMatch(shown, /hunter/);
    assert.match(shown, /^line \d+:\d+ /);
    const fault = /\[(?:foo|tru|SUPERUSR|x)\]/.exec(message)?.[0];
    assert.ok(fault === undefined || shown.includes(fault), shown);
  });
}

test('how a message without its password looks', () => {
  assert.equal(shownMessage(SNIPPETS[0] ?? ''), "line 1:42 mismatched input '***' … PASSWORD = '***' [foo])");
  assert.equal(
    shownMessage(SNIPPETS[19] ?? ''),
    "line 1:60 no viable alternative at input 'tru' (...= '***' AND LOGIN = [tru])",
  );
});

for (const message of [
  "line 1:7 no viable alternative at input 'FORM' (SELECT * [FORM] t WHERE a = 'b')",
  "line 1:70 mismatched input 'x' expecting EOF (...FROM t WHERE a = 'b' [x])",
  "Options 'password' and 'hashed password' are mutually exclusive",
  "line 1:38 mismatched character '<EOF>' expecting '''",
  "Invalid value for property 'PASSWORD'. It must be a string",
  'Undefined column name password in table ks.users',
  'Provided username x and/or password are incorrect',
  "Can't GENERATED PASSWORD AND LOGIN",
]) {
  test(`a message without a password stays as it is: ${message}`, () => {
    assert.equal(shownMessage(message), message);
  });
}
