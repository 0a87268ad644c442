import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidParameter } from '../../../../src/errors.js';
import { ByteWriter } from '../../../../src/protocol/byte-writer.js';
import { BindPlan, boundValueAt, type Parameters } from '../../../../src/protocol/codec/bind-plan.js';
import { column, hex, registry } from './support.js';

function write(plan: BindPlan, parameters: Parameters): string {
  const writer = new ByteWriter(4);
  plan.write(writer, parameters);
  return writer.toBuffer().toString('hex');
}

function routingKey(plan: BindPlan, parameters: Parameters, indexes: readonly number[]): string | undefined {
  const writer = new ByteWriter(4);
  return plan.writeRoutingKey(writer, parameters, indexes) ? writer.toBuffer().toString('hex') : undefined;
}

const plan = new BindPlan([column('userid', 'int'), column('name', 'text')], registry);
const BOTH = hex('0002 00000004 00000005 00000001 61').toString('hex');

test('parameters by position', () => {
  assert.equal(write(plan, [5, 'a']), BOTH);
  assert.equal(write(plan, [null, undefined]), hex('0002 ffffffff fffffffe').toString('hex'));
  assert.equal(plan.count, 2);
  assert.equal(write(new BindPlan([], registry), []), '0000');
  assert.equal(write(new BindPlan([], registry), {}), '0000');
});

test('a wrong count says both numbers, and names the first marker without a value', () => {
  const cases = [
    [[], ": 'userid' (int) has none (undefined leaves it unset)", 'userid', 'int'],
    [[5], ": 'name' (text) has none (undefined leaves it unset)", 'name', 'text'],
    // The first value that no marker takes is of no known type.
    [[5, 'a', 1], ": the markers are 'userid' (int), 'name' (text)", 2, undefined],
  ] as const;
  for (const [wrong, named, parameter, cqlType] of cases) {
    assert.throws(() => write(plan, wrong), {
      name: 'InvalidParameter',
      message: `The statement has 2 bind markers, but ${String(wrong.length)} parameters are given${named}`,
      parameter,
      cqlType,
    });
  }
  assert.throws(() => write(new BindPlan([], registry), [1]), {
    message: 'The statement has 0 bind markers, but 1 parameters are given',
    parameter: 0,
  });
  assert.throws(() => write(new BindPlan([column('', 'int')], registry), []), {
    message: /: marker 1 \(int\) has none/,
    parameter: 0,
    cqlType: 'int',
  });
});

test('parameters by name, as CQL folds them', () => {
  assert.equal(write(plan, { name: 'a', userid: 5 }), BOTH);
  assert.equal(write(plan, { userId: 5, NAME: 'a' }), BOTH);
  assert.equal(write(plan, { userid: undefined, name: null }), hex('0002 fffffffe ffffffff').toString('hex'));
  assert.equal(write(plan, Object.assign(Object.create(null) as object, { userid: 5, name: 'a' })), BOTH);
  class User {
    readonly userid = 5;
    readonly #name = 'a';
    get name(): string {
      return this.#name;
    }
  }
  assert.equal(write(plan, new User() as unknown as Parameters), BOTH);
});

test('a name that is missing, unknown or given twice is refused', () => {
  assert.throws(() => write(plan, { userid: 5 }), {
    name: 'InvalidParameter',
    message: "Parameter 'name' (text) is missing (undefined leaves it unset)",
    parameter: 'name',
    cqlType: 'text',
  });
  assert.throws(() => write(plan, { userid: 5, name: 'a', nmae: 'b' }), {
    name: 'InvalidParameter',
    message: "Parameter 'nmae' is not known: the statement has 'userid', 'name'",
  });
  assert.throws(() => write(plan, { userid: 5, userId: 6, name: 'a' }), {
    name: 'InvalidParameter',
    message: /given twice/,
    parameter: 'userid',
    cqlType: 'int',
  });
  assert.throws(() => write(new BindPlan([], registry), { a: 1 }), {
    name: 'InvalidParameter',
    message: /no bind markers/,
  });
});

test('what a getter among the named parameters throws is the cause of an InvalidParameter', () => {
  const bug = new RangeError('bug of the user');
  const throwing = {
    name: 'a',
    get userid(): number {
      throw bug;
    },
  };
  const isWrapped = { name: 'InvalidParameter', message: 'Reading the parameters failed (see cause)', cause: bug };
  assert.throws(() => write(plan, throwing), isWrapped);
  assert.throws(() => routingKey(plan, throwing, [0]), isWrapped);
});

test('names that differ only in case must be given exactly', () => {
  const cases = new BindPlan([column('id', 'int'), column('ID', 'int')], registry);
  assert.equal(write(cases, { ID: 2, id: 1 }), hex('0002 00000004 00000001 00000004 00000002').toString('hex'));
  assert.throws(() => write(cases, { Id: 2, id: 1 }), InvalidParameter);
});

test('names that every object inherits count only if they are given', () => {
  const odd = new BindPlan([column('constructor', 'int'), column('__proto__', 'int')], registry);
  assert.throws(() => write(odd, {}), { message: /'constructor' \(int\) is missing/ });
  assert.equal(
    write(odd, JSON.parse('{"constructor":1,"__proto__":2}') as Parameters),
    hex('0002 00000004 00000001 00000004 00000002').toString('hex'),
  );
});

test('a marker that is used twice takes one value by name, two by position', () => {
  const twice = new BindPlan([column('a', 'int'), column('a', 'int')], registry);
  const bytes = hex('0002 00000004 00000007 00000004 00000007').toString('hex');
  assert.equal(write(twice, { a: 7 }), bytes);
  assert.equal(write(twice, [7, 7]), bytes);
});

test('markers that stand for no column go by their plain names', () => {
  const derived = new BindPlan(
    [column('in(id)', 'list<int>'), column('[ttl]', 'int'), column('[limit]', 'int')],
    registry,
  );
  assert.equal(write(derived, { id: [1], ttl: 2, limit: 3 }), write(derived, [[1], 2, 3]));
  assert.equal(write(derived, { 'in(id)': [1], '[ttl]': 2, '[limit]': 3 }), write(derived, [[1], 2, 3]));
  const both = new BindPlan([column('id', 'int'), column('in(id)', 'list<int>')], registry);
  assert.equal(write(both, { id: 1, 'in(id)': [2] }), write(both, [1, [2]]));
});

test('a value that does not fit is named with its type, and not shown', () => {
  assert.throws(() => write(plan, { userid: 'secret', name: 'a' }), {
    name: 'InvalidParameter',
    code: 'ERR_INVALID_PARAMETER',
    message:
      "Parameter 'userid' (int): expected an integral number or bigint from -2147483648 to 2147483647, got a string",
    parameter: 'userid',
    cqlType: 'int',
  });
  const nested = new BindPlan([column('scores', 'map<text, frozen<list<int>>>')], registry);
  assert.throws(() => write(nested, [{ secret: [1, 'secret'] }]), {
    message:
      "Parameter 'scores' (map<text, frozen<list<int>>>): entry 0: element 1 (int): " +
      'expected an integral number or bigint from -2147483648 to 2147483647, got a string',
  });
});

test('whatever a value throws becomes an InvalidParameter without its text', () => {
  const fail = (): never => {
    throw new Error('secret');
  };
  const hostile = new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail });
  for (const type of [
    'int',
    'bigint',
    'varint',
    'decimal',
    'text',
    'uuid',
    'timestamp',
    'date',
    'time',
    'duration',
    'inet',
    'blob',
    'list<int>',
    'map<int, int>',
    'set<int>',
    'tuple<int>',
    'address',
    'vector<float, 1>',
  ]) {
    // prettier-ignore
    assert.throws(
      () => write(new BindPlan([column('p', type)], registry), [hostile]),
      (error: unknown) => error instanceof InvalidParameter && !error.message.includes('secret'),
      type,
    );
  }
});

test('parameters that are neither array nor object are refused', () => {
  for (const wrong of ['a', 5, null, true]) {
    assert.throws(() => write(plan, wrong as unknown as Parameters), InvalidParameter);
  }
});

test('an empty collection is written as empty, not as null', () => {
  const collections = new BindPlan(
    [column('l', 'list<int>'), column('m', 'map<int, int>'), column('u', 'address')],
    registry,
  );
  assert.equal(
    write(collections, [[], {}, { street: null, number: null, tags: [] }]),
    hex('0003 00000004 00000000 00000004 00000000 00000010 ffffffff ffffffff 00000004 00000000').toString('hex'),
  );
});

test('the routing key of one component is its bytes, of several has lengths', () => {
  const keys = new BindPlan([column('v', 'text'), column('a', 'int'), column('b', 'text')], registry);
  assert.equal(routingKey(keys, ['x', 5, 'k'], [1]), '00000005');
  assert.equal(routingKey(keys, { v: 'x', a: 5, b: 'k' }, [2, 1]), hex('0001 6b 00 0004 00000005 00').toString('hex'));
  assert.equal(routingKey(keys, ['x', null, 'k'], [1]), undefined);
  assert.equal(routingKey(keys, ['x', 5, undefined], [1, 2]), undefined);
  assert.equal(routingKey(keys, ['x', 5, 'k'], []), undefined);
  assert.equal(routingKey(keys, ['x', 5, 'k'.repeat(65_536)], [1, 2]), undefined);
  assert.throws(() => routingKey(keys, ['x', 'wrong', 'k'], [1]), { message: /^Parameter 'a' \(int\): / });
});

test('a bound value is found again among the bytes', () => {
  const writer = new ByteWriter(4);
  writer.writeUint8(9);
  const offset = writer.offset;
  const three = new BindPlan([column('a', 'int'), column('b', 'text'), column('c', 'int')], registry);
  three.write(writer, [null, 'abc', 7]);
  assert.equal(writer.buffer.readInt32BE(boundValueAt(writer.buffer, offset, 0)), -1);
  assert.equal(writer.buffer.readInt32BE(boundValueAt(writer.buffer, offset, 2) + 4), 7);
});
