import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  AlreadyExists,
  ConfigurationException,
  FunctionFailure,
  InvalidRequest,
  ProtocolError,
  SyntaxException,
  Unavailable,
} from '../../../src/errors.js';
import { cqlTypeName } from '../../../src/protocol/codec/cql-type.js';
import { BatchType, EnvelopeFlag, Opcode, RowsFlag } from '../../../src/protocol/constants.js';
import { UnpreparedError } from '../../../src/protocol/server-errors.js';
import { CQL_SAMPLES, SAMPLE_USER_TYPES, type CqlSample, type CqlSamples } from '../../support/cql-samples.js';
import { isAtLeast } from '../../support/node-table.js';
import { query, startup, type Envelope, type Request } from '../../support/raw-connection.js';
import {
  errorOf,
  eventOf,
  isVoid,
  keyspaceOf,
  prefixOf,
  preparedOf,
  rowsOf,
  schemaChangeOf,
  supportedOf,
  type Before,
  type Conversation,
  type Exchange,
} from './exchanges.js';
import {
  batch,
  ConsistencyLevel,
  execute,
  int,
  OPTIONS,
  prepare,
  queryWith,
  register,
  withPayload,
} from './requests.js';

/** The keyspace of all conversations: its name is in the recorded bytes. */
const KEYSPACE = 'wire_golden';
const KS = KEYSPACE;
const EMPTY_METADATA_ID = 'd41d8cd98f00b204e9800998ecf8427e';
const BOGUS_ID = Buffer.alloc(16, 0xab);
const SKIP = { skipMetadata: true };

const KEYSPACE_DDL = `CREATE KEYSPACE ${KS} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`;
const DROP = `DROP KEYSPACE IF EXISTS ${KS}`;

type Check = Exchange['check'];

function exchange(name: string, request: Request | ((before: Before) => Request), check: Check): Exchange {
  return { name, request: typeof request === 'function' ? request : () => request, check };
}

const ready: Check = ([answer]) => {
  assert.equal(answer.opcode, Opcode.READY);
  assert.equal(answer.body.length, 0);
};

const isEmpty: Check = ([answer]) => {
  assert.ok(isVoid(answer));
};

function checkSupported(answer: Envelope): void {
  const supported = supportedOf(answer);
  assert.ok(supported.get('PROTOCOL_VERSIONS')?.includes('5/v5'), 'version 5 is not listed');
  assert.ok(supported.get('COMPRESSION')?.includes('lz4'));
  assert.match(supported.get('CQL_VERSION')?.[0] ?? '', /^3\.4\.\d+$/);
}

const handshake: Conversation = {
  name: 'handshake',
  startUp: false,
  exchanges: [
    exchange('OPTIONS before STARTUP', OPTIONS, ([answer]) => {
      assert.equal(answer.version, 0x85);
      checkSupported(answer);
    }),
    exchange('STARTUP', startup({ DRIVER_NAME: 'async-cassandra', DRIVER_VERSION: '0.1.0' }), ready),
    exchange('OPTIONS in a segment', OPTIONS, ([answer]) => {
      checkSupported(answer);
    }),
    exchange('REGISTER', register('TOPOLOGY_CHANGE', 'STATUS_CHANGE', 'SCHEMA_CHANGE'), ready),
    exchange('REGISTER of an unknown event', register('NO_SUCH_EVENT'), ([answer]) => {
      const error = errorOf(answer);
      assert.ok(error instanceof ProtocolError);
      assert.match(error.message, /Invalid value 'NO_SUCH_EVENT' for Type/);
    }),
    exchange('the connection lives on after a PROTOCOL_ERROR', OPTIONS, ([answer]) => {
      checkSupported(answer);
    }),
  ],
};

/** Lists of compressions in SUPPORTED are those of all versions of the protocol. */
const refusedStartup: Conversation = {
  name: 'refused-startup',
  startUp: false,
  exchanges: [
    exchange(
      'STARTUP of a compression that version 5 does not have',
      startup({ COMPRESSION: 'snappy' }),
      ([answer]) => {
        const error = errorOf(answer);
        assert.ok(error instanceof ProtocolError);
        assert.match(error.message, /snappy/i);
      },
    ),
  ],
};

function samplesOf(version: string): readonly CqlSamples[] {
  return CQL_SAMPLES.filter(({ since }) => since === undefined || isAtLeast(version, since));
}

/** The rows of one table that hold a type's samples; the last one is null. */
function rowsOfSample(name: string, values: readonly CqlSample[]): readonly (CqlSample & { readonly id: number })[] {
  const base = CQL_SAMPLES.findIndex((samples) => samples.name === name) * 100;
  return [...values, { literal: 'null', value: null }].map((sample, at) => ({ ...sample, id: base + at }));
}

const types: Conversation = {
  name: 'types',
  given: (version) => [
    DROP,
    KEYSPACE_DDL,
    ...SAMPLE_USER_TYPES.map((create) =>
      create.replace('CREATE TYPE ', `CREATE TYPE ${KS}.`).replace('<address>', `<${KS}.address>`),
    ),
    `CREATE TABLE ${KS}.samples (id int PRIMARY KEY, ${samplesOf(version)
      .map(({ name, type }) => `${name} ${type.replaceAll(/\b(address|person)\b/g, `${KS}.$1`)}`)
      .join(', ')})`,
    ...samplesOf(version).flatMap(({ name, values }) =>
      rowsOfSample(name, values).map(
        ({ id, literal }) => `INSERT INTO ${KS}.samples (id, ${name}) VALUES (${id}, ${literal})`,
      ),
    ),
    `CREATE TABLE ${KS}.hits (id int PRIMARY KEY, v counter)`,
    `UPDATE ${KS}.hits SET v = v - 3 WHERE id = 0`,
    `CREATE TABLE ${KS}.empties (id int PRIMARY KEY, i int, b bigint, t text, u uuid)`,
    `INSERT INTO ${KS}.empties (id, i, b, t, u) VALUES (0, blobAsInt(0x), blobAsBigint(0x), '', blobAsUuid(0x))`,
  ],
  finally: [DROP],
  exchanges: [
    ...CQL_SAMPLES.map(({ name, since, values }): Exchange => ({
      name: `rows of ${name}`,
      ...(since === undefined ? {} : { since }),
      request: () => {
        const numbers = rowsOfSample(name, values).map(({ id }) => id);
        return query(`SELECT id, ${name} FROM ${KS}.samples WHERE id IN (${numbers.join(', ')})`);
      },
      check: ([answer]) => {
        const { rows, flags, left } = rowsOf(answer);
        assert.equal(flags, RowsFlag.GLOBAL_TABLES_SPEC);
        assert.equal(left, 0);
        const expected = rowsOfSample(name, values).map(({ id, value }) => [id, value]);
        assert.deepEqual(rows, expected);
      },
    })),
    exchange('rows of a counter', query(`SELECT v FROM ${KS}.hits`), ([answer]) => {
      const { rows, columns } = rowsOf(answer);
      assert.deepEqual(rows, [[-3n]]);
      assert.deepEqual(
        columns?.map(({ type }) => cqlTypeName(type)),
        ['counter'],
      );
    }),
    exchange('empty values are not nulls on the wire', query(`SELECT i, b, t, u FROM ${KS}.empties`), ([answer]) => {
      assert.deepEqual(rowsOf(answer).rows, [[null, null, '', null]]);
      assert.equal(answer.body.subarray(-16).toString('hex'), '00'.repeat(16), 'four lengths of 0');
    }),
    exchange('no rows', query(`SELECT * FROM ${KS}.hits WHERE id = 77`), ([answer]) => {
      const { rows, columnCount } = rowsOf(answer);
      assert.deepEqual([rows, columnCount], [[], 2]);
    }),
  ],
};

const schema: Conversation = {
  name: 'schema',
  given: () => [DROP],
  finally: [DROP],
  exchanges: (
    [
      ['CREATE KEYSPACE', KEYSPACE_DDL, { change: 'CREATED', target: 'KEYSPACE', keyspace: KS }],
      [
        'CREATE TYPE',
        `CREATE TYPE ${KS}.pair (a int, b text)`,
        { change: 'CREATED', target: 'TYPE', keyspace: KS, name: 'pair' },
      ],
      [
        'CREATE TABLE',
        `CREATE TABLE ${KS}.t (id int PRIMARY KEY, v text)`,
        { change: 'CREATED', target: 'TABLE', keyspace: KS, name: 't' },
      ],
      ['ALTER TABLE', `ALTER TABLE ${KS}.t ADD w int`, { change: 'UPDATED', target: 'TABLE', keyspace: KS, name: 't' }],
      [
        'CREATE FUNCTION',
        `CREATE FUNCTION ${KS}.plus (s int, v int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return s + v;'`,
        { change: 'CREATED', target: 'FUNCTION', keyspace: KS, name: 'plus', arguments: ['int', 'int'] },
      ],
      [
        'CREATE AGGREGATE',
        `CREATE AGGREGATE ${KS}.total (int) SFUNC plus STYPE int INITCOND 0`,
        { change: 'CREATED', target: 'AGGREGATE', keyspace: KS, name: 'total', arguments: ['int'] },
      ],
      [
        'DROP AGGREGATE',
        `DROP AGGREGATE ${KS}.total`,
        { change: 'DROPPED', target: 'AGGREGATE', keyspace: KS, name: 'total', arguments: ['int'] },
      ],
      ['DROP TABLE', `DROP TABLE ${KS}.t`, { change: 'DROPPED', target: 'TABLE', keyspace: KS, name: 't' }],
      [
        'ALTER KEYSPACE',
        `ALTER KEYSPACE ${KS} WITH durable_writes = false`,
        { change: 'UPDATED', target: 'KEYSPACE', keyspace: KS },
      ],
    ] as const
  )
    .map(([name, cql, expected]) =>
      exchange(name, query(cql), ([answer]) => {
        assert.deepEqual(schemaChangeOf(answer), expected);
      }),
    )
    .concat(
      exchange(
        'DDL that changes nothing',
        query(
          `CREATE KEYSPACE IF NOT EXISTS ${KS} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
        ),
        isEmpty,
      ),
      exchange('USE', query(`USE ${KS}`), ([answer]) => {
        assert.equal(keyspaceOf(answer), KS);
      }),
      {
        name: 'an event beside the answer',
        request: () => register('SCHEMA_CHANGE'),
        check: ready,
      },
      {
        name: 'CREATE TABLE, told twice',
        request: () => query(`CREATE TABLE ${KS}.told (id int PRIMARY KEY)`),
        answers: 2,
        check: (answers) => {
          const event = answers.find(({ opcode }) => opcode === Opcode.EVENT);
          const result = answers.find(({ opcode }) => opcode === Opcode.RESULT);
          assert.ok(event !== undefined && result !== undefined);
          const expected = { change: 'CREATED', target: 'TABLE', keyspace: KS, name: 'told' };
          assert.equal(event.stream, -1);
          assert.deepEqual(eventOf(event), { type: 'SCHEMA_CHANGE', ...expected });
          assert.deepEqual(schemaChangeOf(result), expected);
        },
      },
    ),
};

const SELECT_USER = `SELECT id, name FROM ${KS}.users WHERE id = ?`;

function ids(before: Before, name: string, metadata?: Buffer): { id: Buffer; resultMetadataId: Buffer } {
  const { id, resultMetadataId } = preparedOf(before.answer(name));
  return { id, resultMetadataId: metadata ?? resultMetadataId };
}

function checkUser(flags: number): Check {
  return ([answer], before) => {
    const known = preparedOf(before.answer('PREPARE of a SELECT'));
    const rows = rowsOf(answer, known.resultColumns ?? []);
    assert.equal(rows.flags, flags);
    assert.deepEqual(rows.rows, [[1, 'Ann']]);
    assert.equal(rows.left, 0);
    if ((flags & RowsFlag.METADATA_CHANGED) !== 0) assert.deepEqual(rows.newMetadataId, known.resultMetadataId);
  };
}

const prepared: Conversation = {
  name: 'prepared',
  given: () => [
    DROP,
    KEYSPACE_DDL,
    `CREATE TABLE ${KS}.users (id int PRIMARY KEY, name text)`,
    `INSERT INTO ${KS}.users (id, name) VALUES (1, 'Ann')`,
    `CREATE TABLE ${KS}.wide (b text, a int, c int, PRIMARY KEY ((a, b), c))`,
  ],
  finally: [DROP],
  exchanges: [
    exchange('PREPARE of a SELECT', prepare(SELECT_USER), ([answer]) => {
      const { id, bindColumns, pkIndexes, resultColumns } = preparedOf(answer);
      assert.equal(id.toString('hex'), createHash('md5').update(SELECT_USER).digest('hex'));
      assert.deepEqual(
        bindColumns.map(({ name }) => name),
        ['id'],
      );
      assert.deepEqual(pkIndexes, [0]);
      assert.deepEqual(
        resultColumns?.map(({ name }) => name),
        ['id', 'name'],
      );
    }),
    exchange(
      'EXECUTE, right id, skip: no columns',
      (b) => execute(ids(b, 'PREPARE of a SELECT'), [int(1)], SKIP),
      checkUser(0x05),
    ),
    exchange('EXECUTE, right id: columns', (b) => execute(ids(b, 'PREPARE of a SELECT'), [int(1)]), checkUser(0x01)),
    exchange(
      'EXECUTE, bogus id, skip: columns and the new id',
      (b) => execute(ids(b, 'PREPARE of a SELECT', BOGUS_ID), [int(1)], SKIP),
      checkUser(0x09),
    ),
    exchange(
      'EXECUTE, empty id, skip: columns and the new id',
      (b) => execute(ids(b, 'PREPARE of a SELECT', Buffer.alloc(0)), [int(1)], SKIP),
      checkUser(0x09),
    ),
    exchange('PREPARE of an INSERT', prepare(`INSERT INTO ${KS}.users (id, name) VALUES (:k, :n)`), ([answer]) => {
      const { resultMetadataId, resultColumns, bindColumns } = preparedOf(answer);
      assert.equal(resultMetadataId.toString('hex'), EMPTY_METADATA_ID);
      assert.equal(resultColumns, null);
      assert.deepEqual(
        bindColumns.map(({ name }) => name),
        ['k', 'n'],
      );
      assert.equal(answer.body.subarray(-8).toString('hex'), '0000000400000000');
    }),
    exchange(
      'EXECUTE of an INSERT',
      (b) => execute(ids(b, 'PREPARE of an INSERT'), [int(2), Buffer.from('Bob')]),
      isEmpty,
    ),
    exchange(
      'EXECUTE with an unset value',
      (b) => execute(ids(b, 'PREPARE of an INSERT'), [int(2), undefined]),
      isEmpty,
    ),
    exchange('unset left the value as it was', query(`SELECT name FROM ${KS}.users WHERE id = 2`), ([answer]) => {
      assert.deepEqual(rowsOf(answer).rows, [['Bob']]);
    }),
    exchange(
      'PREPARE of a conditional INSERT',
      prepare(`INSERT INTO ${KS}.users (id, name) VALUES (?, ?) IF NOT EXISTS`),
      ([answer]) => {
        assert.equal(preparedOf(answer).resultColumns, null);
      },
    ),
    exchange(
      'EXECUTE of it, applied, with skip: one column',
      (b) =>
        execute(ids(b, 'PREPARE of a conditional INSERT'), [int(3), Buffer.from('Cyd')], {
          ...SKIP,
          serialConsistency: ConsistencyLevel.SERIAL,
        }),
      ([answer]) => {
        const { flags, columns, rows } = rowsOf(answer);
        assert.equal(flags & (RowsFlag.NO_METADATA | RowsFlag.METADATA_CHANGED), 0);
        assert.deepEqual(
          columns?.map(({ name }) => name),
          ['[applied]'],
        );
        assert.deepEqual(rows, [[true]]);
      },
    ),
    exchange(
      'EXECUTE of it, not applied, with skip: all columns',
      (b) =>
        execute(ids(b, 'PREPARE of a conditional INSERT'), [int(3), Buffer.from('Dan')], {
          ...SKIP,
          serialConsistency: ConsistencyLevel.SERIAL,
        }),
      ([answer]) => {
        const { flags, columns, rows } = rowsOf(answer);
        assert.equal(flags & (RowsFlag.NO_METADATA | RowsFlag.METADATA_CHANGED), 0);
        assert.deepEqual(
          columns?.map(({ name }) => name),
          ['[applied]', 'id', 'name'],
        );
        assert.deepEqual(rows, [[false, 3, 'Cyd']]);
      },
    ),
    exchange(
      'PREPARE with a key of two columns in another order',
      prepare(`SELECT c FROM ${KS}.wide WHERE b = ? AND c = ? AND a = ?`),
      ([answer]) => {
        const { pkIndexes, bindColumns } = preparedOf(answer);
        assert.deepEqual(
          bindColumns.map(({ name }) => name),
          ['b', 'c', 'a'],
        );
        assert.deepEqual(pkIndexes, [2, 0]);
      },
    ),
    exchange('PREPARE without the key', prepare(`SELECT c FROM ${KS}.wide WHERE c = ? ALLOW FILTERING`), ([answer]) => {
      assert.deepEqual(preparedOf(answer).pkIndexes, []);
    }),
    exchange(
      'BATCH of all kinds of member',
      (b) =>
        batch(
          BatchType.LOGGED,
          [
            { text: `INSERT INTO ${KS}.users (id, name) VALUES (10, 'x')` },
            { text: `INSERT INTO ${KS}.users (id, name) VALUES (?, ?)`, values: [int(11), Buffer.from('y')] },
            { id: ids(b, 'PREPARE of an INSERT').id, values: [int(12), null] },
          ],
          { timestamp: 1_700_000_000_000_000n, serialConsistency: ConsistencyLevel.LOCAL_SERIAL },
        ),
      isEmpty,
    ),
    exchange(
      'the batch was written',
      query(`SELECT id, name, writetime(name) FROM ${KS}.users WHERE id IN (10, 11, 12)`),
      ([answer]) => {
        const written = 1_700_000_000_000_000n;
        assert.deepEqual(rowsOf(answer).rows, [
          [10, 'x', written],
          [11, 'y', written],
          [12, null, null],
        ]);
      },
    ),
    {
      ...exchange(
        'EXECUTE after ALTER TABLE: unprepared',
        (b) => execute(ids(b, 'PREPARE of a SELECT'), [int(1)], SKIP),
        ([answer], before) => {
          const error = errorOf(answer);
          assert.ok(error instanceof UnpreparedError);
          assert.deepEqual(error.id, ids(before, 'PREPARE of a SELECT').id);
        },
      ),
      given: [`ALTER TABLE ${KS}.users ADD extra int`],
    },
    exchange('PREPARE of a SELECT of all columns', prepare(`SELECT * FROM ${KS}.users WHERE id = ?`), ([answer]) => {
      assert.deepEqual(
        preparedOf(answer).resultColumns?.map(({ name }) => name),
        ['id', 'extra', 'name'],
      );
    }),
    {
      ...exchange(
        'PREPARE of it again after another ALTER TABLE',
        prepare(`SELECT * FROM ${KS}.users WHERE id = ?`),
        ([answer], before) => {
          const old = preparedOf(before.answer('PREPARE of a SELECT of all columns'));
          const now = preparedOf(answer);
          assert.deepEqual(now.id, old.id, 'the statement keeps its id');
          assert.notDeepEqual(now.resultMetadataId, old.resultMetadataId, 'its columns have another');
          assert.deepEqual(
            now.resultColumns?.map(({ name }) => name),
            ['id', 'extra', 'more', 'name'],
          );
        },
      ),
      given: [`ALTER TABLE ${KS}.users ADD more int`],
    },
    exchange(
      'EXECUTE with the id of the old columns, skip',
      (b) => execute(ids(b, 'PREPARE of a SELECT of all columns'), [int(1)], SKIP),
      ([answer], before) => {
        const { flags, columns, newMetadataId, rows } = rowsOf(answer);
        assert.equal(flags, 0x09);
        assert.deepEqual(
          newMetadataId,
          preparedOf(before.answer('PREPARE of it again after another ALTER TABLE')).resultMetadataId,
        );
        assert.deepEqual(
          columns?.map(({ name }) => name),
          ['id', 'extra', 'more', 'name'],
        );
        assert.deepEqual(rows, [[1, null, null, 'Ann']]);
      },
    ),
    exchange('USE', query(`USE ${KS}`), ([answer]) => {
      assert.equal(keyspaceOf(answer), KS);
    }),
    exchange('PREPARE after USE', prepare('SELECT name FROM users WHERE id = ?'), ([answer]) => {
      const { id } = preparedOf(answer);
      assert.equal(
        id.toString('hex'),
        createHash('md5').update(`${KS}SELECT name FROM users WHERE id = ?`).digest('hex'),
      );
      // The warning stands in front of the kind of the result.
      if ((answer.flags & EnvelopeFlag.WARNING) !== 0) assert.match(prefixOf(answer).warnings[0] ?? '', /USE/);
    }),
    exchange(
      'EXECUTE of a statement that was never prepared',
      execute({ id: BOGUS_ID, resultMetadataId: BOGUS_ID }, []),
      ([answer]) => {
        const error = errorOf(answer);
        assert.ok(error instanceof UnpreparedError);
        assert.deepEqual(error.id, BOGUS_ID);
      },
    ),
  ],
};

const paging: Conversation = {
  name: 'paging',
  given: () => [
    DROP,
    KEYSPACE_DDL,
    `CREATE TABLE ${KS}.pages (p int, c int, PRIMARY KEY (p, c))`,
    ...[1, 2, 3, 4, 5].map((c) => `INSERT INTO ${KS}.pages (p, c) VALUES (1, ${c})`),
  ],
  finally: [DROP],
  exchanges: [
    exchange('page 1', query(`SELECT c FROM ${KS}.pages WHERE p = 1`, { pageSize: 2 }), ([answer]) => {
      const { rows, flags, pagingState } = rowsOf(answer);
      assert.deepEqual(rows, [[1], [2]]);
      assert.equal(flags, RowsFlag.GLOBAL_TABLES_SPEC | RowsFlag.HAS_MORE_PAGES);
      assert.ok((pagingState?.length ?? 0) > 0);
    }),
    exchange(
      'page 2',
      (b) =>
        query(`SELECT c FROM ${KS}.pages WHERE p = 1`, {
          pageSize: 2,
          pagingState: rowsOf(b.answer('page 1')).pagingState,
        }),
      ([answer]) => {
        assert.deepEqual(rowsOf(answer).rows, [[3], [4]]);
      },
    ),
    exchange(
      'page 3, the last',
      (b) =>
        query(`SELECT c FROM ${KS}.pages WHERE p = 1`, {
          pageSize: 2,
          pagingState: rowsOf(b.answer('page 2')).pagingState,
        }),
      ([answer]) => {
        const { rows, pagingState } = rowsOf(answer);
        assert.deepEqual(rows, [[5]]);
        assert.equal(pagingState, null);
      },
    ),
    exchange('PREPARE of a paged SELECT', prepare(`SELECT c FROM ${KS}.pages WHERE p = ?`), ([answer]) => {
      assert.equal(preparedOf(answer).resultColumns?.length, 1);
    }),
    exchange(
      'a page without columns: more pages and no metadata',
      (b) => execute(ids(b, 'PREPARE of a paged SELECT'), [int(1)], { ...SKIP, pageSize: 3 }),
      ([answer], before) => {
        const { flags, rows, pagingState } = rowsOf(
          answer,
          preparedOf(before.answer('PREPARE of a paged SELECT')).resultColumns ?? [],
        );
        assert.equal(flags, 0x07);
        assert.deepEqual(rows, [[1], [2], [3]]);
        assert.ok(pagingState !== null);
      },
    ),
    exchange(
      'a page with new columns: the paging state comes before their id',
      (b) => execute(ids(b, 'PREPARE of a paged SELECT', BOGUS_ID), [int(1)], { ...SKIP, pageSize: 3 }),
      ([answer], before) => {
        const { flags, rows, pagingState, newMetadataId } = rowsOf(answer);
        assert.equal(flags, 0x0b);
        assert.deepEqual(rows, [[1], [2], [3]]);
        assert.ok(pagingState !== null);
        assert.deepEqual(newMetadataId, preparedOf(before.answer('PREPARE of a paged SELECT')).resultMetadataId);
      },
    ),
    // A page size of 0 is what our own writer leaves out: the bytes are put together here.
    exchange(
      'a page size of 0',
      {
        opcode: Opcode.QUERY,
        write: (writer) => {
          writer.writeLongString(`SELECT c FROM ${KS}.pages`);
          writer.writeUint16(ConsistencyLevel.ONE);
          writer.writeInt32(0x04);
          writer.writeInt32(0);
        },
      },
      ([answer]) => {
        const error = errorOf(answer);
        assert.ok(error instanceof ProtocolError);
        assert.match(error.message, /page size cannot be 0/i);
      },
    ),
  ],
};

const settings: Conversation = {
  name: 'settings',
  given: () => [DROP, KEYSPACE_DDL, `CREATE TABLE ${KS}.users (id int PRIMARY KEY, name text)`],
  finally: [DROP],
  exchanges: [
    exchange(
      'QUERY with values',
      queryWith(`INSERT INTO ${KS}.users (id, name) VALUES (?, ?)`, [int(1), Buffer.from('Ann')], undefined, {
        timestamp: 1_600_000_000_000_000n,
      }),
      isEmpty,
    ),
    exchange(
      'QUERY with values by name',
      queryWith(`INSERT INTO ${KS}.users (id, name) VALUES (:k, :n)`, [Buffer.from('Bob'), int(2)], ['n', 'k']),
      isEmpty,
    ),
    exchange(
      'the timestamp was taken',
      query(`SELECT name, writetime(name) FROM ${KS}.users WHERE id = 1`),
      ([answer]) => {
        assert.deepEqual(rowsOf(answer).rows, [['Ann', 1_600_000_000_000_000n]]);
      },
    ),
    exchange('QUERY in a keyspace', query('SELECT name FROM users WHERE id = 2', { keyspace: KS }), ([answer]) => {
      assert.deepEqual(rowsOf(answer).rows, [['Bob']]);
    }),
    exchange(
      'QUERY with a TTL at a given present',
      query(`INSERT INTO ${KS}.users (id, name) VALUES (3, 'Cyd') USING TTL 100`, { nowInSeconds: 1_800_000_000 }),
      isEmpty,
    ),
    exchange(
      'the TTL counts from there',
      query(`SELECT ttl(name) FROM ${KS}.users WHERE id = 3`, { nowInSeconds: 1_800_000_040 }),
      ([answer]) => {
        assert.deepEqual(rowsOf(answer).rows, [[60]]);
      },
    ),
    exchange(
      'QUERY with a custom payload',
      withPayload(query(`SELECT id FROM ${KS}.users WHERE id = 1`), {
        key: Buffer.from('value'),
        none: Buffer.alloc(0),
      }),
      ([answer]) => {
        assert.deepEqual(rowsOf(answer).rows, [[1]]);
        assert.equal(prefixOf(answer).customPayload, null);
      },
    ),
    exchange(
      'QUERY that is traced',
      query(`SELECT id FROM ${KS}.users WHERE id = 1`, {}, EnvelopeFlag.TRACING),
      ([answer]) => {
        assert.equal(answer.flags & EnvelopeFlag.TRACING, EnvelopeFlag.TRACING);
        assert.match(prefixOf(answer).tracingId ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-/);
        assert.deepEqual(rowsOf(answer).rows, [[1]]);
      },
    ),
    exchange('QUERY that is warned of', query(`SELECT count(*) FROM ${KS}.users`), ([answer]) => {
      assert.equal(answer.flags, EnvelopeFlag.WARNING);
      assert.match(prefixOf(answer).warnings[0] ?? '', /without partition key/);
      assert.deepEqual(rowsOf(answer).rows, [[3n]]);
    }),
    exchange(
      'QUERY with a flag that nobody knows',
      {
        opcode: Opcode.QUERY,
        write: (writer) => {
          writer.writeLongString(`SELECT id FROM ${KS}.users WHERE id = 1`);
          writer.writeUint16(ConsistencyLevel.ONE);
          writer.writeInt32(0x4000_0000);
        },
      },
      ([answer]) => {
        assert.deepEqual(rowsOf(answer).rows, [[1]]);
      },
    ),
    exchange(
      'the highest stream id',
      { ...query(`SELECT id FROM ${KS}.users WHERE id = 1`), stream: 32767 },
      ([answer]) => {
        assert.equal(answer.stream, 32767);
      },
    ),
  ],
};

const errors: Conversation = {
  name: 'errors',
  given: () => [
    DROP,
    KEYSPACE_DDL,
    `CREATE TABLE ${KS}.users (id int PRIMARY KEY, name text)`,
    `INSERT INTO ${KS}.users (id, name) VALUES (1, 'Ann')`,
    `CREATE FUNCTION ${KS}.broken (v int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return 1 / (v - v);'`,
  ],
  finally: [DROP],
  exchanges: [
    exchange('SYNTAX_ERROR', query('SELEKT 1'), ([answer]) => {
      const error = errorOf(answer);
      assert.ok(error instanceof SyntaxException);
      assert.equal(error.protocolCode, 0x2000);
    }),
    exchange('INVALID: no such table', query(`SELECT * FROM ${KS}.nothing`), ([answer]) => {
      const error = errorOf(answer);
      assert.ok(error instanceof InvalidRequest);
      assert.equal(error.protocolCode, 0x2200);
    }),
    exchange(
      'CONFIG_ERROR',
      query("CREATE KEYSPACE wire_bad WITH replication = {'class': 'NoSuchStrategy'}"),
      ([answer]) => {
        assert.ok(errorOf(answer) instanceof ConfigurationException);
      },
    ),
    exchange('ALREADY_EXISTS of a keyspace', query(KEYSPACE_DDL), ([answer]) => {
      const error = errorOf(answer);
      assert.ok(error instanceof AlreadyExists);
      assert.deepEqual([error.keyspace, error.table], [KS, '']);
    }),
    exchange('ALREADY_EXISTS of a table', query(`CREATE TABLE ${KS}.users (id int PRIMARY KEY)`), ([answer]) => {
      const error = errorOf(answer);
      assert.ok(error instanceof AlreadyExists);
      assert.deepEqual([error.keyspace, error.table], [KS, 'users']);
    }),
    ...(['TWO', 'THREE'] as const).map((level) =>
      exchange(
        `UNAVAILABLE at ${level}`,
        query(`SELECT * FROM ${KS}.users WHERE id = 1`, { consistency: ConsistencyLevel[level] }),
        ([answer]) => {
          const error = errorOf(answer);
          assert.ok(error instanceof Unavailable);
          const { consistency, requiredReplicas, aliveReplicas } = error;
          const required = level === 'TWO' ? 2 : 3;
          assert.deepEqual(
            { consistency, requiredReplicas, aliveReplicas },
            { consistency: ConsistencyLevel[level], requiredReplicas: required, aliveReplicas: 1 },
          );
        },
      ),
    ),
    exchange('FUNCTION_FAILURE', query(`SELECT ${KS}.broken(id) FROM ${KS}.users WHERE id = 1`), ([answer]) => {
      const error = errorOf(answer);
      assert.ok(error instanceof FunctionFailure);
      assert.deepEqual([error.keyspace, error.functionName, error.argumentTypes], [KS, 'broken', ['int']]);
    }),
    exchange(
      'PROTOCOL_ERROR: a value shorter than any null',
      {
        opcode: Opcode.QUERY,
        write: (writer) => {
          writer.writeLongString(`SELECT * FROM ${KS}.users WHERE id = ?`);
          writer.writeUint16(ConsistencyLevel.ONE);
          writer.writeInt32(0x01);
          writer.writeUint16(1);
          writer.writeInt32(-3);
        },
      },
      ([answer]) => {
        assert.ok(errorOf(answer) instanceof ProtocolError);
      },
    ),
    exchange(
      'INVALID: fewer values than markers',
      queryWith(`SELECT * FROM ${KS}.users WHERE id = ?`, []),
      ([answer]) => {
        assert.ok(errorOf(answer) instanceof InvalidRequest);
      },
    ),
    exchange('USE of nothing', query('USE wire_no_such_keyspace'), ([answer]) => {
      assert.ok(errorOf(answer) instanceof InvalidRequest);
    }),
    exchange('the connection lives on after them all', OPTIONS, ([answer]) => {
      checkSupported(answer);
    }),
  ],
};

/** Bytes that LZ4 cannot shrink, the same ones every time. */
function noise(length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let i = 0; i * 32 < length; i++) blocks.push(createHash('sha256').update(String(i)).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

const HALF_MEGABYTE = 500_000;

function largeConversation(name: string, compression?: 'lz4'): Conversation {
  return {
    name,
    ...(compression === undefined ? {} : { compression }),
    given: () => [
      DROP,
      KEYSPACE_DDL,
      `CREATE TABLE ${KS}.large (id int PRIMARY KEY, v blob)`,
      `INSERT INTO ${KS}.large (id, v) VALUES (2, 0x${noise(20_000).toString('hex')})`,
    ],
    finally: [DROP],
    exchanges: [
      exchange('OPTIONS', OPTIONS, ([answer]) => {
        checkSupported(answer);
      }),
      exchange(
        'a request over several segments',
        queryWith(`INSERT INTO ${KS}.large (id, v) VALUES (?, ?)`, [int(1), Buffer.alloc(HALF_MEGABYTE, 'cassandra ')]),
        isEmpty,
      ),
      exchange('an answer over several segments', query(`SELECT v FROM ${KS}.large WHERE id = 1`), ([answer]) => {
        assert.ok(answer.body.length > HALF_MEGABYTE);
        assert.deepEqual(rowsOf(answer).rows, [[Buffer.alloc(HALF_MEGABYTE, 'cassandra ')]]);
      }),
      exchange('an answer that does not shrink', query(`SELECT v FROM ${KS}.large WHERE id = 2`), ([answer]) => {
        assert.deepEqual(rowsOf(answer).rows, [[noise(20_000)]]);
      }),
    ],
  };
}

export const CONVERSATIONS: readonly Conversation[] = [
  handshake,
  refusedStartup,
  types,
  schema,
  prepared,
  paging,
  settings,
  errors,
  largeConversation('large'),
  largeConversation('large-lz4', 'lz4'),
];
