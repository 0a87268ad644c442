import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidParameter } from '../../../src/errors.js';
import { ByteWriter } from '../../../src/protocol/byte-writer.js';
import { CodecRegistry } from '../../../src/protocol/codec/registry.js';
import type { CqlType } from '../../../src/protocol/codec/cql-type.js';
import { boundPartsOf } from '../../../src/statement/bound-statement.js';
import { ENCODED_VALUES, EncodedValues } from '../../../src/statement/encoded-values.js';
import { ResultShape } from '../../../src/statement/result-shape.js';
import { PreparedStatement, preparedQueryOf } from '../../../src/statement/prepared-statement.js';
import { column, INT, preparedQuery, TEXT } from './support.js';

function key(query: ReturnType<typeof preparedQuery>, parameters: unknown): string | null {
  const writer = new ByteWriter(4);
  return query.writeRoutingKey(writer, parameters) ? writer.toBuffer().toString('hex') : null;
}

test('a prepared statement tells its markers and columns as CQL text', () => {
  const map: CqlType = { kind: 'map', key: TEXT, value: INT, frozen: false };
  const statement = new PreparedStatement(
    preparedQuery('SELECT a FROM t WHERE id = ?', {
      bindColumns: [column('id', INT)],
      resultColumns: [column('a', map)],
    }),
  );
  assert.equal(statement.query, 'SELECT a FROM t WHERE id = ?');
  assert.deepEqual(statement.parameters, [{ name: 'id', type: 'int' }]);
  assert.deepEqual(statement.columns, [{ keyspace: 'ks', table: 't', name: 'a', type: 'map<text, int>' }]);
  assert.equal(preparedQueryOf(statement).isSelect, true);
});

test('the prepared query is not on the public surface', () => {
  const statement = new PreparedStatement(preparedQuery());
  assert.deepEqual(
    Object.keys(statement).filter((name) => (statement as unknown as Record<string, unknown>)[name] !== undefined),
    [],
  );
});

test('bind encodes at once: later changes of the array change nothing', () => {
  const values: unknown[] = [1, 'a'];
  const bound = new PreparedStatement(preparedQuery()).bind(values);
  values[0] = 'no longer a number';
  const { values: encoded } = boundPartsOf(bound);
  assert.equal(encoded.bytes.toString('hex'), '0002' + '00000004' + '00000001' + '00000001' + '61');
  const writer = new ByteWriter(2);
  ENCODED_VALUES.write(writer, encoded);
  assert.deepEqual(writer.toBuffer(), encoded.bytes);
  assert.deepEqual(
    boundPartsOf(new PreparedStatement(preparedQuery()).bind({ name: 'a', ID: 1 })).values.bytes,
    encoded.bytes,
  );
});

test('bind refuses a value that does not fit, and can bind again after', () => {
  const statement = new PreparedStatement(preparedQuery());
  assert.throws(() => statement.bind(['x', 'a']), InvalidParameter);
  assert.throws(() => statement.bind([1]), InvalidParameter);
  assert.throws(() => statement.bind(), InvalidParameter);
  assert.equal(
    boundPartsOf(statement.bind([1, undefined])).values.bytes.toString('hex'),
    '00020000000400000001fffffffe',
  );
});

test('a codec that binds while it is bound does not spoil the outer values', () => {
  const inner = new PreparedStatement(preparedQuery());
  const registry = new CodecRegistry({
    codecs: [
      {
        type: 'int',
        decode: (value) => value,
        encode: (value) => {
          inner.bind([99, 'inner']);
          return value;
        },
      },
    ],
  });
  const outer = new PreparedStatement(preparedQuery(undefined, {}, registry));
  assert.equal(
    boundPartsOf(outer.bind([7, 'b'])).values.bytes.toString('hex'),
    '0002' + '00000004' + '00000007' + '00000001' + '62',
  );
});

test('a large statement is bound whole, and small ones after it', () => {
  const statement = new PreparedStatement(preparedQuery());
  const large = 'x'.repeat(3 * 1024 * 1024);
  assert.equal(boundPartsOf(statement.bind([1, large])).values.bytes.length, 2 + 8 + 4 + large.length);
  assert.equal(boundPartsOf(statement.bind([1, 'a'])).values.bytes.length, 2 + 8 + 5);
});

test('a bound statement begins with the settings of its statement and then has its own', () => {
  const statement = new PreparedStatement(preparedQuery());
  statement.isIdempotent = true;
  statement.fetchSize = 10;
  const bound = statement.bind([1, 'a']);
  assert.equal(bound.isIdempotent, true);
  assert.equal(bound.query, statement.query);
  bound.fetchSize = 20;
  assert.equal(statement.fetchSize, 10);
});

test('two statements of one query have settings of their own (a stream wrote its fetch size into the shared one)', () => {
  const query = preparedQuery();
  const one = new PreparedStatement(query);
  one.fetchSize = 10;
  assert.equal(new PreparedStatement(query).fetchSize, undefined);
});

test('the routing key of encoded values is that of the parameters', () => {
  const single = preparedQuery();
  const composite = preparedQuery(undefined, { pkIndexes: [1, 0] });
  for (const query of [single, composite]) {
    const { values } = boundPartsOf(new PreparedStatement(query).bind([258, 'ab']));
    assert.equal(key(query, values), key(query, [258, 'ab']));
  }
  assert.equal(key(single, [258, 'ab']), '00000102');
  assert.equal(key(composite, [258, 'ab']), '0002' + '6162' + '00' + '0004' + '00000102' + '00');
});

test('there is no routing key if a component is null, unset, too long or not among the markers', () => {
  const composite = preparedQuery(undefined, { pkIndexes: [0, 1] });
  const statement = new PreparedStatement(composite);
  for (const parameters of [
    [1, null],
    [1, undefined],
    [1, 'x'.repeat(0x10000)],
  ]) {
    assert.equal(key(composite, parameters), null);
    assert.equal(key(composite, boundPartsOf(statement.bind(parameters)).values), null);
  }
  const none = preparedQuery(undefined, { pkIndexes: [] });
  assert.equal(key(none, [1, 'a']), null);
  assert.equal(key(none, new EncodedValues(Buffer.from([0, 0]))), null);
});

test('metadata is never skipped without columns of the same id (LIST ROLES lost its rows)', () => {
  const columns = [column('a', INT)];
  assert.equal(preparedQuery('LIST ROLES', { resultColumns: [] }).shape, null);
  assert.equal(preparedQuery('INSERT INTO t', { resultColumns: null }).shape, null);
  const select = preparedQuery('SELECT a FROM t', { resultColumns: columns });
  assert.equal(select.shape?.metadataId.toString(), 'meta');
  assert.equal(select.shape.columns, columns);
});

test('a conditional statement has no shape, whatever the server says (its columns depend on the outcome)', () => {
  const query = preparedQuery('UPDATE t SET a = 1 WHERE id = ? IF a = 2', {
    resultColumns: [column('[applied]', INT)],
  });
  assert.equal(query.isLwt, true);
  assert.equal(query.shape, null);
  query.shape = new ResultShape(Buffer.from('x'), [column('a', INT)], new CodecRegistry());
  assert.equal(query.shape, null);
});

test('a user type that is registered later makes other plans', () => {
  class Point {
    x = 0;
  }
  const registry = new CodecRegistry();
  const type: CqlType = {
    kind: 'udt',
    keyspace: 'ks',
    name: 'point',
    fields: [{ name: 'x', type: INT }],
    frozen: true,
  };
  const query = preparedQuery(
    'SELECT p FROM t',
    { bindColumns: [column('p', type)], resultColumns: [column('p', type)] },
    registry,
  );
  const { shape, bindPlan } = query;
  assert.ok(shape);
  const { objects, arrays } = shape;
  assert.equal(query.bindPlan, bindPlan);
  assert.equal(shape.objects, objects);
  registry.registerUserType('ks', 'point', Point);
  assert.notEqual(query.bindPlan, bindPlan);
  assert.notEqual(shape.objects, objects);
  assert.notEqual(shape.arrays, arrays);
  const cell = Buffer.from('00000008' + '00000004' + '00000009', 'hex');
  const rows: unknown[] = [];
  shape.objects.decodeRows(cell, 0, cell.length, 1, rows);
  assert.ok((rows[0] as { p: unknown }).p instanceof Point);
});

test('the id of a statement is what the server gave, whatever its length', () => {
  for (const id of [Buffer.alloc(0), Buffer.from('i'), Buffer.from('an id of 16 byte')]) {
    assert.deepEqual(preparedQuery('SELECT', { id }).id, id);
  }
});

test('what EXECUTE begins with follows the metadata id', () => {
  const query = preparedQuery('SELECT', { id: Buffer.from('id'), resultMetadataId: Buffer.from('none') });
  const shapes = ['one', 'two'].map((id) => new ResultShape(Buffer.from(id), [], new CodecRegistry()));
  for (const shape of [null, shapes[0], shapes[1], shapes[1], shapes[0], null]) {
    const text = query.executeHead(shape ?? null).toString('latin1');
    const id = shape?.metadataId.toString() ?? 'none';
    assert.equal(text, `\0\x02id\0${String.fromCharCode(id.length)}${id}`);
  }
  assert.equal(query.executeHead(null), query.executeHead(null));
});
