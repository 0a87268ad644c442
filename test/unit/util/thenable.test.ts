import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { isThenable } from '../../../src/util/thenable.js';

test('what await waits for is thenable, whoever made it', () => {
  const callable = Object.assign(() => undefined, { then: () => undefined });
  for (const one of [Promise.resolve(), runInNewContext('Promise.resolve()'), { then: () => undefined }, callable]) {
    assert.ok(isThenable<unknown>(one));
  }
  for (const other of [undefined, null, 1, 'then', {}, { then: 1 }, () => undefined]) {
    assert.ok(!isThenable<unknown>(other));
  }
});
