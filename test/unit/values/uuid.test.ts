import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvalidParameter } from '../../../src/errors.js';
import { uuid, uuidBytes, uuidText, writeUuid } from '../../../src/values/uuid.js';

// First, while no text was read yet.
test('what is no UUID is refused', () => {
  for (const bad of [
    '',
    '5132b130ae7911e4ab270800200c9a66',
    '5132b130-ae79-11e4-ab27-0800200c9a6',
    '5132b130-ae79-11e4-ab27-0800200c9a660',
    '5132b130-ae79-11e4-ab27-0800200c9a66 ',
    '5132b130-ae79-11e4-ab27-0800200c9a6g',
    '5132b130-ae79-11e4-ab2-70800200c9a66',
    '5132b130-ae79-11e4-ab27-0800200c9a6\u0131',
    '{132b130-ae79-11e4-ab27-0800200c9a66}',
  ]) {
    assert.throws(() => uuidBytes(bad), InvalidParameter, bad);
  }
});

test('uuid() makes random ones of version 4', () => {
  assert.match(uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(uuid(), uuid());
});

test('text and bytes of a UUID turn into each other', () => {
  assert.equal(uuidText(uuidBytes('5132B130-AE79-11E4-AB27-0800200C9A66')), '5132b130-ae79-11e4-ab27-0800200c9a66');
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
      const text = uuidText(bytes, 3);
      assert.equal(text.replaceAll('-', ''), Buffer.from(bytes.subarray(3, 19)).toString('hex'));
      const back = new Uint8Array(20);
      assert.ok(writeUuid(text, back, 3));
      assert.deepEqual(back.subarray(3, 19), bytes.subarray(3, 19));
    }),
  );
});

test('a text read again gives the same bytes, whatever was read or refused in between', () => {
  const one = '5132b130-ae79-11e4-ab27-0800200c9a66';
  const other = '00000000-0000-4000-8000-000000000001';
  const texts = fc.array(fc.constantFrom(one, one.toUpperCase(), other, '', `${one} `, `${one.slice(0, -1)}g`));
  fc.assert(
    fc.property(texts, (list) => {
      for (const text of list) {
        const bytes = new Uint8Array(18).fill(7);
        const isUuid = writeUuid(text, bytes, 1);
        assert.equal(isUuid, text.length === 36 && !text.endsWith('g'), text);
        if (!isUuid) continue;
        const hex = text.replaceAll('-', '').toLowerCase();
        assert.equal(Buffer.from(bytes).toString('hex'), `07${hex}07`);
      }
    }),
  );
});

test('one wrong character is refused at every place of a UUID', () => {
  const good = '5132b130-ae79-11e4-ab27-0800200c9a66';
  for (let place = 0; place < good.length; place++) {
    const isDash = good[place] === '-';
    // U+0130 and U+012D end in the bytes of '0' and '-'.
    for (const wrong of ['g', '/', ':', '@', '`', ' ', '\u0130', '\u012d', '\ud835', isDash ? '0' : '-']) {
      const bad = good.slice(0, place) + wrong + good.slice(place + 1);
      assert.equal(writeUuid(bad, new Uint8Array(16), 0), false, bad);
    }
  }
});
