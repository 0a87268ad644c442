import { CqlDuration, Decimal, type PreparedParameter } from '../index.js';
import { argumentOf, parseType, type TypeTree } from './text/cql-type.js';
import { UsageError } from './usage-error.js';

/** A value's text does not fit its type. Says what would; not what came, which may be secret. */
class Misfit extends Error {}

/**
 * The values for a statement's markers out of the texts of `--param`: all as `name=value`, each name a marker's, or all by
 * position. Texts that the driver itself checks (uuid, date, time, inet) are left to it.
 */
export function bindParameters(given: readonly string[], markers: readonly PreparedParameter[]): unknown[] {
  const texts = byName(given, markers) ?? given;
  if (texts.length !== markers.length) {
    const list = markers.map(({ name, type }) => `${name} (${type})`).join(', ');
    throw new UsageError(
      `The statement has ${count(markers.length, 'parameter')}${list === '' ? '' : `: ${list}`}; ${count(given.length, '--param')} ${given.length === 1 ? 'is' : 'are'} given`,
      markers.length === 0
        ? 'Put ? or :name where a value is to stand.'
        : 'Give --param once for each, in this order, or as --param name=value.',
    );
  }
  return markers.map((marker, i) => valueOf(texts[i] ?? '', marker));
}

function count(number: number, what: string): string {
  return `${number === 0 ? 'no' : String(number)} ${what}${number === 1 || what.startsWith('--') ? '' : 's'}`;
}

/** Null if the texts are by position. */
function byName(given: readonly string[], markers: readonly PreparedParameter[]): string[] | null {
  const names = given.map((text) => nameIn(text, markers));
  const known = names.filter((name) => name !== null);
  if (known.length === 0) return null;
  if (known.length < given.length) {
    throw new UsageError(
      'Some --param are name=value and others are not',
      `The names are ${markers.map(({ name }) => name).join(', ')}. Give all by name, or all by position.`,
    );
  }
  const twice = known.find((name, i) => known.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`--param ${twice}=... is given more than once`);
  const missing = markers.find(({ name }) => !known.includes(name));
  if (missing !== undefined) {
    throw new UsageError(
      `No value is given for the parameter ${missing.name} (${missing.type})`,
      `Add --param ${missing.name}=<value>.`,
    );
  }
  return markers.map(({ name }) => {
    const text = given[known.indexOf(name)] ?? '';
    return text.slice(text.indexOf('=') + 1);
  });
}

/** The marker that the text begins with, as in `name=value`; names are folded as CQL folds them. */
function nameIn(text: string, markers: readonly PreparedParameter[]): string | null {
  const at = text.indexOf('=');
  if (at < 1) return null;
  const name = text.slice(0, at);
  const found = markers.find((one) => one.name === name) ?? markers.find((one) => one.name === name.toLowerCase());
  return found?.name ?? null;
}

function valueOf(text: string, { name, type }: PreparedParameter): unknown {
  try {
    return parseValue(text, parseType(type));
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new UsageError(`The parameter ${name} (${type}) must be ${error.message}`);
  }
}

/** A text as a value of that type. */
export function parseValue(text: string, type: TypeTree): unknown {
  if (type.name === 'text' || type.name === 'ascii') return text;
  if (text === 'null') return null;
  return COMPOUND.has(type.name) ? compound(text, type) : parseScalar(text, type);
}

const COMPOUND = new Set(['list', 'set', 'map', 'tuple', 'vector']);
const STRINGS = new Set(['uuid', 'timeuuid', 'date', 'time', 'inet']);
const INTEGERS: ReadonlyMap<string, number> = new Map([
  ['tinyint', 8],
  ['smallint', 16],
  ['int', 32],
  ['bigint', 64],
  ['counter', 64],
  ['varint', Infinity],
]);

function parseScalar(text: string, type: TypeTree): unknown {
  const bits = INTEGERS.get(type.name);
  if (bits !== undefined) return integer(text, bits);
  if (STRINGS.has(type.name)) return text;
  switch (type.name) {
    case 'text':
    case 'ascii':
      return text;
    case 'boolean':
      return boolean(text);
    case 'float':
    case 'double':
      return float(text);
    case 'decimal':
      return attempt(() => Decimal.parse(text), 'a decimal number such as 12.50');
    case 'duration':
      return attempt(() => CqlDuration.parse(text), 'a duration such as 1h30m or P1DT2H');
    case 'timestamp':
      return timestamp(text);
    case 'blob':
      return blob(text);
    default:
      // A class of the server's own travels as bytes; a user-defined type has its fields by name.
      return type.name.startsWith("'") ? blob(text) : parseJson(text, type);
  }
}

function integer(text: string, bits: number): bigint {
  if (/^[+-]?\d{1,1000}$/.test(text)) {
    const value = BigInt(text.replace('+', ''));
    if (bits === Infinity || BigInt.asIntN(bits, value) === value) return value;
  }
  if (bits === Infinity) throw new Misfit('a whole number');
  const most = 2n ** BigInt(bits - 1);
  throw new Misfit(`a whole number from ${String(-most)} to ${String(most - 1n)}`);
}

function boolean(text: string): boolean {
  const lower = text.toLowerCase();
  if (lower !== 'true' && lower !== 'false') throw new Misfit('true or false');
  return lower === 'true';
}

function float(text: string): number {
  if (/^(?:NaN|[+-]?Infinity|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/.test(text)) return Number(text);
  throw new Misfit('a number such as 1.5 or 1e-3, NaN, Infinity or -Infinity');
}

function timestamp(text: string): number | string {
  if (/^-?\d{1,16}$/.test(text)) return Number(text);
  if (/^[+-]?\d{4,6}-\d\d-\d\d(?:[Tt ]\d\d:\d\d.*)?$/.test(text)) return text;
  throw new Misfit('an ISO 8601 instant such as 2026-01-31T12:00:00Z, or milliseconds since 1970');
}

function blob(text: string): Buffer {
  if (!/^0x(?:[0-9a-f]{2})*$/i.test(text)) throw new Misfit('bytes in hexadecimal, such as 0xcafe');
  return Buffer.from(text.slice(2), 'hex');
}

function attempt<T>(read: () => T, expected: string): T {
  try {
    return read();
  } catch {
    throw new Misfit(expected);
  }
}

// ---- JSON ------------------------------------------------------------------------------------------------------------

const JSON_EXAMPLES: Readonly<Record<string, string>> = {
  list: '["a", "b"]',
  set: '["a", "b"]',
  tuple: '[1, "a"]',
  vector: '[0.5, 1.5]',
  map: '{"key": "value"}',
};

function parseJson(text: string, type: TypeTree): unknown {
  const example = JSON_EXAMPLES[type.name] ?? '{"field": "value"}';
  return attempt(() => JSON.parse(text) as unknown, `JSON, such as '${example}'`);
}

function compound(text: string, type: TypeTree): unknown {
  return fromJson(parseJson(text, type), JSON.parse(withNumbersAsTexts(text)), type);
}

/** Valid JSON in which each number is the string of its digits: JSON.parse would round them. */
function withNumbersAsTexts(json: string): string {
  return json.replaceAll(/"(?:[^"\\]+|\\.)*"|[-\d][-+.\deE]*/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
}

/**
 * A value out of JSON. Whatever JSON cannot say is a string in it, written as it is outside. `exact` is the same JSON
 * with its numbers as they were written.
 */
function fromJson(json: unknown, exact: unknown, type: TypeTree): unknown {
  if (json === null) return null;
  switch (type.name) {
    case 'list':
    case 'set':
    case 'vector':
      return elements(json, type).map((one, i) => fromJson(one, partOf(exact, i), argumentOf(type, 0)));
    case 'tuple':
      return elements(json, type).map((one, i) => fromJson(one, partOf(exact, i), argumentOf(type, i)));
    case 'map':
      return map(json, exact, type);
    default:
      return scalarFromJson(json, exact, type);
  }
}

function elements(json: unknown, type: TypeTree): readonly unknown[] {
  if (!Array.isArray(json))
    throw new Misfit(`a JSON array for ${type.name}, such as '${JSON_EXAMPLES[type.name] ?? ''}'`);
  return json as readonly unknown[];
}

/** An object; or, for keys that are no scalars, an array of pairs. */
function map(json: unknown, exact: unknown, type: TypeTree): Map<unknown, unknown> {
  const key = argumentOf(type, 0);
  const value = argumentOf(type, 1);
  if (Array.isArray(json)) {
    const pairs = json as readonly unknown[];
    if (!pairs.every((one) => Array.isArray(one) && one.length === 2)) throw notAMap();
    return new Map(
      (pairs as [unknown, unknown][]).map(([k, v], i) => {
        const pair = partOf(exact, i);
        return [fromJson(k, partOf(pair, 0), key), fromJson(v, partOf(pair, 1), value)];
      }),
    );
  }
  if (typeof json !== 'object' || json === null) throw notAMap();
  return new Map(Object.entries(json).map(([k, v]) => [parseScalar(k, key), fromJson(v, partOf(exact, k), value)]));
}

function partOf(json: unknown, key: string | number): unknown {
  return (json as Readonly<Record<string | number, unknown>>)[key];
}

function notAMap(): Misfit {
  return new Misfit(
    `a JSON object for map, such as '${JSON_EXAMPLES['map'] ?? ''}', or an array of [key, value] pairs`,
  );
}

function scalarFromJson(json: unknown, exact: unknown, type: TypeTree): unknown {
  if (typeof json === 'string') return parseScalar(json, type);
  // Of these types a number of JavaScript is not enough.
  if (typeof json === 'number' && typeof exact === 'string') {
    const isRounded = Number.isInteger(json) && !Number.isSafeInteger(json);
    if (type.name === 'decimal' || (isRounded && INTEGERS.has(type.name))) return parseScalar(exact, type);
  }
  // Whether a number, a boolean or an object fits is checked by the driver, which names the element.
  return json;
}
