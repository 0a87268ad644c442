import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BatchPart, writeBatchBody } from '../../../src/execution/messages.js';
import { ByteWriter } from '../../../src/protocol/byte-writer.js';
import { BatchType } from '../../../src/protocol/constants.js';
import { batchHead, beginBatch, writeBatchPrepared, writeBatchQuery } from '../../../src/protocol/messages/index.js';
import { batchMembersOf, BatchStatement } from '../../../src/statement/batch-statement.js';
import { PreparedStatement } from '../../../src/statement/prepared-statement.js';
import { preparedQuery } from '../statement/support.js';

function bodyOf(parts: readonly BatchPart[]): Buffer {
  const writer = new ByteWriter();
  writeBatchBody(writer, { type: BatchType.UNLOGGED, parts });
  return writer.toBuffer();
}

test('statements that were encoded together, apart and as text are sent as if each were written by itself', () => {
  const query = preparedQuery();
  const prepared = new PreparedStatement(query);
  const first = new BatchStatement()
    .add(prepared, [1, 'a'])
    .add(prepared, [2, 'b'])
    .add('INSERT 1')
    .add(prepared, [3, 'c']);
  const other = new BatchStatement().add(prepared.bind([4, 'd']));
  const parts = [...batchMembersOf(first), ...batchMembersOf(other)] as BatchPart[];

  const expected = new ByteWriter();
  beginBatch(expected, BatchType.UNLOGGED, 5);
  for (const values of [[1, 'a'], [2, 'b'], null, [3, 'c'], [4, 'd']]) {
    if (values === null) writeBatchQuery(expected, 'INSERT 1');
    else writeBatchPrepared(expected, batchHead(query.id), query.bindPlan, values);
  }
  assert.deepEqual(bodyOf(parts), expected.toBuffer());
});

test('a batch that grows, or is cleared, does not change what is being executed', () => {
  const prepared = new PreparedStatement(preparedQuery());
  const batch = new BatchStatement().add(prepared, [1, 'a']);
  const members = batchMembersOf(batch) as BatchPart[];
  const before = bodyOf(members);
  for (let i = 0; i < 1000; i++) batch.add(prepared, [i, 'a longer text than before']);
  assert.deepEqual(bodyOf(members), before);
  batch.clear().add(prepared, [2, 'b']);
  assert.deepEqual(bodyOf(members), before);
});
