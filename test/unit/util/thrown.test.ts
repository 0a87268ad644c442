import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asError, messageOf } from '../../../src/util/thrown.js';

test('whatever is thrown has a message, and can be made an Error that keeps it', () => {
  const error = new TypeError('why');
  assert.equal(messageOf(error), 'why');
  assert.equal(asError(error), error);
  for (const [thrown, text] of [
    ['text', 'text'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), 'an object without a text was thrown'],
  ] as [unknown, string][]) {
    assert.equal(messageOf(thrown), text);
    assert.equal(asError(thrown).message, text);
    assert.equal(asError(thrown).cause, thrown);
  }
});
