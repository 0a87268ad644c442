import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError, InvalidParameter } from '../../../src/errors.js';
import { BatchType } from '../../../src/protocol/constants.js';
import { batchMembersOf, BatchStatement, BoundMember } from '../../../src/statement/batch-statement.js';
import { PreparedStatement } from '../../../src/statement/prepared-statement.js';
import { SimpleStatement } from '../../../src/statement/simple-statement.js';
import { preparedQuery } from './support.js';

test('every kind of statement goes in, and add can be chained', () => {
  const query = preparedQuery();
  const prepared = new PreparedStatement(query);
  const batch = new BatchStatement()
    .add('INSERT 1')
    .add('INSERT ?', [1])
    .add(new SimpleStatement('INSERT ?', { parameters: { a: 1 }, keyspace: 'ks' }))
    .add(prepared, [1, 'a'])
    .add(prepared.bind([2, 'b']));
  assert.equal(batch.length, 5);
  assert.equal(batch.type, BatchType.LOGGED);
  const [plain, text, simple, fourth, fifth] = batchMembersOf(batch);
  assert.deepEqual(plain, { prepared: null, query: 'INSERT 1', keyspace: null, parameters: null });
  assert.deepEqual(text, { prepared: null, query: 'INSERT ?', keyspace: null, parameters: [1] });
  assert.deepEqual(simple, { prepared: null, query: 'INSERT ?', keyspace: 'ks', parameters: { a: 1 } });
  assert.ok(fourth?.prepared === query && fifth?.prepared === query);
  assert.equal(fifth.values.valueAt(1)?.toString(), 'b');
});

test('parameters are taken over when they are added', () => {
  const positional: unknown[] = [1];
  const named: Record<string, unknown> = { a: 1 };
  const batch = new BatchStatement().add('INSERT ?', positional).add('INSERT :a', named);
  positional.push(2);
  named['a'] = 2;
  assert.deepEqual(
    batchMembersOf(batch).map((member) => (member.prepared === null ? member.parameters : null)),
    [[1], { a: 1 }],
  );
});

test('an execution keeps its statements while the batch is filled again', () => {
  const batch = new BatchStatement().add('A');
  const executing = batchMembersOf(batch);
  batch.add('B');
  assert.equal(executing.length, 1);
  assert.equal(batch.length, 2);
  assert.equal(batch.clear().add('C').length, 1);
  assert.equal(executing.length, 1);
});

test('a batch begins with what the one before took, within bounds, and holds its own values', () => {
  const prepared = new PreparedStatement(preparedQuery());
  const roomOf = (count: number): number => {
    const batch = new BatchStatement();
    for (let i = 0; i < count; i++) batch.add(prepared, [i, `text ${String(i)}`]);
    const members = batchMembersOf(batch);
    members.forEach((member, i) => {
      assert.ok(member instanceof BoundMember);
      assert.equal(member.values.valueAt(0)?.readInt32BE(), i);
      assert.equal(member.values.valueAt(1)?.toString(), `text ${String(i)}`);
    });
    const [first] = members;
    return first instanceof BoundMember ? first.bytes.buffer.length : 0;
  };
  roomOf(1);
  assert.equal(roomOf(1), 512);
  assert.equal(roomOf(40), 2048);
  assert.ok(roomOf(40) < 2000);
  assert.ok(roomOf(1000) > 4096);
  assert.equal(roomOf(1), 4096);
  assert.equal(roomOf(1), 512);
});

test('what is no statement, or has its parameters already, is refused', () => {
  const batch = new BatchStatement();
  const bound = new PreparedStatement(preparedQuery()).bind([1, 'a']);
  for (const wrong of [undefined, null, 5, '', {}, [], new BatchStatement()]) {
    assert.throws(() => batch.add(wrong as string), ConfigurationError);
  }
  assert.throws(() => batch.add(batch as unknown as string), /a batch cannot hold another batch/);
  assert.throws(() => batch.add(bound, [1, 'a']), /has its parameters already/);
  assert.throws(() => batch.add('INSERT ?', 'x' as never), ConfigurationError);
  assert.throws(() => batch.add(new PreparedStatement(preparedQuery()), ['x', 'a']), InvalidParameter);
  assert.equal(batch.length, 0);
});

test('a batch holds 65,535 statements and no more', () => {
  const batch = new BatchStatement({ type: BatchType.UNLOGGED });
  for (let i = 0; i < 65_535; i++) batch.add('A');
  assert.throws(() => batch.add('A'), InvalidParameter);
  assert.equal(batch.length, 65_535);
});

test('options are checked', () => {
  assert.equal(new BatchStatement({ type: BatchType.COUNTER, isIdempotent: true }).isIdempotent, true);
  assert.throws(() => new BatchStatement({ type: 3 as never }), /type must be one of BatchType; got 3/);
  assert.throws(() => new BatchStatement({ batchType: 1 } as never), /unknown option batchType/);
});
