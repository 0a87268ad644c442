import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError, InvalidParameter, ProtocolError, QueryError } from '../../../../src/errors.js';
import { CodecRegistry, type ValueOptions } from '../../../../src/protocol/codec/registry.js';
import type { CqlCodec } from '../../../../src/protocol/codec/user-codec.js';
import { codecOf, decode, encode, hex, udt } from './support.js';

function through(options: ValueOptions, type: string, value: unknown): unknown {
  const codec = codecOf(type, new CodecRegistry(options));
  return decode(codec, encode(codec, value));
}

test('values.int64 chooses how bigint and counter are read', () => {
  assert.equal(through({ int64: 'string' }, 'bigint', 5n), '5');
  assert.equal(through({ int64: 'number' }, 'counter', 5n), 5);
  assert.equal(through({ int64: 'number' }, 'bigint', -(2 ** 53) + 1), -(2 ** 53) + 1);
  assert.throws(() => through({ int64: 'number' }, 'bigint', 2n ** 53n), QueryError);
  // These are no 64-bit integers of the user's.
  assert.equal(through({ int64: 'number' }, 'varint', 5n), 5n);
  assert.equal(through({ int64: 'string' }, 'time', 5n), 5n);
  assert.deepEqual(through({ int64: 'string' }, 'list<bigint>', [5n]), ['5']);
});

test('values.set and values.map choose the form of collections', () => {
  assert.deepEqual(through({ set: 'array' }, 'set<int>', new Set([1, 2])), [1, 2]);
  assert.deepEqual(through({ map: 'object' }, 'map<text, int>', new Map([['a', 1]])), { a: 1 });
  const at = new Date(0);
  assert.deepEqual(through({ map: 'object' }, 'map<timestamp, int>', new Map([[at, 1]])), {
    '1970-01-01T00:00:00.000Z': 1,
  });
  assert.deepEqual(through({ map: 'object' }, 'map<tuple<int>, int>', new Map([[[1], 1]])), new Map([[[1], 1]]));
});

test('an object that was read from a map binds as that map again', () => {
  const keys: [string, unknown][] = [
    ['tinyint', -5],
    ['double', 0.5],
    ['bigint', 2n ** 60n],
    ['boolean', true],
    ['uuid', '5132b130-ae79-41e4-ab27-0800200c9a66'],
    ['timestamp', new Date(5)],
    ['date', '2026-01-31'],
    ['time', 5n],
    ['blob', Buffer.from([1, 255])],
    ['inet', '::1'],
  ];
  for (const [type, key] of keys) {
    const codec = codecOf(`map<${type}, int>`, new CodecRegistry({ map: 'object' }));
    const bytes = encode(codec, new Map([[key, 1]]));
    const object = decode(codec, bytes);
    assert.equal(Object.getPrototypeOf(object), Object.prototype, type);
    assert.deepEqual(encode(codec, object), bytes, type);
  }
});

/** What bytes in hex are read as. */
function both(options: ValueOptions, type: string, bytes: string): unknown {
  return decode(codecOf(type, new CodecRegistry(options)), hex(bytes));
}

const ZEROS = '00000002 00000004 80000000 00000004 00000000';
const ZEROS_TO_INTS = '00000002 00000004 80000000 00000004 00000001 00000004 00000000 00000004 00000002';

test('both zeros in a set or as keys are an error, where one of them would be lost', () => {
  const refuses = (options: ValueOptions, type: string, bytes: string, way: RegExp): void => {
    assert.throws(
      () => both(options, type, bytes),
      (error: unknown) =>
        error instanceof QueryError &&
        error.code === 'ERR_VALUE_OUT_OF_RANGE' &&
        error.message.includes(`of type ${type} `) &&
        way.test(error.message),
    );
  };
  refuses({}, 'set<float>', ZEROS, /values\.set 'array', or a codec of your own/);
  refuses({}, 'map<float, int>', ZEROS_TO_INTS, /values\.map 'object', or a codec of your own/);
  assert.deepEqual(both({ set: 'array' }, 'set<float>', ZEROS), [-0, 0]);
  assert.deepEqual(both({ map: 'object' }, 'map<float, int>', ZEROS_TO_INTS), { '-0': 1, '0': 2 });
  const codecs: CqlCodec[] = [
    { type: 'float', decode: (value) => (Object.is(value, -0) ? '-0' : value), encode: Number },
  ];
  assert.deepEqual(both({ codecs }, 'set<float>', ZEROS), new Set(['-0', 0]));
  // A codec of the user's that makes one of several.
  const one: CqlCodec[] = [{ type: 'float', decode: () => 'zero', encode: Number }];
  refuses({ codecs: one, map: 'object' }, 'map<float, int>', ZEROS_TO_INTS, /values\.map 'Map'/);
});

test("an element or a key that comes twice is the server's fault", () => {
  const refuses = (options: ValueOptions, type: string, bytes: string, part: string): void => {
    assert.throws(() => both(options, type, bytes), new ProtocolError(`A value of type ${type} has ${part} twice`));
  };
  refuses({}, 'set<text>', '00000002 00000001 61 00000001 61', 'an element');
  refuses({}, 'map<int, text>', '00000002 00000004 00000007 00000001 61 00000004 00000007 ffffffff', 'a key');
  refuses({ map: 'object' }, 'map<text, text>', '00000002 00000001 61 00000000 00000001 61 00000000', 'a key');
});

test('keys of a map that is read as an object keep their sign and their milliseconds', () => {
  const object = new CodecRegistry({ map: 'object' });
  const zeros = codecOf('map<float, int>', object);
  assert.deepEqual(encode(zeros, decode(zeros, hex(ZEROS_TO_INTS))), encode(zeros, { '-0': 1, '0': 2 }));
  assert.deepEqual(encode(zeros, { '-0': 1 }), hex('00000001 00000004 80000000 00000004 00000001'));
  const codec = codecOf('map<timestamp, int>', object);
  const bytes = encode(codec, new Map([[8_640_000_000_000_001n, 1], [-(2n ** 63n), 2], [0n, 3]])); // prettier-ignore
  const read = decode(codec, bytes);
  assert.deepEqual(read, {
    '8640000000000001': 1,
    '-9223372036854775808': 2,
    '1970-01-01T00:00:00.000Z': 3,
  });
  assert.deepEqual(encode(codec, read), encode(codec, new Map(Object.entries(read as object).map(([at, n]) => [at.endsWith('Z') ? at : BigInt(at), n])))); // prettier-ignore
});

test('a map read as an object is not changed by a key named __proto__', () => {
  const object = through({ map: 'object' }, 'map<text, text>', new Map([['__proto__', 'x'], ['constructor', 'y']])); // prettier-ignore
  assert.deepEqual(Object.entries(object as object), [['__proto__', 'x'], ['constructor', 'y']]); // prettier-ignore
  assert.equal(Object.getPrototypeOf(object), Object.prototype);
});

test('unknown forms are refused', () => {
  assert.throws(() => new CodecRegistry({ int64: 'float' as 'number' }), ConfigurationError);
  assert.throws(() => new CodecRegistry({ set: 'set' as 'Set' }), ConfigurationError);
});

test('codecs are made once for a type', () => {
  const registry = new CodecRegistry();
  assert.equal(codecOf('map<text, list<int>>', registry), codecOf('map<text, list<int>>', registry));
  assert.notEqual(registry.codecFor(udt('t', { a: 'int' })), registry.codecFor(udt('t', { a: 'text' })));
  assert.notEqual(registry.codecFor(udt('t', { a: 'int' })), registry.codecFor(udt('t', { a: 'int', b: 'int' })));
});

const upper: CqlCodec = {
  type: 'text',
  decode: (value) => String(value).toUpperCase(),
  encode: (value) => String(value).toLowerCase(),
};

test("a user's codec replaces one type wherever it stands", () => {
  assert.equal(through({ codecs: [upper] }, 'text', 'aB'), 'AB');
  assert.deepEqual(
    through({ codecs: [upper] }, 'map<text, frozen<list<text>>>', { aB: ['x'] }),
    new Map([['AB', ['X']]]),
  );
  assert.deepEqual(through({ codecs: [upper] }, 'address', { street: 'a' }), { street: 'A', number: null, tags: null });
  assert.equal(through({ codecs: [upper] }, 'ascii', 'aB'), 'aB');
  const codec = codecOf('text', new CodecRegistry({ codecs: [upper] }));
  assert.equal(encode(codec, 'AB').toString(), 'ab');
});

test("a user's codec of float takes the place of Float32Array's elements", () => {
  const codecs = [{ type: 'float', decode: (value: unknown) => `~${String(value)}`, encode: Number }];
  assert.deepEqual(through({ codecs }, 'vector<float, 2>', ['1', '2']), ['~1', '~2']);
});

test('codecs for collections and user types are found by their CQL texts', () => {
  const entries: CqlCodec = {
    type: 'map<varchar, frozen<list<int>>>',
    decode: (value) => [...(value as Map<string, unknown>)],
    encode: (value) => new Map(value as [string, unknown][]),
  };
  assert.deepEqual(through({ codecs: [entries] }, 'frozen<map<text, list<int>>>', [['a', [1]]]), [['a', [1]]]);
  const street: CqlCodec = {
    type: 'ks.address',
    decode: (value) => (value as { street: string }).street,
    encode: (value) => ({ street: value }),
  };
  assert.equal(through({ codecs: [street] }, 'address', 'Main St'), 'Main St');
  assert.equal(through({ codecs: [{ ...street, type: 'Address' }] }, 'frozen<address>', 'Main St'), 'Main St');
  assert.deepEqual(through({ codecs: [{ ...street, type: 'other.address' }] }, 'address', { street: 'a' }), {
    street: 'a',
    number: null,
    tags: null,
  });
});

test('a raw codec works on bytes', () => {
  const raw: CqlCodec = {
    type: 'int',
    raw: true,
    decode: (value) => (value as Buffer).toString('hex'),
    encode: (value) => Buffer.from(String(value), 'hex'),
  };
  assert.equal(through({ codecs: [raw] }, 'int', '000000ff'), '000000ff');
  assert.deepEqual(through({ codecs: [raw] }, 'vector<int, 2>', ['00000001', '00000002']), ['00000001', '00000002']);
  assert.throws(() => through({ codecs: [raw] }, 'int', '00'), InvalidParameter);
});

test('nulls never reach a codec; its failures are wrapped, without texts', () => {
  const failing: CqlCodec = {
    type: 'int',
    decode: () => {
      throw new Error('secret');
    },
    encode: (value) => {
      if (value === 1) throw new Error('secret');
      return value === 2 ? undefined : value;
    },
  };
  const codec = codecOf('int', new CodecRegistry({ codecs: [failing] }));
  assert.equal(decode(codec, Buffer.alloc(0)), null);
  const hidden = (error: unknown): boolean => error instanceof QueryError && !error.message.includes('secret');
  assert.throws(() => decode(codec, hex('00000001')), hidden);
  assert.throws(
    () => encode(codec, 1),
    (error: unknown) => error instanceof InvalidParameter && hidden(error),
  );
  assert.throws(() => encode(codec, 2), InvalidParameter);
  assert.throws(() => encode(codec, 'text'), InvalidParameter);
});

test('codecs that are none are refused at once', () => {
  const bad: unknown[] = [
    { type: 'nonsense<', decode: String, encode: String },
    { type: 'text', decode: String },
    { decode: String, encode: String },
  ];
  for (const codec of bad) {
    assert.throws(() => new CodecRegistry({ codecs: [codec as CqlCodec] }), ConfigurationError);
  }
  assert.throws(() => new CodecRegistry({ codecs: [upper, { ...upper, type: 'varchar' }] }), ConfigurationError);
});

class Address {
  street: string | null = null;
  number: number | null = null;
  tags: Set<string> | null = null;

  get label(): string {
    return `${this.street ?? ''} ${String(this.number)}`;
  }
}

test('rows give instances of a registered class, which bind as they are', () => {
  const registry = new CodecRegistry();
  const before = codecOf('list<frozen<address>>', registry);
  assert.equal(registry.version, 0);
  registry.registerUserType('ks', 'address', Address);
  assert.equal(registry.version, 1);
  const codec = codecOf('list<frozen<address>>', registry);
  assert.notEqual(codec, before);
  const address = Object.assign(new Address(), { street: 'Main St', number: 5 });
  const read = decode(codec, encode(codec, [address])) as Address[];
  assert.ok(read[0] instanceof Address);
  assert.equal(read[0].label, 'Main St 5');
  assert.deepEqual(encode(codec, read), encode(codec, [address]));
});

test('classes that take their fields, hide them or make themselves work, too', () => {
  class Taking {
    readonly #street: string;
    constructor(fields: { street: string }) {
      this.#street = fields.street;
      Object.freeze(this);
    }
    get street(): string {
      return this.#street;
    }
  }
  class Making {
    static fromCassandra(fields: Record<string, unknown>): Making {
      return new Making(String(fields['street']));
    }
    readonly street: string;
    private constructor(street: string) {
      this.street = `made ${street}`;
    }
  }
  class Positional {
    readonly street: unknown;
    constructor(street: unknown) {
      this.street = street;
    }
  }
  const read = (cls: Parameters<CodecRegistry['registerUserType']>[2]): { street: unknown } => {
    const registry = new CodecRegistry();
    registry.registerUserType('ks', 'address', cls);
    const codec = codecOf('address', registry);
    return decode(codec, encode(codec, { street: 'x' })) as { street: unknown };
  };
  assert.equal(read(Taking).street, 'x');
  assert.equal(read(Making).street, 'made x');
  assert.equal(read(Positional).street, 'x');
  assert.ok(read(Positional) instanceof Positional);
});

test('what is no class cannot be registered', () => {
  assert.throws(() => {
    new CodecRegistry().registerUserType('ks', 'address', {} as typeof Address);
  }, ConfigurationError);
});
