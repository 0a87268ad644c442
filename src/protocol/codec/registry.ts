import { ConfigurationError } from '../../errors.js';
import { aName } from '../../util/option-checks.js';
import type { Codec } from './codec.js';
import { listCodec, mapCodec, setCodec, type MapForm, type SetForm } from './collections.js';
import { tupleCodec, udtCodec } from './composites.js';
import type { CqlType, ScalarName, UdtType } from './cql-type.js';
import { inetCodec, timeuuidCodec, uuidCodec } from './uuid-inet.js';
import {
  booleanCodec,
  decimalCodec,
  doubleCodec,
  floatCodec,
  int64Codec,
  intCodec,
  bigintCodec,
  counterCodec,
  smallintCodec,
  tinyintCodec,
  varintCodec,
  type Int64Form,
} from './numbers.js';
import { dateCodec, durationCodec, timeCodec, timestampCodec } from './temporals.js';
import { asciiCodec, blobCodec, customCodec, textCodec } from './texts.js';
import { UserCodecs, wrapUserCodec, type CqlCodec } from './user-codec.js';
import type { UserTypeClass } from './user-type.js';
import { vectorCodec } from './vectors.js';

/** How values are read. Binding takes every form, whatever is chosen here. */
export interface ValueOptions {
  /** How bigint and counter are read. 'number' throws a QueryError for a value past the safe integers. Default 'bigint'. */
  readonly int64?: Int64Form | undefined;
  /**
   * How sets are read. Default 'Set', which throws a QueryError for a set that has both 0.0 and -0.0: JavaScript's Set
   * holds one of them. 'array' holds both.
   */
  readonly set?: SetForm | undefined;
  /**
   * How maps are read. Default 'Map', which throws a QueryError for a map that has both 0.0 and -0.0 as keys. 'object'
   * turns keys into text, '0' and '-0' among it, and leaves maps with keys that are no scalars as Maps; a timestamp past
   * the range of Date becomes its milliseconds since 1970 in digits.
   */
  readonly map?: MapForm | undefined;
  /** Your own, each in place of what one CQL type is read to and bound from. */
  readonly codecs?: readonly CqlCodec[] | undefined;
}

/** Altered user types leave their old codecs behind: past so many all are made anew. */
const MAX_CACHED = 2000;

/** The codec of every CQL type, made once. */
export class CodecRegistry {
  readonly #scalars: Record<ScalarName, Codec>;
  readonly #setForm: SetForm;
  readonly #mapForm: MapForm;
  readonly #user: UserCodecs;
  readonly #classes = new Map<string, UserTypeClass>();
  readonly #cache = new Map<string, Codec>();
  #version = 0;

  /** Throws ConfigurationError. */
  constructor(options: ValueOptions = {}) {
    this.#scalars = scalarCodecs(oneOf('int64', options.int64, ['bigint', 'number', 'string']));
    this.#setForm = oneOf('set', options.set, ['Set', 'array']);
    this.#mapForm = oneOf('map', options.map, ['Map', 'object']);
    this.#user = new UserCodecs(options.codecs ?? []);
  }

  /** Goes up whenever codecs that were handed out may differ from the ones that would be handed out now. */
  get version(): number {
    return this.#version;
  }

  /** Rows give instances of `cls` for this user type from now on; see UserTypeClass. */
  registerUserType(keyspace: string, name: string, cls: UserTypeClass): void {
    for (const [what, given] of Object.entries({ keyspace, 'type name': name })) {
      const problem = aName(given);
      if (problem !== null) throw new ConfigurationError(`registerUserType: the ${what} ${problem}`);
    }
    if (typeof cls !== 'function') {
      throw new ConfigurationError(`The user type '${keyspace}.${name}' needs a class, not a ${typeof cls}`);
    }
    this.#classes.set(classKey(keyspace, name), cls);
    this.#cache.clear();
    this.#version++;
  }

  /** Whether a value of this type gives the same bytes each time: iterables and what a user's codec takes need not. */
  isReadAgain(type: CqlType): boolean {
    return type.kind === 'scalar' && this.#user.find(type) === undefined;
  }

  /** Whether several values that a server tells apart may be one to JavaScript: zeros, and what a user's codec makes. */
  #mayMerge(type: CqlType): boolean {
    const hasZeros = type.kind === 'scalar' && (type.name === 'float' || type.name === 'double');
    return hasZeros || this.#user.find(type) !== undefined;
  }

  codecFor(type: CqlType): Codec {
    const key = typeKey(type);
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const own = this.#build(type);
    const user = this.#user.find(type);
    const codec = user === undefined ? own : wrapUserCodec(own, user);
    if (this.#cache.size >= MAX_CACHED) this.#cache.clear();
    this.#cache.set(key, codec);
    return codec;
  }

  #build(type: CqlType): Codec {
    switch (type.kind) {
      case 'scalar':
        return this.#scalars[type.name];
      case 'list':
        return listCodec(type, this.codecFor(type.element));
      case 'set':
        return setCodec(type, this.codecFor(type.element), {
          form: this.#setForm,
          mayMerge: this.#mayMerge(type.element),
        });
      case 'map':
        return mapCodec(type, this.codecFor(type.key), this.codecFor(type.value), {
          form: this.#mapForm,
          mayMerge: this.#mayMerge(type.key),
        });
      case 'tuple':
        return tupleCodec(
          type,
          type.elements.map((element) => this.codecFor(element)),
        );
      case 'udt':
        return this.#buildUdt(type);
      case 'vector':
        return vectorCodec(type, this.codecFor(type.element));
      case 'custom':
        return customCodec(type.className);
    }
  }

  #buildUdt(type: UdtType): Codec {
    const fields = type.fields.map((field) => ({ name: field.name, codec: this.codecFor(field.type) }));
    return udtCodec(type, fields, this.#classes.get(classKey(type.keyspace, type.name)));
  }
}

function oneOf<T extends string>(name: string, value: T | undefined, known: readonly [T, ...T[]]): T {
  if (value === undefined) return known[0];
  if (known.includes(value)) return value;
  throw new ConfigurationError(`The option values.${name} is one of ${known.map((word) => `'${word}'`).join(', ')}`);
}

function classKey(keyspace: string, name: string): string {
  return JSON.stringify([keyspace, name]);
}

/** Everything that a codec depends on: a user type counts with its fields, because ALTER TYPE changes them. */
function typeKey(type: CqlType): string {
  switch (type.kind) {
    case 'scalar':
      return type.name;
    case 'list':
    case 'set':
      return `${type.kind}${frozenMark(type)}<${typeKey(type.element)}>`;
    case 'map':
      return `map${frozenMark(type)}<${typeKey(type.key)},${typeKey(type.value)}>`;
    case 'tuple':
      return `tuple<${type.elements.map(typeKey).join()}>`;
    case 'vector':
      return `vector<${typeKey(type.element)},${String(type.dimension)}>`;
    case 'udt': {
      const fields = type.fields.map((field) => `${JSON.stringify(field.name)}:${typeKey(field.type)}`);
      return `udt${frozenMark(type)}${classKey(type.keyspace, type.name)}{${fields.join()}}`;
    }
    case 'custom':
      return JSON.stringify(type.className);
  }
}

function frozenMark(type: { readonly frozen: boolean }): string {
  return type.frozen ? '!' : '';
}

function scalarCodecs(int64: Int64Form): Record<ScalarName, Codec> {
  return {
    ascii: asciiCodec,
    bigint: int64 === 'bigint' ? bigintCodec : int64Codec('bigint', int64),
    blob: blobCodec,
    boolean: booleanCodec,
    counter: int64 === 'bigint' ? counterCodec : int64Codec('counter', int64),
    date: dateCodec,
    decimal: decimalCodec,
    double: doubleCodec,
    duration: durationCodec,
    float: floatCodec,
    inet: inetCodec,
    int: intCodec,
    smallint: smallintCodec,
    text: textCodec,
    time: timeCodec,
    timestamp: timestampCodec,
    timeuuid: timeuuidCodec,
    tinyint: tinyintCodec,
    uuid: uuidCodec,
    varint: varintCodec,
  };
}
