import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { CqlType, UdtField } from '../../../../src/protocol/codec/cql-type.js';
import { mentionsUserType, stillFits } from '../../../../src/protocol/codec/type-fit.js';

const INT: CqlType = { kind: 'scalar', name: 'int' };
const TEXT: CqlType = { kind: 'scalar', name: 'text' };

/** `udt('a int', 'b text')` */
function udt(...fields: string[]): CqlType {
  const parsed = fields.map((field): UdtField => {
    const [name = '', type] = field.split(' ');
    return { name, type: type === 'int' ? INT : TEXT };
  });
  return { kind: 'udt', keyspace: 'ks', name: 'y', fields: parsed, frozen: true };
}

/** The type at every place where a type can be within another. */
function within(inner: CqlType): CqlType[] {
  return [
    inner,
    { kind: 'list', element: inner, frozen: false },
    { kind: 'set', element: inner, frozen: true },
    { kind: 'map', key: inner, value: INT, frozen: false },
    { kind: 'map', key: INT, value: inner, frozen: false },
    { kind: 'tuple', elements: [INT, inner] },
    { kind: 'vector', element: inner, dimension: 2 },
    { kind: 'udt', keyspace: 'ks', name: 'outer', fields: [{ name: 'f', type: inner }], frozen: true },
  ];
}

function fits(before: CqlType, now: CqlType): boolean {
  const outcomes = within(before).map((type, i) => stillFits(type, within(now)[i] ?? INT));
  assert.equal(new Set(outcomes).size, 1, 'the same at every place');
  return outcomes[0] === true;
}

test('types that are equal fit, others do not', () => {
  const all = [...within(INT), ...within(TEXT), { kind: 'custom', className: 'x' } as const];
  for (const before of all) {
    for (const now of all) assert.equal(stillFits(before, now), isDeepStrictEqual(before, now));
  }
  assert.equal(
    stillFits({ kind: 'vector', element: INT, dimension: 2 }, { kind: 'vector', element: INT, dimension: 3 }),
    false,
  );
  assert.equal(stillFits({ kind: 'tuple', elements: [INT] }, { kind: 'tuple', elements: [INT, INT] }), false);
});

test('a user type still fits after fields were added or renamed', () => {
  const before = udt('a int', 'b text');
  assert.ok(fits(before, before));
  assert.ok(fits(before, udt('a int', 'b text', 'c int')));
  assert.ok(fits(before, udt('a int', 'renamed text')));
  assert.ok(fits(before, udt('x int', 'z text', 'c int')));
});

test('one that was made anew with fields in another order, of other types or fewer does not', () => {
  const before = udt('a int', 'b int');
  assert.ok(!fits(before, udt('b int', 'a int')));
  assert.ok(!fits(before, udt('b int', 'c int')));
  assert.ok(!fits(before, udt('c int', 'a int')));
  assert.ok(!fits(before, udt('a int', 'b text')));
  assert.ok(!fits(before, udt('a int')));
  assert.ok(!fits(before, { ...(before as CqlType & { kind: 'udt' }), name: 'other' }));
});

test('a user type is found wherever it stands', () => {
  for (const type of within(udt('a int'))) {
    assert.ok(mentionsUserType(type, 'ks', 'y'));
    assert.ok(!mentionsUserType(type, 'ks', 'z'));
    assert.ok(!mentionsUserType(type, 'other', 'y'));
  }
});
