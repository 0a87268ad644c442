import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isConditionalAnswer, readApplied } from '../../../../src/protocol/codec/applied.js';
import { RowPlan } from '../../../../src/protocol/codec/row-plan.js';
import { column, registry } from './support.js';

test('the answer to a conditional statement begins with [applied]', () => {
  const applied = column('[applied]', 'boolean');
  assert.equal(isConditionalAnswer([applied, column('id', 'int')]), true);
  assert.equal(isConditionalAnswer([column('id', 'int'), applied]), false);
  assert.equal(isConditionalAnswer([column('applied', 'boolean')]), false);
  assert.equal(isConditionalAnswer([]), false);
  assert.equal(new RowPlan([applied], registry, 'array').isConditional, true);
  assert.equal(new RowPlan([column('id', 'int')], registry, 'object').isConditional, false);
});

test('whether it was applied is read from the first cell of the first row', () => {
  const read = (hex: string): boolean => {
    const bytes = Buffer.from(`ff${hex}`.replaceAll(' ', ''), 'hex');
    return readApplied(bytes, 1, bytes.length);
  };
  assert.equal(read('00000001 01'), true);
  assert.equal(read('00000001 00'), false);
  assert.equal(read('00000001 01 00000001 00'), true);
  assert.equal(read('00000001 00 00000001 01'), false);
  assert.equal(read('ffffffff 00000001 01'), false, 'null');
  assert.equal(read('00000000 01'), false, 'empty');
  assert.equal(read(''), false, 'no row');
  assert.equal(readApplied(Buffer.from('0000000101', 'hex'), 0, 4), false, 'what is behind the message');
});
