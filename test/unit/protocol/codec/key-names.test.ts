import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyNames } from '../../../../src/protocol/codec/key-names.js';
import { CodecRegistry } from '../../../../src/protocol/codec/registry.js';
import { codecOf, decode, encode } from './support.js';

const FORMS = ['Map', 'object'] as const;

/** What one column's codec makes of maps, one after the other. */
function through(form: 'Map' | 'object', maps: readonly ReadonlyMap<string, number>[]): unknown[][] {
  const codec = codecOf('map<text, int>', new CodecRegistry({ map: form }));
  return maps.map((map) => {
    const value = decode(codec, encode(codec, map));
    return form === 'Map' ? [...(value as Map<string, number>)] : Object.entries(value as object);
  });
}

test('keys that repeat, change by a letter, grow, shrink, go and come back: each map has its own', () => {
  const keys = ['channel', 'chapnel', 'channe', 'channels', '', 'ł', 'łą', 'x'.repeat(40), '__proto__', 'channel'];
  const maps = keys.flatMap((key) => [
    new Map([[key, 1]]),
    new Map([['a', 1], [key, 2], ['z', 3]]), // prettier-ignore
    new Map([[key, 4], ['b', 5]]), // prettier-ignore
  ]);
  for (const form of FORMS) {
    assert.deepEqual(
      through(form, maps),
      maps.map((map) => [...map]),
      form,
    );
  }
});

test('a name whose characters are the bytes of another is not taken for it', () => {
  // The UTF-8 of 'é' is C3 A9, which are the code points of 'Ã©'.
  const maps = ['Ã©', 'é', 'Ã©', 'é'].map((key) => new Map([[key, 1]]));
  for (const form of FORMS) {
    assert.deepEqual(
      through(form, maps),
      maps.map((map) => [...map]),
    );
  }
});

test('any maps in any order', () => {
  const letter = fc.constantFrom('a', 'b', 'Ã', '©', 'é');
  const key = fc.oneof(fc.string({ unit: letter, maxLength: 3 }), fc.string({ unit: 'grapheme', maxLength: 40 }));
  // Integer-like names would change their places in an object.
  const map = fc.uniqueArray(key, { maxLength: 40 }).map((keys) => new Map(keys.map((name, i) => [`k${name}`, i])));
  fc.assert(
    fc.property(fc.constantFrom(...FORMS), fc.array(map, { maxLength: 20 }), (form, maps) => {
      assert.deepEqual(
        through(form, maps),
        maps.map((one) => [...one]),
      );
    }),
  );
});

test('names that never repeat are given up, and still are read; other columns know nothing of it', () => {
  const names = Array.from({ length: 500 }, (_, i) => new Map([[`name ${String(i)}`, i]]));
  const maps = [...names, new Map([['name', 1]]), new Map([['name', 1]]), new Map([['nome', 1]])];
  for (const form of FORMS)
    assert.deepEqual(
      through(form, maps),
      maps.map((map) => [...map]),
    );
});

test('a name is read at its place in the buffer, by its own length', () => {
  const known = new KeyNames();
  const buffer = Buffer.from('--tier-tiers-tie');
  assert.equal(known.read(buffer, 2, 4, 0), 'tier');
  assert.equal(known.read(buffer, 2, 4, 0), 'tier');
  assert.equal(known.read(buffer, 7, 5, 0), 'tiers');
  assert.equal(known.read(buffer, 13, 3, 0), 'tie');
  assert.equal(known.read(buffer, 2, 4, 100), 'tier');
});
