import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compressSegment,
  MAX_SEGMENT_PAYLOAD,
  sealSegment,
  splitIntoSegments,
} from '../../../../src/protocol/segment/segment-writer.js';
import { lz4Compressor, noise, response, segment } from './support.js';

describe('sealSegment', () => {
  test('makes the framed OPTIONS that servers accept', () => {
    const payload = Buffer.from('050000010500000000', 'hex');
    assert.equal(segment(payload).toString('hex'), '090002a4c8c1050000010500000000b5557486');
  });

  test('writes at any offset of a larger buffer and returns where the segment ends', () => {
    const buffer = Buffer.alloc(64, 0xee);
    Buffer.from('050000010500000000', 'hex').copy(buffer, 16);
    assert.equal(sealSegment(buffer, 10, 25, true), 29);
    assert.equal(buffer.toString('hex', 9, 30), 'ee090002a4c8c1050000010500000000b5557486ee');
  });

  test('makes the empty segment', () => {
    assert.equal(segment(Buffer.alloc(0)).toString('hex'), '0000026a36c4d37e7744');
  });

  test('makes the header of the largest segment of a split envelope', () => {
    assert.equal(segment(noise(MAX_SEGMENT_PAYLOAD), false).toString('hex', 0, 6), 'ffff013891fe');
  });

  test('refuses a payload past 131,071 bytes', () => {
    assert.throws(() => segment(Buffer.alloc(MAX_SEGMENT_PAYLOAD + 1)), RangeError);
  });
});

describe('compressSegment', () => {
  test('makes the LZ4 header of 55 bytes unfolding to 56', () => {
    const compressor = { compress: () => noise(55), decompress: (input: Buffer) => input };
    const made = compressSegment(noise(56), 0, 56, true, compressor);
    assert.equal(made.toString('hex', 0, 8), '370070000454015e');
    assert.equal(made.length, 8 + 55 + 4);
  });

  test('leaves a payload that does not shrink as it is, with an uncompressed length of 0', () => {
    const payload = noise(300);
    const made = compressSegment(payload, 0, 300, true, lz4Compressor);
    assert.equal(made.readUIntLE(0, 3), 300);
    assert.equal(made.readUInt16LE(3), 0x0400);
    assert.deepEqual(made.subarray(8, 308), payload);
  });

  test('carries an uncompressed length of 17 bits', () => {
    const payload = Buffer.alloc(MAX_SEGMENT_PAYLOAD, 'cassandra ');
    const made = compressSegment(payload, 0, payload.length, false, lz4Compressor);
    const header = made.readUIntLE(0, 5);
    assert.equal(Math.floor(header / 2 ** 17) % 2 ** 17, MAX_SEGMENT_PAYLOAD);
    assert.equal(Math.floor(header / 2 ** 34), 0);
    const block = made.subarray(8, -4);
    assert.equal(header % 2 ** 17, block.length);
    assert.deepEqual(lz4Compressor.decompress(block, MAX_SEGMENT_PAYLOAD), payload);
  });
});

describe('splitIntoSegments', () => {
  const envelope = response(8, noise(300_000));

  test('splits like Cassandra does: full segments of 131,060 bytes, none self-contained', () => {
    const segments = splitIntoSegments(envelope, 0, envelope.length, null);
    const lengths = segments.map((made) => made.readUIntLE(0, 3) & 0x1ffff);
    assert.deepEqual(lengths, [131_060, 131_060, envelope.length - 2 * 131_060]);
    assert.ok(segments.every((made) => ((made[2] ?? 0) & 0x02) === 0));
    assert.deepEqual(Buffer.concat(segments.map((made) => made.subarray(6, -4))), envelope);
  });

  test('makes one self-contained segment where one is enough', () => {
    const small = response(8, noise(10));
    const segments = splitIntoSegments(Buffer.concat([noise(5), small]), 5, 5 + small.length, null);
    assert.deepEqual(segments, [segment(small)]);
  });
});
