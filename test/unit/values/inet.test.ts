import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIP } from 'node:net';
import fc from 'fast-check';
import { InvalidParameter } from '../../../src/errors.js';
import { inetBytes, inetText } from '../../../src/values/inet.js';

test('addresses print in their canonical form (RFC 5952)', () => {
  const cases: [string, string][] = [
    ['127.0.0.1', '127.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
    ['::ffff:102:304', '::ffff:1.2.3.4'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['fe80::', 'fe80::'],
  ];
  for (const [text, canonical] of cases) assert.equal(inetText(inetBytes(text)), canonical, text);
});

test('every address is read back, and is one for Node, too', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 }).map((list) => Uint8Array.from(list)),
  );
  fc.assert(
    fc.property(bytes, (address) => {
      const text = inetText(address);
      assert.equal(isIP(text), address.length === 4 ? 4 : 6);
      assert.deepEqual(inetBytes(text), address);
    }),
  );
});

test('what is no address is refused', () => {
  for (const bad of [
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    ':::',
    '::1%eth0',
    '[::1]',
    '1:2:3:4:5:6:7:8::',
    '1.2.3.4::',
    '12345::',
    ':1:2:3:4:5:6:7:8',
  ]) {
    assert.throws(() => inetBytes(bad), InvalidParameter, bad);
  }
});

test('what Node takes for an address is taken, and nothing else', () => {
  const piece = fc.constantFrom('::', ':', '1', 'ff', '0', '1.2.3.4', 'ffff', '12345', '.');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
      const text = pieces.join('');
      let taken = true;
      try {
        inetBytes(text);
      } catch {
        taken = false;
      }
      assert.equal(taken, isIP(text) !== 0, text);
    }),
    { numRuns: 1000 },
  );
});
