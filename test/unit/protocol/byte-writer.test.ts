import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader } from '../../../src/protocol/byte-reader.js';
import { ByteWriter } from '../../../src/protocol/byte-writer.js';

function written(write: (writer: ByteWriter) => void): Buffer {
  // Too small for anything, so that growing is part of every case.
  const writer = new ByteWriter(1);
  write(writer);
  return writer.toBuffer();
}

test('integers of 64 bits are big-endian, whether they come as bigints or as safe integers', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const bytes = written((writer) => {
        writer.writeInt64(value);
      });
      assert.equal(bytes.readBigInt64BE(0), value);
      assert.equal(new ByteReader(bytes).readInt64(), value);
    }),
  );
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const bytes = written((writer) => {
        writer.writeSafeInt64(value);
      });
      assert.equal(bytes.readBigInt64BE(0), BigInt(value));
    }),
  );
});

test('raw bytes arrive as they are, short ones and long ones', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (raw) => {
      assert.deepEqual(
        written((writer) => {
          writer.writeRaw(raw);
        }),
        Buffer.from(raw),
      );
    }),
  );
});

test('what the reader reads is what the writer wrote', () => {
  fc.assert(
    fc.property(fc.nat(0xffff), fc.integer(), (short, int) => {
      const reader = new ByteReader(
        written((writer) => {
          writer.writeUint16(short);
          writer.writeInt32(int);
        }),
      );
      assert.equal(reader.readUint16(), short);
      assert.equal(reader.readInt32(), int);
    }),
  );
});
