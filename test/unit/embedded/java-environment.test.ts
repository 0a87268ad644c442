import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javaEnvironment, withUnicodePaths } from '../../../src/embedded/java-environment.js';

test('Java gets a locale in which paths can hold any letter, unless it has one', () => {
  for (const env of [{}, { LANG: 'C' }, { LC_ALL: 'POSIX', LANG: 'C.UTF-8' }, { LC_ALL: '', LC_CTYPE: 'de_DE@euro' }]) {
    assert.deepEqual(withUnicodePaths(env), { ...env, LC_ALL: 'C.UTF-8' });
  }
  for (const env of [{ LANG: 'de_DE.UTF-8' }, { LC_ALL: 'C.utf8' }, { LC_CTYPE: 'UTF-8', LANG: 'C' }]) {
    assert.deepEqual(withUnicodePaths(env), env);
  }
});

test('a node gets no arguments that are meant for other Java programs', () => {
  const env = {
    LANG: 'C.UTF-8',
    JAVA_TOOL_OPTIONS: '-Xmx1m',
    JDK_JAVA_OPTIONS: '-Xmx1m',
    _JAVA_OPTIONS: '-Xmx1m',
    A: 'b',
  };
  const own = Object.entries(javaEnvironment(env)).filter(([, value]) => value !== undefined);
  assert.deepEqual(own, [
    ['LANG', 'C.UTF-8'],
    ['A', 'b'],
  ]);
});
