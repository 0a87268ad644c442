import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from '../../../../src/errors.js';
import { ByteReader } from '../../../../src/protocol/byte-reader.js';
import { ByteWriter } from '../../../../src/protocol/byte-writer.js';
import { parseClassName } from '../../../../src/protocol/codec/class-name.js';
import { parseCqlType } from '../../../../src/protocol/codec/parse-cql-type.js';
import { cqlTypeName, type CqlType } from '../../../../src/protocol/codec/cql-type.js';
import { readType } from '../../../../src/protocol/codec/read-type.js';
import { ADDRESS, hex, typeOf } from './support.js';

const P = 'org.apache.cassandra.db.marshal.';

test('class names of a server become types', () => {
  const cases: [string, string][] = [
    [`${P}VectorType(${P}FloatType , 3)`, 'vector<float, 3>'], // as 5.0 and 6.0 write it
    [`${P}UTF8Type`, 'text'],
    ['Int32Type', 'int'],
    [`${P}ReversedType(${P}TimeUUIDType)`, 'timeuuid'],
    [`${P}FrozenType(${P}ListType(${P}LongType))`, 'frozen<list<bigint>>'],
    [`${P}MapType(${P}UTF8Type,${P}FrozenType(${P}SetType(${P}Int32Type)))`, 'map<text, frozen<set<int>>>'],
    [`${P}TupleType(${P}SimpleDateType,${P}TimeType,${P}DurationType)`, 'tuple<date, time, duration>'],
    [`${P}VectorType(${P}VectorType(${P}ShortType , 2) , 10)`, 'vector<vector<smallint, 2>, 10>'],
    [`${P}CompositeType(${P}UTF8Type,${P}Int32Type)`, `'${P}CompositeType(${P}UTF8Type,${P}Int32Type)'`],
    [`${P}DynamicCompositeType(a=>${P}AsciiType,b=>${P}BytesType)`, `'${P}DynamicCompositeType(a=>${P}AsciiType,b=>${P}BytesType)'`], // prettier-ignore
    [`${P}ListType(org.example.Own(1,(2)))`, "list<'org.example.Own(1,(2))'>"],
    // A class that is only called like one of the server's.
    ['org.example.Int32Type', "'org.example.Int32Type'"],
  ];
  for (const [name, cql] of cases) assert.equal(cqlTypeName(parseClassName(name)), cql, name);
});

test('a user type in a class name has hexadecimal names', () => {
  const name = `${P}FrozenType(${P}UserType(ks,61646472657373,737472656574:${P}UTF8Type,c3a9:${P}ListType(${P}Int32Type)))`;
  assert.deepEqual(parseClassName(name), {
    kind: 'udt',
    keyspace: 'ks',
    name: 'address',
    frozen: true,
    fields: [
      { name: 'street', type: { kind: 'scalar', name: 'text' } },
      { name: 'é', type: { kind: 'list', element: { kind: 'scalar', name: 'int' }, frozen: false } },
    ],
  });
});

test('class names that are none are refused', () => {
  for (const bad of [
    '',
    '(',
    `${P}ListType`,
    `${P}ListType(`,
    `${P}ListType()`,
    `${P}ListType(Int32Type`,
    `${P}ListType(Int32Type))`,
    `${P}MapType(Int32Type)`,
    `${P}VectorType(FloatType , 0)`,
    `${P}VectorType(FloatType , -1)`,
    `${P}VectorType(FloatType , 9999999999)`,
    `${P}UserType(ks,6g)`,
    'Own(((',
    `${P}FrozenType(`.repeat(100),
  ]) {
    assert.throws(() => parseClassName(bad), ProtocolError, bad.slice(0, 100));
  }
});

test('CQL texts become types, and types CQL texts', () => {
  for (const text of [
    'int',
    'map<text, frozen<list<int>>>',
    'vector<float, 3>',
    'frozen<address>',
    'tuple<int, text, frozen<set<uuid>>>',
    "'org.example.Own'",
    'list<frozen<map<timeuuid, frozen<tuple<inet, duration>>>>>'.replace('frozen<tuple<inet, duration>>', 'tuple<inet, duration>'), // prettier-ignore
  ]) {
    assert.equal(cqlTypeName(typeOf(text)), text);
  }
  assert.equal(cqlTypeName(parseCqlType(' MAP< VarChar ,INT > ')), 'map<text, int>');
  assert.equal(cqlTypeName(parseCqlType(`'${P}VectorType(${P}FloatType , 3)'`)), 'vector<float, 3>');
});

test('user types are asked for by name, folded unless quoted', () => {
  const asked: (readonly [string, string | undefined])[] = [];
  const resolve = (name: string, keyspace: string | undefined): typeof ADDRESS => {
    asked.push([name, keyspace]);
    return ADDRESS;
  };
  for (const text of ['Address', '"Address"', 'KS.Address', '"K""s"."A b"', 'list<frozen<ks."T">>']) {
    parseCqlType(text, resolve);
  }
  assert.deepEqual(asked, [
    ['address', undefined],
    ['Address', undefined],
    ['address', 'ks'],
    ['A b', 'K"s'],
    ['T', 'ks'],
  ]);
});

test('CQL texts that are no types are refused', () => {
  for (const bad of [
    '',
    ' ',
    '<',
    'list',
    'list<>',
    'list<int',
    'list<int>>',
    'map<int>',
    'vector<float>',
    'vector<float, 0>',
    'vector<float, x>',
    'int int',
    'int<text>',
    '5',
    'ks.',
    'unknown',
    'list<'.repeat(100) + 'int' + '>'.repeat(100),
  ]) {
    assert.throws(() => parseCqlType(bad), ProtocolError, bad.slice(0, 50));
  }
});

function read(bytes: Buffer): CqlType {
  return readType(new ByteReader(bytes));
}

test('the options of the wire become types', () => {
  const cases: [string, string][] = [
    ['0009', 'int'],
    ['000a', 'text'],
    ['000d', 'text'],
    ['0015', 'duration'],
    ['0020 000c', 'list<uuid>'],
    ['0022 0021 000d 0020 0002', 'set<map<text, list<bigint>>>'],
    ['0031 0002 0009 000d', 'tuple<int, text>'],
    ['0000 0008 496e743332547970', "'Int32Typ'"],
    ['0030 0002 6b73 0001 75 0001 0001 66 0009', 'u'],
  ];
  for (const [bytes, cql] of cases) assert.equal(cqlTypeName(read(hex(bytes))), cql);
  const writer = new ByteWriter();
  writer.writeUint16(0);
  writer.writeString(`${P}VectorType(${P}FloatType , 3)`);
  assert.deepEqual(read(writer.toBuffer()), typeOf('vector<float, 3>'));
  writer.writeUint16(0x30);
});

test('options that are none are refused, without trusting a count or a depth', () => {
  for (const bad of [
    '',
    '00',
    '0016',
    '0020',
    '0031 ffff 0009',
    '0030 0000 0000 ffff',
    '0000 ffff',
    '0020'.repeat(70),
  ]) {
    assert.throws(() => read(hex(bad)), ProtocolError, bad);
  }
});

test('random options and names give a type or a ProtocolError', () => {
  const orProtocolError = (attempt: () => unknown): void => {
    try {
      attempt();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  };
  const option = fc.constantFrom('0020', '0021', '0022', '0030', '0031', '0000', '0009', '0001', '0002', 'ffff', '61');
  fc.assert(
    fc.property(fc.array(option, { maxLength: 60 }), (options) => {
      orProtocolError(() => read(hex(options.join(''))));
    }),
    { numRuns: 2000 },
  );
  const word = fc.constantFrom(P, 'ListType', 'MapType', 'UserType', 'VectorType', 'FloatType', '(', ')', ',', ':', ' ', '3', '61', 'list', 'map', '<', '>', '"', "'", 'ks', '.'); // prettier-ignore
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      orProtocolError(() => parseClassName(words.join('')));
      orProtocolError(() => parseCqlType(words.join('')));
    }),
    { numRuns: 2000 },
  );
});
