import { CqlDuration, Decimal } from '../../src/index.js';

/** One value: how CQL writes it, and what it is in JavaScript. */
export interface CqlSample {
  readonly literal: string;
  readonly value: unknown;
}

/** A column type and values of it that are worth a look: extremes, zeros, empties, what is not ASCII. */
export interface CqlSamples {
  /** Also the column's name, made of letters and underscores. */
  readonly name: string;
  readonly type: string;
  /** The first version of Cassandra that has the type. */
  readonly since?: string;
  readonly values: readonly CqlSample[];
}

/** The user types that the samples are made of, in the order of their creation. */
export const SAMPLE_USER_TYPES: readonly string[] = [
  'CREATE TYPE address (street text, "Zip Code" int, tags frozen<set<text>>)',
  'CREATE TYPE person (name text, home frozen<address>, codes frozen<map<text, frozen<list<int>>>>, pair tuple<int, text>)',
];

const MIN64 = -(2n ** 63n);
const MAX64 = 2n ** 63n - 1n;
const HUGE = 2n ** 200n + 12345n;
const WIDE_TEXT = "naïve — 日本語 🙂 'quoted' \u0000 end";

function sample(literal: string, value: unknown): CqlSample {
  return { literal, value };
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

const ADDRESS = { street: 'Main', 'Zip Code': 7, tags: new Set(['a', 'b']) };

export const CQL_SAMPLES: readonly CqlSamples[] = [
  { name: 'c_ascii', type: 'ascii', values: [sample("'plain'", 'plain'), sample("''", '')] },
  {
    name: 'c_bigint',
    type: 'bigint',
    values: [sample(String(MIN64), MIN64), sample(String(MAX64), MAX64), sample('0', 0n), sample('-1', -1n)],
  },
  {
    name: 'c_blob',
    type: 'blob',
    values: [sample('0x00ff10', Buffer.from([0, 255, 16])), sample('0x', Buffer.alloc(0))],
  },
  { name: 'c_boolean', type: 'boolean', values: [sample('true', true), sample('false', false)] },
  {
    name: 'c_date',
    type: 'date',
    values: [
      sample("'2026-11-21'", '2026-11-21'),
      sample("'1970-01-01'", '1970-01-01'),
      sample("'0000-01-01'", '0000-01-01'),
      sample("'9999-12-31'", '9999-12-31'),
      sample("'0'", '-5877641-06-23'),
      sample("'4294967295'", '+5881580-07-11'),
    ],
  },
  {
    name: 'c_decimal',
    type: 'decimal',
    values: [
      sample('1.50', new Decimal(150n, 2)),
      sample('-0.0001', new Decimal(-1n, 4)),
      sample('0', new Decimal(0n, 0)),
      sample(`${String(HUGE)}.25`, new Decimal(HUGE * 100n + 25n, 2)),
    ],
  },
  {
    name: 'c_double',
    type: 'double',
    values: [
      sample('1.7976931348623157e308', Number.MAX_VALUE),
      sample('4.9e-324', Number.MIN_VALUE),
      sample('-0.0', -0),
      sample('NaN', NaN),
      sample('Infinity', Infinity),
      sample('-Infinity', -Infinity),
    ],
  },
  {
    name: 'c_duration',
    type: 'duration',
    values: [
      sample('1mo2d3h', new CqlDuration(1, 2, 10_800_000_000_000n)),
      sample('-1mo2d3h', new CqlDuration(-1, -2, -10_800_000_000_000n)),
      sample('0s', new CqlDuration(0, 0, 0n)),
      sample('2147483647mo', new CqlDuration(2147483647, 0, 0n)),
      sample('9223372036854775807ns', new CqlDuration(0, 0, MAX64)),
    ],
  },
  {
    name: 'c_float',
    type: 'float',
    values: [
      sample('3.4028235e38', 3.4028234663852886e38),
      sample('1.5', 1.5),
      sample('-0.0', -0),
      sample('NaN', NaN),
      sample('-Infinity', -Infinity),
    ],
  },
  {
    name: 'c_inet',
    type: 'inet',
    values: [sample("'127.0.0.1'", '127.0.0.1'), sample("'2001:db8:0:0:0:0:0:1'", '2001:db8::1'), sample("'::'", '::')],
  },
  { name: 'c_int', type: 'int', values: [sample('-2147483648', -2147483648), sample('2147483647', 2147483647)] },
  { name: 'c_smallint', type: 'smallint', values: [sample('-32768', -32768), sample('32767', 32767)] },
  { name: 'c_text', type: 'text', values: [sample(text(WIDE_TEXT), WIDE_TEXT), sample("''", '')] },
  {
    name: 'c_time',
    type: 'time',
    values: [
      sample("'00:00:00'", 0n),
      sample("'23:59:59.999999999'", 86_399_999_999_999n),
      sample("'12:34:56.5'", 45_296_500_000_000n),
    ],
  },
  {
    name: 'c_timestamp',
    type: 'timestamp',
    values: [
      sample('0', new Date(0)),
      sample("'2026-11-21T12:34:56.789Z'", new Date('2026-11-21T12:34:56.789Z')),
      sample('-8640000000000000', new Date(-8.64e15)),
      sample('8640000000000000', new Date(8.64e15)),
    ],
  },
  {
    name: 'c_timeuuid',
    type: 'timeuuid',
    values: [sample('D2177DD0-EAA2-11DE-A572-001B779C76E3', 'd2177dd0-eaa2-11de-a572-001b779c76e3')],
  },
  { name: 'c_tinyint', type: 'tinyint', values: [sample('-128', -128), sample('127', 127)] },
  {
    name: 'c_uuid',
    type: 'uuid',
    values: [
      sample('00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'),
      sample('FFFFFFFF-ffff-4fff-bfff-ffffffffffff', 'ffffffff-ffff-4fff-bfff-ffffffffffff'),
    ],
  },
  {
    name: 'c_varint',
    type: 'varint',
    values: [
      sample('0', 0n),
      sample('127', 127n),
      sample('128', 128n),
      sample('-128', -128n),
      sample('-129', -129n),
      sample(String(HUGE), HUGE),
      sample(String(-HUGE), -HUGE),
    ],
  },
  { name: 'c_list', type: 'list<int>', values: [sample('[1, -2, 1]', [1, -2, 1])] },
  { name: 'c_set', type: 'set<text>', values: [sample("{'b', 'a', ''}", new Set(['', 'a', 'b']))] },
  {
    name: 'c_map',
    type: 'map<text, bigint>',
    values: [
      sample(
        "{'one': 1, '__proto__': 2}",
        new Map([
          ['__proto__', 2n],
          ['one', 1n],
        ]),
      ),
    ],
  },
  { name: 'f_list', type: 'frozen<list<text>>', values: [sample('[]', []), sample("['']", [''])] },
  { name: 'f_set', type: 'frozen<set<int>>', values: [sample('{}', new Set()), sample('{2, 1}', new Set([1, 2]))] },
  { name: 'f_map', type: 'frozen<map<int, text>>', values: [sample("{1: 'x'}", new Map([[1, 'x']]))] },
  {
    name: 'c_tuple',
    type: 'tuple<int, text, frozen<list<double>>>',
    values: [sample("(1, 'a', [0.5])", [1, 'a', [0.5]]), sample('(null, null, [])', [null, null, []])],
  },
  {
    name: 'c_address',
    type: 'address',
    values: [
      sample(`{street: 'Main', "Zip Code": 7, tags: {'a', 'b'}}`, ADDRESS),
      sample(`{street: 'Main'}`, { street: 'Main', 'Zip Code': null, tags: null }),
    ],
  },
  {
    name: 'f_person',
    type: 'frozen<person>',
    values: [
      sample(
        `{name: 'A', home: {street: 'Main', "Zip Code": 7, tags: {'a', 'b'}}, codes: {'k': [1, 2], 'e': []}, pair: (3, null)}`,
        {
          name: 'A',
          home: ADDRESS,
          codes: new Map([
            ['e', []],
            ['k', [1, 2]],
          ]),
          pair: [3, null],
        },
      ),
    ],
  },
  {
    name: 'c_deep',
    type: 'map<text, frozen<list<frozen<map<int, frozen<set<frozen<tuple<text, frozen<address>>>>>>>>>>',
    values: [
      sample(
        `{'x': [{1: {('t', {street: 'Main', "Zip Code": 7, tags: {'a', 'b'}})}}, {}]}`,
        new Map([['x', [new Map([[1, new Set([['t', ADDRESS]])]]), new Map()]]]),
      ),
    ],
  },
  {
    name: 'v_float',
    type: 'vector<float, 3>',
    since: '5.0',
    values: [sample('[1.5, -0.25, 3.4028235e38]', Float32Array.of(1.5, -0.25, 3.4028234663852886e38))],
  },
  { name: 'v_smallint', type: 'vector<smallint, 3>', since: '5.0', values: [sample('[1, -2, 3]', [1, -2, 3])] },
  { name: 'v_text', type: 'vector<text, 2>', since: '5.0', values: [sample("['a', 'bb']", ['a', 'bb'])] },
  { name: 'v_bigint', type: 'vector<bigint, 2>', since: '5.0', values: [sample('[1, -1]', [1n, -1n])] },
  {
    name: 'v_date',
    type: 'vector<date, 2>',
    since: '5.0',
    values: [sample("['2026-11-21', '1970-01-01']", ['2026-11-21', '1970-01-01'])],
  },
  {
    name: 'v_nested',
    type: 'vector<frozen<list<vector<float, 2>>>, 2>',
    since: '5.0',
    values: [sample('[[[1.0, 2.0]], []]', [[Float32Array.of(1, 2)], []])],
  },
];
