import assert from 'node:assert/strict';
import { test } from 'node:test';
import { letViewGo, viewOf } from '../../../../src/protocol/codec/bits.js';
import { readText } from '../../../../src/protocol/codec/read-text.js';

/** Every length for itself, between other bytes and at the end of the buffer. */
function checkAt(content: Buffer, where: string): void {
  for (const [before, after] of [
    [0, 0],
    [3, 0],
    [5, 9],
  ] as const) {
    const buffer = Buffer.concat([Buffer.alloc(before, 0xff), content, Buffer.alloc(after, 0xff)]);
    assert.equal(readText(buffer, before, content.length), content.toString('utf8'), where);
  }
}

test('a text of any length is read as UTF-8', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789~\u0000 ';
  for (let length = 0; length <= letters.length; length++)
    checkAt(Buffer.from(letters.slice(0, length)), String(length));
});

test('a byte past ASCII is seen wherever it stands, and bytes that are no UTF-8 read as U+FFFD', () => {
  for (let length = 1; length <= 30; length++) {
    for (let place = 0; place < length; place++) {
      for (const odd of ['ł', '€', '😀', '\u0080']) {
        checkAt(Buffer.from('x'.repeat(place) + odd + 'y'.repeat(length - place - 1)), `${odd} at ${String(place)}`);
      }
      for (const byte of [0x80, 0xc3, 0xff]) {
        const bytes = Buffer.alloc(length, 0x41);
        bytes[place] = byte;
        checkAt(bytes, `${String(byte)} at ${String(place)} of ${String(length)}`);
      }
    }
  }
});

test('random bytes read as Buffer reads them', () => {
  let state = 42;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let round = 0; round < 3000; round++) {
    const bytes = Buffer.from(Array.from({ length: random(40) }, () => (random(20) === 0 ? random(256) : random(128))));
    checkAt(bytes, bytes.toString('hex'));
  }
});

test('a view shows the bytes that its buffer has now, of the buffer that is asked for', () => {
  const one = Buffer.from([0, 0, 0, 1, 0, 0, 0, 2]);
  const part = one.subarray(4);
  assert.equal(viewOf(one).getInt32(0), 1);
  assert.equal(viewOf(part).getInt32(0), 2);
  one[7] = 3;
  assert.equal(viewOf(part).getInt32(0), 3);
  assert.equal(viewOf(part), viewOf(part));
  letViewGo();
  assert.equal(viewOf(one).getInt32(4), 3);
});
