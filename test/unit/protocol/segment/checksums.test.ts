import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { crc24 } from '../../../../src/protocol/segment/crc24.js';
import { crc32, crc32ByTables } from '../../../../src/protocol/segment/crc32.js';
import { noise } from './support.js';

// Headers seen on the wire of Cassandra 4.0 to 6.0: 3 or 5 bytes and their CRC-24.
for (const header of ['6f00020a9b44', '090002a4c8c1', '0000026a36c4', '370070000454015e', 'ffff013891fe']) {
  test(`crc24 of a server's header ${header}`, () => {
    const bytes = Buffer.from(header, 'hex');
    const crcAt = bytes.length - 3;
    assert.equal(crc24(bytes, 0, crcAt), bytes.readUIntLE(crcAt, 3));
  });
}

test('crc24 takes the bytes between its bounds only', () => {
  const bytes = Buffer.from('ffff6f0002ffff', 'hex');
  assert.equal(crc24(bytes, 2, 5), Buffer.from('0a9b44', 'hex').readUIntLE(0, 3));
});

test('crc32 of the payloads seen on the wire', () => {
  const options = Buffer.from('050000010500000000b5557486', 'hex');
  assert.equal(crc32(options, 0, 9), options.readUInt32LE(9));
  assert.equal(crc32(Buffer.alloc(0), 0, 0), Buffer.from('d37e7744', 'hex').readUInt32LE(0));
});

test('crc32 is the same by tables and by zlib, at every length and offset around the crossover', () => {
  const bytes = noise(1000);
  for (let length = 0; length < 600; length++) {
    const start = length % 13;
    const seeded = Buffer.concat([Buffer.from('fa2d55ca', 'hex'), bytes.subarray(start, start + length)]);
    assert.equal(crc32(bytes, start, start + length), zlibCrc32(seeded), `length ${String(length)}`);
    assert.equal(crc32ByTables(bytes, start, start + length), zlibCrc32(seeded), `tables, length ${String(length)}`);
  }
});
