import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProtocolError } from '../../../../src/errors.js';
import { ByteReader } from '../../../../src/protocol/byte-reader.js';
import { ResultKind } from '../../../../src/protocol/constants.js';
import {
  EMPTY_PREFIX,
  readAuthChallenge,
  readAuthenticate,
  readAuthSuccess,
  readEvent,
  readPrefix,
  readPrepared,
  readResultKind,
  readRowsHeader,
  readSchemaChange,
  readSetKeyspace,
} from '../../../../src/protocol/messages/index.js';

/** A reader over golden bytes in readable pieces: hex, 's:text' for a [string]. */
function reader(...pieces: string[]): ByteReader {
  const parts = pieces.map((piece) => {
    if (!piece.startsWith('s:')) return Buffer.from(piece.replaceAll(' ', ''), 'hex');
    const text = Buffer.from(piece.slice(2));
    return Buffer.concat([Buffer.from([text.length >>> 8, text.length]), text]);
  });
  return new ByteReader(Buffer.concat(parts));
}

const int = { kind: 'scalar', name: 'int' } as const;
const text = { kind: 'scalar', name: 'text' } as const;

describe('the prefix', () => {
  test('is one shared object when no flag is set', () => {
    const from = reader('01');
    assert.equal(readPrefix(from, 0), EMPTY_PREFIX);
    assert.equal(readPrefix(from, 0x11), EMPTY_PREFIX);
    assert.equal(from.offset, 0);
  });

  test('has its parts in their fixed order', () => {
    const from = reader(
      '00112233445566778899aabbccddeeff',
      '0002',
      's:w1',
      's:w2',
      '0001',
      's:k',
      '00000002 beef',
      '99',
    );
    assert.deepEqual(readPrefix(from, 0x02 | 0x04 | 0x08), {
      tracingId: '00112233-4455-6677-8899-aabbccddeeff',
      warnings: ['w1', 'w2'],
      customPayload: { k: Buffer.from('beef', 'hex') },
    });
    assert.equal(from.remaining, 1);
  });

  test('stands in front of a prepared result too (warnings were once skipped there)', () => {
    const from = reader(
      '0001',
      's:USE is unwise',
      '00000004',
      '0001 aa',
      '0001 bb',
      '00000000 00000000 00000000',
      '00000004 00000000',
    );
    assert.deepEqual(readPrefix(from, 0x08).warnings, ['USE is unwise']);
    assert.equal(readResultKind(from), ResultKind.PREPARED);
    assert.equal(readPrepared(from).id.toString('hex'), 'aa');
  });
});

test('authentication messages', () => {
  assert.equal(readAuthenticate(reader('s:org.x.PasswordAuthenticator')), 'org.x.PasswordAuthenticator');
  assert.deepEqual(readAuthChallenge(reader('00000002 abcd')), Buffer.from('abcd', 'hex'));
  assert.equal(readAuthSuccess(reader('ffffffff')), null);
});

describe('EVENT', () => {
  test('STATUS_CHANGE and TOPOLOGY_CHANGE carry address and port', () => {
    assert.deepEqual(readEvent(reader('s:STATUS_CHANGE', 's:UP', '04 7f000002 00002352')), {
      type: 'STATUS_CHANGE',
      change: 'UP',
      address: '127.0.0.2',
      port: 9042,
    });
    assert.deepEqual(
      readEvent(reader('s:TOPOLOGY_CHANGE', 's:MOVED_NODE', '10 00000000000000000000000000000001 00002352')),
      {
        type: 'TOPOLOGY_CHANGE',
        change: 'MOVED_NODE',
        address: '::1',
        port: 9042,
      },
    );
  });

  test('SCHEMA_CHANGE', () => {
    assert.deepEqual(readEvent(reader('s:SCHEMA_CHANGE', 's:CREATED', 's:TABLE', 's:ks', 's:t')), {
      type: 'SCHEMA_CHANGE',
      change: 'CREATED',
      target: 'TABLE',
      keyspace: 'ks',
      name: 't',
    });
  });

  test('unknown words are kept and do not throw', () => {
    assert.deepEqual(readEvent(reader('s:GRACEFUL_DISCONNECT', '0102')), {
      type: 'OTHER',
      name: 'GRACEFUL_DISCONNECT',
    });
    const event = readEvent(reader('s:STATUS_CHANGE', 's:SIDEWAYS', '04 7f000002 00002352'));
    assert.equal(event.type === 'STATUS_CHANGE' && event.change, 'SIDEWAYS');
  });

  test('an address of a strange size is a ProtocolError', () => {
    assert.throws(() => readEvent(reader('s:STATUS_CHANGE', 's:UP', '05 7f00000201 00002352')), ProtocolError);
  });
});

test('schema changes of each target', () => {
  assert.deepEqual(readSchemaChange(reader('s:DROPPED', 's:KEYSPACE', 's:ks')), {
    change: 'DROPPED',
    target: 'KEYSPACE',
    keyspace: 'ks',
  });
  assert.deepEqual(readSchemaChange(reader('s:UPDATED', 's:TYPE', 's:ks', 's:udt')).name, 'udt');
  assert.deepEqual(readSchemaChange(reader('s:CREATED', 's:FUNCTION', 's:ks', 's:f', '0002', 's:int', 's:text')), {
    change: 'CREATED',
    target: 'FUNCTION',
    keyspace: 'ks',
    name: 'f',
    arguments: ['int', 'text'],
  });
  assert.deepEqual(readSchemaChange(reader('s:CREATED', 's:TRIGGER', 's:ks', 's:x')).name, 'x');
  assert.deepEqual(readSchemaChange(reader('s:CREATED', 's:GALAXY', 's:ks')), {
    change: 'CREATED',
    target: 'GALAXY',
    keyspace: 'ks',
  });
});

test('SET_KEYSPACE', () => {
  const from = reader('00000003', 's:ks');
  assert.equal(readResultKind(from), ResultKind.SET_KEYSPACE);
  assert.equal(readSetKeyspace(from), 'ks');
});

describe('ROWS', () => {
  test('with one global table', () => {
    const from = reader(
      '00000001 00000002',
      's:ks',
      's:t',
      's:a',
      '0009',
      's:b',
      '000d',
      '00000001',
      '00000004 00000007 ffffffff',
    );
    const header = readRowsHeader(from);
    assert.deepEqual(header, {
      columnCount: 2,
      pagingState: null,
      newMetadataId: null,
      columns: [
        { keyspace: 'ks', table: 't', name: 'a', type: int },
        { keyspace: 'ks', table: 't', name: 'b', type: text },
      ],
      rowCount: 1,
    });
    assert.equal(from.remaining, 12, 'stands at the first cell');
  });

  test('with a table for each column', () => {
    const header = readRowsHeader(
      reader('00000000 00000002', 's:k1', 's:t1', 's:a', '0009', 's:k2', 's:t2', 's:b', '0009', '00000000'),
    );
    assert.deepEqual(
      header.columns?.map((column) => `${column.keyspace}.${column.table}.${column.name}`),
      ['k1.t1.a', 'k2.t2.b'],
    );
  });

  test('the paging state comes before the new metadata id', () => {
    const header = readRowsHeader(
      reader('0000000b 00000001', '00000002 abcd', '0003 010203', 's:ks', 's:t', 's:a', '0009', '00000000'),
    );
    assert.equal(header.pagingState?.toString('hex'), 'abcd');
    assert.equal(header.newMetadataId?.toString('hex'), '010203');
    assert.equal(header.columns?.[0]?.name, 'a');
  });

  test('NO_METADATA wins over GLOBAL_TABLES_SPEC: flags 5 have no table in the body', () => {
    const header = readRowsHeader(reader('00000005 00000001', '00000001', '00000004 00000007'));
    assert.equal(header.columns, null);
    assert.equal(header.columnCount, 1);
    assert.equal(header.rowCount, 1);
  });

  test('no rows, but more pages', () => {
    const header = readRowsHeader(reader('00000006 00000001', '00000001 ff', '00000000'));
    assert.equal(header.rowCount, 0);
    assert.equal(header.pagingState?.toString('hex'), 'ff');
  });

  test('counts that the body cannot hold are refused', () => {
    for (const wild of [
      ['00000004 00000001', '7fffffff', '00000004 00000007'],
      ['00000004 00000000', '00000001'],
      ['00000004 ffffffff', '00000000'],
      ['00000004 00000001', 'ffffffff'],
      ['00000001 7fffffff', 's:ks', 's:t', 's:a', '0009', '00000000'],
    ]) {
      assert.throws(() => readRowsHeader(reader(...wild)), ProtocolError, wild.join(' '));
    }
  });

  test('a type that is nested to overflow the stack is refused', () => {
    const bytes = Buffer.concat([
      reader('00000001 00000001', 's:ks', 's:t', 's:a').buffer,
      Buffer.alloc(120_000, '0020', 'hex'),
    ]);
    assert.throws(() => readRowsHeader(new ByteReader(bytes)), ProtocolError);
  });
});

test('ROWS: more pages without a place where they begin ended the result in silence', () => {
  assert.throws(() => readRowsHeader(reader('00000006 00000001', 'ffffffff', '00000000')), {
    name: 'ProtocolError',
    message: /more pages, but not where/,
  });
});

test('ROWS: columns that have changed and are left out were read by the old ones', () => {
  assert.throws(() => readRowsHeader(reader('0000000c 00000001', '0003 010203', '00000000')), {
    name: 'ProtocolError',
    message: /columns of a result have changed, but not into what/,
  });
});

describe('PREPARED', () => {
  test('a SELECT with a composite partition key', () => {
    const prepared = readPrepared(
      reader(
        '0010 00112233445566778899aabbccddeeff',
        '0002 beef',
        '00000001 00000002 00000002 0001 0000',
        's:ks',
        's:t',
        's:a',
        '0009',
        's:b',
        '000d',
        '00000001 00000001',
        's:ks',
        's:t',
        's:c',
        '0009',
      ),
    );
    assert.equal(prepared.id.toString('hex'), '00112233445566778899aabbccddeeff');
    assert.equal(prepared.resultMetadataId.toString('hex'), 'beef');
    assert.deepEqual(prepared.pkIndexes, [1, 0]);
    assert.deepEqual(
      prepared.bindColumns.map((column) => column.name),
      ['a', 'b'],
    );
    assert.deepEqual(prepared.resultColumns, [{ keyspace: 'ks', table: 't', name: 'c', type: int }]);
  });

  test('a key at a marker that there is none of is refused', () => {
    const bytes = reader(
      '0001 aa',
      '0001 bb',
      '00000001 00000001 00000001 0009',
      's:ks',
      's:t',
      's:a',
      '0009',
      '00000004 00000000',
    );
    assert.throws(() => readPrepared(bytes), {
      name: 'ProtocolError',
      message: 'The server prepared a statement of 1 bind markers whose key is at marker 9',
    });
  });

  test('without rows: the tail that servers send for an INSERT', () => {
    const prepared = readPrepared(
      reader('0001 aa', '0010 d41d8cd98f00b204e9800998ecf8427e', '00000000 00000000 00000000', '00000004 00000000'),
    );
    assert.deepEqual(prepared.bindColumns, []);
    assert.equal(prepared.resultColumns, null);
  });
});
