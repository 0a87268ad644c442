import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  AlreadyExists,
  AuthenticationFailed,
  CasWriteUnknown,
  CdcWriteFailure,
  ConfigurationException,
  FunctionFailure,
  InvalidRequest,
  IsBootstrapping,
  Overloaded,
  ProtocolError,
  QueryError,
  ReadFailure,
  ReadTimeout,
  ServerError,
  SyntaxException,
  TruncateError,
  Unauthorized,
  Unavailable,
  WriteFailure,
  WriteTimeout,
  type AsyncCassandraError,
} from '../../../src/errors.js';
import { ByteReader } from '../../../src/protocol/byte-reader.js';
import { readServerError, UnpreparedError } from '../../../src/protocol/server-errors.js';

function string(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length.toString(16).padStart(4, '0') + bytes.toString('hex');
}

function read(code: number, details = '', message = 'why'): AsyncCassandraError {
  const hex = code.toString(16).padStart(8, '0') + string(message) + details.replaceAll(' ', '');
  return readServerError(new ByteReader(Buffer.from(hex, 'hex')), '127.0.0.1:9042');
}

function fields(error: object, ...names: string[]): Record<string, unknown> {
  const all = error as Record<string, unknown>;
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}

const replicas = '0006 00000001 00000002';
const replicaFields = { consistency: 6, received: 1, required: 2 };
const failures = '00000002 04 7f000001 0001 10 00000000000000000000000000000001 01f7';

describe('errors without details', () => {
  for (const [code, type] of [
    [0x0000, ServerError],
    [0x000a, ProtocolError],
    [0x1001, Overloaded],
    [0x1002, IsBootstrapping],
    [0x1003, TruncateError],
    [0x1600, CdcWriteFailure],
    [0x2000, SyntaxException],
    [0x2100, Unauthorized],
    [0x2200, InvalidRequest],
    [0x2300, ConfigurationException],
  ] as const) {
    test(`0x${code.toString(16)} is ${type.name}`, () => {
      const error = read(code);
      assert.equal(error.constructor, type);
      assert.deepEqual(fields(error, 'message', 'protocolCode', 'coordinator'), {
        message: 'why',
        protocolCode: code,
        coordinator: '127.0.0.1:9042',
      });
    });
  }

  test('bad credentials are an AuthenticationFailed of that host', () => {
    const error = read(0x0100);
    assert.ok(error instanceof AuthenticationFailed);
    const host = '127.0.0.1:9042';
    assert.deepEqual(fields(error, 'host', 'coordinator', 'protocolCode'), {
      host,
      coordinator: host,
      protocolCode: 0x0100,
    });
  });

  test('an unknown code is a ServerError with that code', () => {
    const error = read(0x7777, '00112233');
    assert.ok(error instanceof ServerError);
    assert.equal(error.protocolCode, 0x7777);
  });
});

describe('errors with details', () => {
  test('UNAVAILABLE', () => {
    const error = read(0x1000, '0004 00000002 00000001');
    assert.ok(error instanceof Unavailable);
    assert.deepEqual(fields(error, 'consistency', 'requiredReplicas', 'aliveReplicas'), {
      consistency: 4,
      requiredReplicas: 2,
      aliveReplicas: 1,
    });
  });

  test('READ_TIMEOUT', () => {
    const error = read(0x1200, `${replicas} 01`);
    assert.ok(error instanceof ReadTimeout);
    assert.deepEqual(fields(error, 'consistency', 'received', 'required', 'dataRetrieved'), {
      ...replicaFields,
      dataRetrieved: true,
    });
  });

  test('READ_FAILURE, with and without reasons', () => {
    const error = read(0x1300, `${replicas} ${failures} 00`);
    assert.ok(error instanceof ReadFailure);
    assert.deepEqual(
      [...error.failures],
      [
        ['127.0.0.1', 1],
        ['::1', 503],
      ],
    );
    assert.equal(error.dataRetrieved, false);
    const bare = read(0x1300, `${replicas} 00000000 01`);
    assert.ok(bare instanceof ReadFailure);
    assert.equal(bare.failures.size, 0);
    assert.equal(bare.dataRetrieved, true);
  });

  test('WRITE_TIMEOUT has contentions for CAS only', () => {
    const cas = read(0x1100, `${replicas} ${string('CAS')} 0007`);
    assert.ok(cas instanceof WriteTimeout);
    assert.deepEqual(fields(cas, 'consistency', 'received', 'required', 'writeType', 'contentions'), {
      ...replicaFields,
      writeType: 'CAS',
      contentions: 7,
    });
    for (const word of ['SIMPLE', 'A_NEW_ONE']) {
      const error = read(0x1100, `${replicas} ${string(word)}`);
      assert.ok(error instanceof WriteTimeout);
      assert.equal(error.writeType, word);
      assert.equal(error.contentions, undefined);
    }
  });

  test('WRITE_FAILURE', () => {
    const error = read(0x1500, `${replicas} ${failures} ${string('BATCH_LOG')}`);
    assert.ok(error instanceof WriteFailure);
    assert.equal(error.writeType, 'BATCH_LOG');
    assert.equal(error.failures.get('::1'), 503);
  });

  test('CAS_WRITE_UNKNOWN', () => {
    const error = read(0x1700, replicas);
    assert.ok(error instanceof CasWriteUnknown);
    assert.deepEqual(fields(error, 'consistency', 'received', 'required'), replicaFields);
  });

  test('FUNCTION_FAILURE', () => {
    const error = read(0x1400, `${string('ks')} ${string('f')} 0002 ${string('int')} ${string('text')}`);
    assert.ok(error instanceof FunctionFailure);
    assert.deepEqual(fields(error, 'keyspace', 'functionName', 'argumentTypes'), {
      keyspace: 'ks',
      functionName: 'f',
      argumentTypes: ['int', 'text'],
    });
  });

  test('ALREADY_EXISTS of a keyspace has an empty table', () => {
    const error = read(0x2400, `${string('ks')} ${string('')}`);
    assert.ok(error instanceof AlreadyExists);
    assert.deepEqual(fields(error, 'keyspace', 'table'), { keyspace: 'ks', table: '' });
  });

  test('UNPREPARED carries the id', () => {
    const error = read(0x2500, '0002 beef');
    assert.ok(error instanceof UnpreparedError);
    assert.ok(error instanceof QueryError);
    assert.equal(error.name, 'UnpreparedError');
    assert.equal(error.id.toString('hex'), 'beef');
    assert.ok(!(read(0) instanceof UnpreparedError));
  });

  test('a body that ends too early is a ProtocolError', () => {
    assert.throws(() => read(0x1200, '0006'), ProtocolError);
  });
});

describe('OVERLOADED', () => {
  for (const [message, notExecuted] of [
    ['Server is shutting down', true],
    ['Query timed out before it could start', true],
    ['Request breached global limit of 100 requests/second. Server is currently in an overloaded state', true],
    ['Request breached limit(s) on bytes in flight (Endpoint: 1/2 bytes, Global: 3/4 bytes.)', true],
    ['Server is in overloaded state. Cannot accept more requests at this point', true],
    ['Too many in flight hints: 1024', false],
    ['something new', false],
  ] as const) {
    test(`"${message}": ${notExecuted ? 'certainly not executed' : 'may have been executed'}`, () => {
      const error = read(0x1001, '', message);
      assert.ok(error instanceof Overloaded);
      assert.equal(error.notExecuted, notExecuted);
    });
  }
});

test('a password that a syntax error quotes is not in the error', () => {
  const error = read(0x2000, '', "line 1:42 mismatched input 'foo' (...x WITH PASSWORD = 'hunter2' [foo])");
  assert.doesNotMatch(error.message, /hunter2/);
  assert.match(error.message, /\[foo\]/);
});
