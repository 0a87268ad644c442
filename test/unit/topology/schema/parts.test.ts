import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AggregateMetadata } from '../../../../src/topology/schema/aggregate-metadata.js';
import { columnCql, type ColumnMetadata } from '../../../../src/topology/schema/column-metadata.js';
import {
  cqlBody,
  cqlFunctionName,
  cqlName,
  cqlString,
  cqlTextMap,
  cqlUserTypeName,
  qualifiedName,
} from '../../../../src/topology/schema/ddl-text.js';
import { FunctionMetadata } from '../../../../src/topology/schema/function-metadata.js';
import { IndexMetadata } from '../../../../src/topology/schema/index-metadata.js';
import { TriggerMetadata } from '../../../../src/topology/schema/trigger-metadata.js';
import {
  argumentTypeCql,
  findOverload,
  namesInType,
  typeCql,
  unfrozen,
} from '../../../../src/topology/schema/type-text.js';
import { UserTypeMetadata } from '../../../../src/topology/schema/user-type-metadata.js';

test('identifiers are quoted where they must be, and only there', () => {
  for (const plain of ['a', 'a_1', 'list', 'key', 'timestamp', 'user_type', 'static', 'counter']) {
    assert.equal(cqlName(plain), plain);
  }
  for (const word of [
    'select',
    'token',
    'order',
    'full',
    'entries',
    'materialized',
    'nan',
    'schema',
    'default',
    'true',
    'false',
  ]) {
    assert.equal(cqlName(word), `"${word}"`);
  }
  assert.equal(cqlName('Upper'), '"Upper"');
  assert.equal(cqlName('a b'), '"a b"');
  assert.equal(cqlName('1a'), '"1a"');
  assert.equal(cqlName('_a'), '"_a"');
  assert.equal(cqlName(''), '""');
  assert.equal(cqlName('größe'), '"größe"');
  assert.equal(cqlName('a"b""'), '"a""b"""""');
  assert.equal(qualifiedName('Ks', 'table'), '"Ks"."table"');
});

test('functions and user types are quoted where the grammar takes fewer names', () => {
  for (const word of ['key', 'json', 'ttl', 'writetime', 'maxwritetime', 'cast', 'count', 'distinct']) {
    assert.equal(cqlFunctionName(word), `"${word}"`);
    assert.equal(cqlName(word), word);
  }
  for (const word of ['json', 'ttl', 'cast', 'count', 'byte', 'enum', 'interval', 'date', 'varchar', 'text', 'true']) {
    assert.equal(cqlUserTypeName(word), `"${word}"`);
  }
  assert.equal(cqlFunctionName('text'), 'text');
  assert.equal(cqlFunctionName('Upper'), '"Upper"');
  assert.equal(cqlFunctionName('token'), '"token"');
  assert.equal(cqlUserTypeName('key'), 'key');
  assert.equal(cqlUserTypeName('list'), 'list');
  assert.equal(cqlUserTypeName('set'), '"set"');
});

test('user types in types are quoted where they would be read as something else', () => {
  assert.equal(typeCql('map<text, frozen<set<int>>>'), 'map<text, frozen<set<int>>>');
  assert.equal(typeCql('list<frozen<json>>'), 'list<frozen<"json">>');
  assert.equal(typeCql('tuple<date, frozen<date>, true>'), 'tuple<date, frozen<"date">, "true">');
  assert.equal(typeCql('frozen<"json">'), 'frozen<"json">');
  assert.equal(typeCql('frozen<date>'), 'frozen<"date">');
  assert.equal(argumentTypeCql('frozen<date>'), '"date"');
  assert.equal(argumentTypeCql('frozen<list<frozen<ttl>>>'), 'list<frozen<"ttl">>');
  assert.equal(typeCql(`'org.x.json'`), `'org.x.json'`);
});

test('the type that compact storage leaves in columns is named by its class', () => {
  assert.equal(columnCql({ ...COLUMN, type: 'empty' }), `v 'org.apache.cassandra.db.marshal.EmptyType'`);
  assert.equal(columnCql({ ...COLUMN, type: 'frozen<empty>' }), 'v frozen<empty>');
});

test('strings and maps are escaped', () => {
  assert.equal(cqlString("it's ''"), "'it''s '''''");
  assert.equal(cqlString('a\n"b"'), `'a\n"b"'`);
  assert.equal(cqlTextMap({}), '{}');
  const map = Object.fromEntries([
    ['class', 'X'],
    ["k'", "v'"],
    ['__proto__', 'p'],
  ]);
  assert.equal(cqlTextMap(map), "{'class': 'X', 'k''': 'v''', '__proto__': 'p'}");
});

test("a function's body is quoted with what it does not hold", () => {
  assert.equal(cqlBody("return 'a';"), "$$return 'a';$$");
  assert.equal(cqlBody("$$ it's"), "'$$ it''s'");
  assert.equal(cqlBody('ends with $'), "'ends with $'");
  assert.equal(cqlBody('$ first'), '$$$ first$$');
});

const COLUMN: ColumnMetadata = { name: 'v', type: 'text', kind: 'regular', mask: null };

test('columns: static ones, odd names and types', () => {
  assert.equal(columnCql(COLUMN), 'v text');
  assert.equal(columnCql({ ...COLUMN, kind: 'static' }), 'v text static');
  assert.equal(columnCql({ ...COLUMN, name: 'Order', type: "'a.server.Type'" }), `"Order" 'a.server.Type'`);
});

test('column masks: each kind of argument', () => {
  const masked = (...args: [type: string, value: string | null][]): string =>
    columnCql({
      ...COLUMN,
      kind: 'static',
      mask: { keyspace: 'system', name: 'mask_it', arguments: args.map(([type, value]) => ({ type, value })) },
    });
  assert.equal(masked(), 'v text static MASKED WITH system.mask_it()');
  assert.equal(
    masked(['int', '1'], ['int', null], ['text', "it's"]),
    "v text static MASKED WITH system.mask_it(1, null, 'it''s')",
  );
  assert.equal(masked(['blob', '00ff']), 'v text static MASKED WITH system.mask_it(0x00ff)');
  assert.equal(
    masked(['uuid', '00000000-0000-0000-0000-000000000000'], ['boolean', 'true'], ['duration', '1mo']),
    'v text static MASKED WITH system.mask_it(00000000-0000-0000-0000-000000000000, true, 1mo)',
  );
  assert.equal(
    masked(['timestamp', '2020-01-01T00:00:00.000Z'], ['inet', '::1']),
    "v text static MASKED WITH system.mask_it('2020-01-01T00:00:00.000Z', '::1')",
  );
  // Not of the argument's type: the server refuses it, and makes no other mask.
  assert.equal(masked(['frozen<list<int>>', '0001']), 'v text static MASKED WITH system.mask_it(0x0001)');
  assert.equal(masked(['frozen<tuple<int>>', '1']), "v text static MASKED WITH system.mask_it('1')");
});

test('a mask by a function of a keyspace with an odd name', () => {
  const mask = { keyspace: 'My ks', name: 'Fn', arguments: [] };
  assert.equal(columnCql({ ...COLUMN, mask }), 'v text MASKED WITH "My ks"."Fn"()');
});

test('indexes: plain, custom, custom with options', () => {
  const facts = {
    keyspace: 'ks',
    table: 'T',
    name: 'By v',
    kind: 'COMPOSITES',
    target: 'v',
    className: null,
    options: {},
  };
  assert.equal(new IndexMetadata(facts).toCql(), 'CREATE INDEX "By v" ON ks."T" (v);');
  for (const target of ['keys(m)', 'values("M")', 'entries(m)', 'full(l)', '"V ""2"""']) {
    assert.equal(new IndexMetadata({ ...facts, target }).toCql(), `CREATE INDEX "By v" ON ks."T" (${target});`);
  }
  for (const target of ['true', 'keys(false)', 'full(true)']) {
    const quoted = target.replace(/true|false/, '"$&"');
    assert.equal(new IndexMetadata({ ...facts, target }).toCql(), `CREATE INDEX "By v" ON ks."T" (${quoted});`);
  }
  const sai = new IndexMetadata({ ...facts, kind: 'CUSTOM', className: 'sai' });
  assert.equal(sai.toCql(), `CREATE CUSTOM INDEX "By v" ON ks."T" (v) USING 'sai';`);
  const options = { case_sensitive: 'false', odd: "it's" };
  assert.equal(
    new IndexMetadata({ ...facts, kind: 'CUSTOM', className: 'a.b.C', options }).toCql(),
    `CREATE CUSTOM INDEX "By v" ON ks."T" (v) USING 'a.b.C' WITH OPTIONS = {'case_sensitive': 'false', 'odd': 'it''s'};`,
  );
});

test('names that only functions and user types must quote', () => {
  const fn = new FunctionMetadata({ ...FUNCTION, name: 'json', argumentNames: ['key', 'ttl'] });
  assert.match(fn.toCql(), /^CREATE FUNCTION ks\."json" \(key tuple<int, frozen<t>>, ttl list/);
  const aggregate = new AggregateMetadata({
    keyspace: 'ks',
    name: 'ttl',
    argumentTypes: ['frozen<byte>'],
    stateFunction: 'key',
    stateType: 'frozen<date>',
    finalFunction: 'cast',
    initialCondition: null,
    returnType: 'int',
  });
  assert.equal(
    aggregate.toCql(),
    'CREATE AGGREGATE ks."ttl" ("byte")\n  SFUNC "key"\n  STYPE "date"\n  FINALFUNC "cast";',
  );
  const mask = { keyspace: 'ks', name: 'key', arguments: [] };
  assert.equal(columnCql({ ...COLUMN, mask }), 'v text MASKED WITH ks."key"()');
  const type = new UserTypeMetadata('ks', 'date', [{ name: 'json', type: 'frozen<json>' }]);
  assert.equal(type.toCql(), 'CREATE TYPE ks."date" (\n  json frozen<"json">\n);');
});

test('triggers', () => {
  const trigger = new TriggerMetadata({ keyspace: 'ks', table: 'T', name: 'My trigger', className: "a.It's" });
  assert.equal(trigger.toCql(), `CREATE TRIGGER "My trigger" ON ks."T" USING 'a.It''s';`);
});

test('user types', () => {
  const type = new UserTypeMetadata('ks', 'Type', [
    { name: 'a', type: 'int' },
    { name: 'To', type: 'frozen<map<text, frozen<"Other">>>' },
  ]);
  assert.equal(type.toCql(), 'CREATE TYPE ks."Type" (\n  a int,\n  "To" frozen<map<text, frozen<"Other">>>\n);');
});

const FUNCTION = {
  keyspace: 'ks',
  name: 'fn',
  argumentNames: ['s', 'Value'],
  argumentTypes: ['frozen<tuple<int, frozen<t>>>', 'list<frozen<t>>'],
  returnType: 'frozen<tuple<int, frozen<t>>>',
  language: 'java',
  body: 'return s;',
  calledOnNullInput: true,
};

test('functions: arguments and results are written without the frozen that the schema tables have', () => {
  assert.equal(
    new FunctionMetadata(FUNCTION).toCql(),
    'CREATE FUNCTION ks.fn (s tuple<int, frozen<t>>, "Value" list<frozen<t>>)\n  CALLED ON NULL INPUT\n' +
      '  RETURNS tuple<int, frozen<t>>\n  LANGUAGE java\n  AS $$return s;$$;',
  );
  const none = new FunctionMetadata({ ...FUNCTION, argumentNames: [], argumentTypes: [], calledOnNullInput: false });
  assert.match(none.toCql(), /^CREATE FUNCTION ks\.fn \(\)\n {2}RETURNS NULL ON NULL INPUT\n/);
});

test('aggregates: with and without final function and initial condition', () => {
  const facts = {
    keyspace: 'ks',
    name: 'Sum',
    argumentTypes: ['int', 'frozen<t>'],
    stateFunction: 'plus',
    stateType: 'frozen<tuple<int, int>>',
    finalFunction: null,
    initialCondition: null,
    returnType: 'int',
  };
  assert.equal(
    new AggregateMetadata(facts).toCql(),
    'CREATE AGGREGATE ks."Sum" (int, t)\n  SFUNC plus\n  STYPE tuple<int, int>;',
  );
  assert.equal(
    new AggregateMetadata({ ...facts, finalFunction: 'Last', initialCondition: '(1, 2)' }).toCql(),
    'CREATE AGGREGATE ks."Sum" (int, t)\n  SFUNC plus\n  STYPE tuple<int, int>\n  FINALFUNC "Last"\n  INITCOND (1, 2);',
  );
});

test('initial conditions that older servers tell without quotes', () => {
  const initial = (stateType: string, initialCondition: string): string =>
    /INITCOND (.*);$/.exec(
      new AggregateMetadata({
        keyspace: 'ks',
        name: 'a',
        argumentTypes: ['int'],
        stateFunction: 'f',
        stateType,
        finalFunction: null,
        initialCondition,
        returnType: stateType,
      }).toCql(),
    )?.[1] ?? '';
  assert.equal(initial('timestamp', '2020-01-01T00:00:00.000Z'), "'2020-01-01T00:00:00.000Z'");
  assert.equal(initial('date', '2020-01-01'), "'2020-01-01'");
  assert.equal(initial('time', '10:00:00.000000000'), "'10:00:00.000000000'");
  assert.equal(initial('inet', '::1'), "'::1'");
  assert.equal(initial('inet', "'::1'"), "'::1'");
  assert.equal(initial('int', '5'), '5');
  assert.equal(initial('list<date>', "['2020-01-01']"), "['2020-01-01']");
});

test('the names in a type', () => {
  assert.deepEqual(namesInType('map<text, frozen<"A ""b""">>'), ['map', 'text', 'frozen', 'A "b"']);
  assert.deepEqual(namesInType(`list<'org.x.Address'>`), ['list']);
  assert.deepEqual(namesInType('vector<ADDRESS, 3>'), ['vector', 'address', '3']);
});

test('only a frozen around the whole is taken off', () => {
  assert.equal(unfrozen('frozen<list<int>>'), 'list<int>');
  assert.equal(unfrozen('list<frozen<t>>'), 'list<frozen<t>>');
  assert.equal(unfrozen('frozen'), 'frozen');
});

test('overloads are found by their argument types, in whatever spelling', () => {
  const list = [
    { argumentTypes: ['int'] },
    { argumentTypes: ['text', 'frozen<map<text, frozen<"T">>>'] },
    { argumentTypes: ['text', 'map<text, t>'] },
    { argumentTypes: [] },
  ] as const;
  const [one, quoted, lower, none] = list;
  assert.equal(findOverload(list, ['INT']), one);
  assert.equal(findOverload(list, ['varchar', 'map<text,"T">']), quoted);
  assert.equal(findOverload(list, ['text', 'Frozen < map < varchar , frozen<"t"> > >']), lower);
  assert.equal(findOverload(list, []), none);
  assert.equal(findOverload(list, ['bigint']), null);
  assert.equal(findOverload(list, ['int', 'int']), null);
  assert.equal(findOverload([], []), null);
});
