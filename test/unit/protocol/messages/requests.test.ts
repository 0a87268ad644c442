import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvalidParameter } from '../../../../src/errors.js';
import { ByteWriter } from '../../../../src/protocol/byte-writer.js';
import { BatchType, ConsistencyLevel, Opcode } from '../../../../src/protocol/constants.js';
import { beginEnvelope, endEnvelope, setStreamId } from '../../../../src/protocol/envelope.js';
import {
  batchHead,
  beginBatch,
  executeHead,
  OWN_QUERY_SETTINGS,
  writeAuthResponse,
  writeBatchParameters,
  writeBatchPrepared,
  writeBatchQuery,
  writeCustomPayload,
  writeExecute,
  writePrepare,
  writeQuery,
  writeRegister,
  writeStartup,
  type QuerySettings,
  type ValuesWriter,
} from '../../../../src/protocol/messages/index.js';

function hexOf(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter(4);
  write(writer);
  return writer.toBuffer().toString('hex');
}

/** Golden bytes in readable pieces. */
function golden(...pieces: string[]): string {
  return pieces
    .map((piece) => (piece.startsWith("'") ? Buffer.from(piece.slice(1, -1)).toString('hex') : piece))
    .join('')
    .replaceAll(' ', '');
}

const plain: QuerySettings = { ...OWN_QUERY_SETTINGS, consistency: ConsistencyLevel.LOCAL_ONE };

const everything: QuerySettings = {
  consistency: ConsistencyLevel.QUORUM,
  serialConsistency: ConsistencyLevel.LOCAL_SERIAL,
  pageSize: 5000,
  pagingState: Buffer.from('abcd', 'hex'),
  timestamp: 1_600_000_000_000_000n,
  keyspace: 'ks',
  nowInSeconds: 0xf0000000,
  skipMetadata: true,
};

/** Writes int32 values. */
const ints: ValuesWriter = {
  write(writer, parameters) {
    const values = parameters as number[];
    writer.writeUint16(values.length);
    for (const value of values) {
      writer.writeInt32(4);
      writer.writeInt32(value);
    }
  },
};

describe('envelope', () => {
  test('is the OPTIONS seen on the wire, and may stand anywhere in the buffer', () => {
    const writer = new ByteWriter(4);
    writer.writeUint16(0xffff);
    beginEnvelope(writer, 0, 1, Opcode.OPTIONS);
    endEnvelope(writer);
    assert.equal(writer.toBuffer().toString('hex'), '050000010500000000');
  });

  test('gets its length when its body is written, though the buffer grew', () => {
    const writer = new ByteWriter(4);
    beginEnvelope(writer, 0x04, 0x1234, Opcode.QUERY);
    writer.writeRaw(Buffer.alloc(300, 7));
    endEnvelope(writer);
    const bytes = writer.toBuffer();
    assert.equal(bytes.toString('hex', 0, 9), '05041234070000012c');
    setStreamId(bytes, 0, 0x7fff);
    assert.equal(bytes.toString('hex', 0, 9), '05047fff070000012c');
  });

  test('is refused when its body is longer than the protocol allows', () => {
    const writer = new ByteWriter(4);
    beginEnvelope(writer, 0, 1, Opcode.QUERY);
    writer.offset += 256 * 1024 * 1024;
    endEnvelope(writer);
    writer.offset++;
    assert.throws(() => {
      endEnvelope(writer);
    }, InvalidParameter);
  });
});

describe('requests', () => {
  test('STARTUP', () => {
    assert.equal(
      hexOf((writer) => {
        writeStartup(writer, { CQL_VERSION: '3.0.0', COMPRESSION: 'lz4' });
      }),
      golden('0002', '000b', "'CQL_VERSION'", '0005', "'3.0.0'", '000b', "'COMPRESSION'", '0003', "'lz4'"),
    );
  });

  test('REGISTER', () => {
    assert.equal(
      hexOf((writer) => {
        writeRegister(writer, ['STATUS_CHANGE', 'X']);
      }),
      golden('0002 000d', "'STATUS_CHANGE'", '0001 58'),
    );
  });

  test('AUTH_RESPONSE puts one length in front of its token', () => {
    const token = Buffer.from('\0user\0password');
    assert.equal(
      hexOf((writer) => {
        writeAuthResponse(writer, token);
      }),
      golden('0000000e', token.toString('hex')),
    );
    assert.equal(
      hexOf((writer) => {
        writeAuthResponse(writer, null);
      }),
      'ffffffff',
    );
  });

  test('PREPARE always has its flags', () => {
    assert.equal(
      hexOf((writer) => {
        writePrepare(writer, 'SELECT 1');
      }),
      golden('00000008', "'SELECT 1'", '00000000'),
    );
    assert.equal(
      hexOf((writer) => {
        writePrepare(writer, 'SELECT 1', 'ks');
      }),
      golden('00000008', "'SELECT 1'", '00000001 0002', "'ks'"),
    );
  });

  test('QUERY, bare', () => {
    assert.equal(
      hexOf((writer) => {
        writeQuery(writer, 'X', plain, null);
      }),
      golden('00000001 58', '000a 00000000'),
    );
  });

  test('QUERY with everything, in the order of the specification', () => {
    assert.equal(
      hexOf((writer) => {
        writeQuery(writer, 'X', everything, ints, [1, 2]);
      }),
      golden(
        '00000001 58',
        '0004 000001bf',
        '0002 00000004 00000001 00000004 00000002',
        '00001388',
        '00000002 abcd',
        '0009',
        '0005af3107a40000',
        '0002',
        "'ks'",
        'f0000000',
      ),
    );
  });

  test('EXECUTE brings the result metadata id, which may be empty', () => {
    assert.equal(
      hexOf((writer) => {
        writeExecute(
          writer,
          executeHead(Buffer.from('aa', 'hex'), Buffer.from('bbbb', 'hex')),
          { ...plain, skipMetadata: true },
          ints,
          [3],
        );
      }),
      golden('0001 aa', '0002 bbbb', '000a 00000003', '0001 00000004 00000003'),
    );
    assert.equal(
      hexOf((writer) => {
        writeExecute(writer, executeHead(Buffer.from('aa', 'hex'), Buffer.alloc(0)), plain, null);
      }),
      golden('0001 aa', '0000', '000a 00000000'),
    );
  });

  test('BATCH carries only the flags that a batch may have', () => {
    assert.equal(
      hexOf((writer) => {
        beginBatch(writer, BatchType.UNLOGGED, 2);
        writeBatchQuery(writer, 'X');
        writeBatchPrepared(writer, batchHead(Buffer.from('aa', 'hex')), ints, [2]);
        writeBatchParameters(writer, everything);
      }),
      golden(
        '01 0002',
        '00 00000001 58 0000',
        '01 0001 aa 0001 00000004 00000002',
        '0004 000001b0 0009 0005af3107a40000 0002',
        "'ks'",
        'f0000000',
      ),
    );
  });

  test('the head of a prepared statement in a batch is what stands before its values, whatever its id', () => {
    for (const length of [0, 1, 16, 300]) {
      const id = Buffer.alloc(length, 0xaa);
      const written = hexOf((writer) => {
        writeBatchPrepared(writer, batchHead(id), ints, []);
      });
      assert.equal(`${batchHead(id).toString('hex')}0000`, written);
    }
  });

  test('a batch with more than 65,535 statements is refused before anything is written', () => {
    const writer = new ByteWriter();
    assert.throws(() => {
      beginBatch(writer, BatchType.LOGGED, 65_536);
    }, InvalidParameter);
    assert.equal(writer.offset, 0);
    beginBatch(writer, BatchType.LOGGED, 65_535);
  });

  test('a custom payload', () => {
    assert.equal(
      hexOf((writer) => {
        writeCustomPayload(writer, { k: Buffer.from('0102', 'hex') });
      }),
      golden('0001 0001 6b 00000002 0102'),
    );
  });

  test('settings that do not fit the wire are refused', () => {
    for (const wrong of [
      { nowInSeconds: -1 },
      { nowInSeconds: 2 ** 32 },
      { nowInSeconds: 1.5 },
      { timestamp: -(2n ** 63n) },
      { timestamp: 2n ** 63n },
    ]) {
      assert.throws(
        () =>
          hexOf((writer) => {
            writeQuery(writer, 'X', { ...plain, ...wrong }, null);
          }),
        InvalidParameter,
      );
    }
  });
});
