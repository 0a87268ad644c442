import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindParameters, parseValue } from '../../../src/cli/parameters.js';
import { parseType } from '../../../src/cli/text/cql-type.js';
import { UsageError } from '../../../src/cli/usage-error.js';
import { CqlDuration, Decimal } from '../../../src/index.js';

const ID = '5132b130-ae79-11e4-ab27-0800200c9a66';

const READ: readonly (readonly [string, string, unknown])[] = [
  ['text', 'as it is', 'as it is'],
  ['text', 'null', 'null'],
  ['text', '', ''],
  ['ascii', '42', '42'],
  ['int', '-42', -42n],
  ['int', 'null', null],
  ['bigint', '9223372036854775807', 2n ** 63n - 1n],
  ['varint', '+99999999999999999999', 99999999999999999999n],
  ['double', '1.5e3', 1500],
  ['double', '-.5', -0.5],
  ['float', '-Infinity', -Infinity],
  ['double', 'NaN', NaN],
  ['decimal', '12.50', Decimal.parse('12.50')],
  ['duration', '1h30m', CqlDuration.parse('1h30m')],
  ['boolean', 'TRUE', true],
  ['timestamp', '2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z'],
  ['timestamp', '1700000000000', 1_700_000_000_000],
  ['uuid', ID, ID],
  ['date', '2026-01-31', '2026-01-31'],
  ['time', '12:30:00', '12:30:00'],
  ['inet', '::1', '::1'],
  ['blob', '0xCAFE', Buffer.from([0xca, 0xfe])],
  ['blob', '0x', Buffer.alloc(0)],
  ["'a.server.Class'", '0x01', Buffer.from([1])],
  ['list<int>', '[1, 2]', [1, 2]],
  ['list<text>', '["null", "1"]', ['null', '1']],
  ['frozen<set<blob>>', '["0x01"]', [Buffer.from([1])]],
  ['list<bigint>', '["9223372036854775807", 5]', [2n ** 63n - 1n, 5]],
  ['list<bigint>', '[9223372036854775807, -9223372036854775808, 5, 1e3]', [2n ** 63n - 1n, -(2n ** 63n), 5, 1000]],
  ['set<varint>', '[12345678901234567890]', [12345678901234567890n]],
  ['list<decimal>', '[0.12345678901234567890, 1.50]', [Decimal.parse('0.12345678901234567890'), Decimal.parse('1.50')]],
  ['list<text>', '["[0.5, \\"1.50\\"]"]', ['[0.5, "1.50"]']],
  ['tuple<int, decimal>', '[1, 12345678901234567890]', [1, Decimal.parse('12345678901234567890')]],
  [
    'map<text, frozen<list<decimal>>>',
    '{"1": [], "__proto__": [1.10]}',
    new Map([
      ['1', []],
      ['__proto__', [Decimal.parse('1.10')]],
    ]),
  ],
  ['map<decimal, decimal>', '[[0.10, 1e400]]', new Map([[Decimal.parse('0.10'), Decimal.parse('1e400')]])],
  ['map<int, text>', '{"1": "a"}', new Map([[1n, 'a']])],
  ['map<text, frozen<list<double>>>', '{"a": ["NaN", 1]}', new Map([['a', [NaN, 1]]])],
  ['map<frozen<list<int>>, int>', '[[[1, 2], 3]]', new Map([[[1, 2], 3]])],
  ['tuple<int, text, uuid>', `[1, "a", "${ID}"]`, [1, 'a', ID]],
  ['tuple<int, text>', '[null, "a"]', [null, 'a']],
  ['vector<float, 2>', '[0.5, 1]', [0.5, 1]],
  ['address', '{"street": "Main", "zip": 7}', { street: 'Main', zip: 7 }],
];

test('a text is read as the type wants it', () => {
  for (const [type, text, value] of READ) assert.deepEqual(parseValue(text, parseType(type)), value, `${type} ${text}`);
});

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['int', '4.2', /from -2147483648 to 2147483647/],
  ['int', '2147483648', /from -2147483648 to 2147483647/],
  ['tinyint', '128', /from -128 to 127/],
  ['bigint', '9223372036854775808', /from -9223372036854775808 to/],
  ['varint', 'x', /a whole number$/],
  ['double', '0x10', /a number such as 1.5/],
  ['double', '', /a number such as 1.5/],
  ['decimal', 'abc', /a decimal number such as 12.50/],
  ['duration', '1x', /a duration such as/],
  ['boolean', 'yes', /true or false/],
  ['timestamp', 'yesterday', /an ISO 8601 instant such as/],
  ['blob', 'cafe', /hexadecimal, such as 0xcafe/],
  ['blob', '0xabc', /hexadecimal/],
  ['list<int>', '1, 2', /JSON, such as '\["a", "b"\]'/],
  ['list<int>', '{"a": 1}', /a JSON array for list/],
  ['map<text, int>', '[1]', /a JSON object for map/],
  ['map<text, int>', '1', /a JSON object for map/],
  ['list<bigint>', '[9223372036854775808]', /from -9223372036854775808 to/],
  ['list<int>', '[1e400, 12345678901234567890]', /from -2147483648 to/],
  ['list<int>', '["x"]', /a whole number from/],
  ['address', 'Main', /JSON, such as '{"field": "value"}'/],
];

test('a text that does not fit is refused by the parameter, its type and what would fit, never by what came', () => {
  for (const [type, text, told] of REFUSED) {
    assert.throws(
      () => bindParameters([`secret=${text}`], [{ name: 'secret', type }]),
      (error: unknown) => {
        assert.ok(error instanceof UsageError, type);
        assert.ok(error.message.startsWith(`The parameter secret (${type}) must be `), error.message);
        assert.match(error.message, told);
        return true;
      },
      `${type} ${text}`,
    );
  }
});

const MARKERS = [
  { name: 'id', type: 'int' },
  { name: 'name', type: 'text' },
];

test('by position, and by name in any order, with the case that CQL folds', () => {
  assert.deepEqual(bindParameters(['1', 'a=b'], MARKERS), [1n, 'a=b']);
  assert.deepEqual(bindParameters(['NAME=a=b', 'id=1'], MARKERS), [1n, 'a=b']);
  assert.deepEqual(bindParameters(['name='], [{ name: 'name', type: 'text' }]), ['']);
  assert.deepEqual(
    bindParameters(
      ['B=2', 'b=1'],
      [
        { name: 'b', type: 'int' },
        { name: 'B', type: 'int' },
      ],
    ),
    [1n, 2n],
  );
});

function refusal(given: readonly string[], markers = MARKERS): string {
  try {
    bindParameters(given, markers);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return `${error.message}. ${error.hint ?? ''}`;
  }
  return assert.fail('It was bound');
}

test('wrong counts and names say what the statement has', () => {
  assert.match(refusal(['1']), /has 2 parameters: id \(int\), name \(text\); 1 --param is given.*--param name=value/);
  assert.match(refusal(['1', 'x'], []), /has no parameters; 2 --param are given.*Put \? or :name/);
  assert.match(refusal(['id=1', 'x']), /Some --param are name=value and others are not.*id, name/);
  assert.match(refusal(['id=1', 'id=2']), /--param id=\.\.\. is given more than once/);
  assert.match(refusal(['id=1']), /No value is given for the parameter name \(text\)/);
});
