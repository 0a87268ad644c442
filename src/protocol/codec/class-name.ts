import { ProtocolError } from '../../errors.js';
import type { CqlType, ScalarName, UdtField } from './cql-type.js';

/** Types nest about three deep in real schemas; a peer that sends thousands wants to break the stack. */
export const MAX_TYPE_DEPTH = 64;

const PACKAGE = 'org.apache.cassandra.db.marshal.';

const SCALARS: ReadonlyMap<string, ScalarName> = new Map([
  ['AsciiType', 'ascii'],
  ['BooleanType', 'boolean'],
  ['ByteType', 'tinyint'],
  ['BytesType', 'blob'],
  ['CounterColumnType', 'counter'],
  ['DateType', 'timestamp'],
  ['DecimalType', 'decimal'],
  ['DoubleType', 'double'],
  ['DurationType', 'duration'],
  ['FloatType', 'float'],
  ['InetAddressType', 'inet'],
  ['Int32Type', 'int'],
  ['IntegerType', 'varint'],
  ['LongType', 'bigint'],
  ['ShortType', 'smallint'],
  ['SimpleDateType', 'date'],
  ['TimeType', 'time'],
  ['TimestampType', 'timestamp'],
  ['TimeUUIDType', 'timeuuid'],
  ['UTF8Type', 'text'],
  ['UUIDType', 'uuid'],
]);

/**
 * Reads a server's class name of a type, as `…marshal.VectorType(…marshal.FloatType , 3)`. A class that CQL has no name
 * for (CompositeType, a user's own) is a custom type with the whole text as its name. Throws ProtocolError.
 */
export function parseClassName(text: string): CqlType {
  const parser = new ClassNameParser(text);
  const type = parser.readType(0);
  parser.expectEnd();
  return type;
}

class ClassNameParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readType(depth: number): CqlType {
    if (depth > MAX_TYPE_DEPTH) throw new ProtocolError('The class name of a type nests too deep');
    this.#skipBlanks();
    const start = this.#at;
    const name = this.#readWord();
    if (name === '') throw this.#wrong();
    const short = name.startsWith(PACKAGE) ? name.slice(PACKAGE.length) : name.includes('.') ? '' : name;
    const simple = SCALARS.get(short);
    if (simple !== undefined) return { kind: 'scalar', name: simple };
    switch (short) {
      case 'FrozenType':
        return freeze(this.#only(depth));
      case 'ReversedType':
        return this.#only(depth);
      case 'ListType':
        return { kind: 'list', element: this.#only(depth), frozen: false };
      case 'SetType':
        return { kind: 'set', element: this.#only(depth), frozen: false };
      case 'MapType':
        return this.#readMap(depth);
      case 'TupleType':
        return { kind: 'tuple', elements: this.#list(() => this.readType(depth + 1)) };
      case 'UserType':
        return this.#readUdt(depth);
      case 'VectorType':
        return this.#readVector(depth);
      default:
        this.#skipArguments();
        return { kind: 'custom', className: this.#text.slice(start, this.#at) };
    }
  }

  expectEnd(): void {
    this.#skipBlanks();
    if (this.#at !== this.#text.length) throw this.#wrong();
  }

  #readMap(depth: number): CqlType {
    this.#expect('(');
    const key = this.readType(depth + 1);
    this.#expect(',');
    const value = this.readType(depth + 1);
    this.#expect(')');
    return { kind: 'map', key, value, frozen: false };
  }

  #readVector(depth: number): CqlType {
    this.#expect('(');
    const element = this.readType(depth + 1);
    this.#expect(',');
    const dimension = this.#readDimension();
    this.#expect(')');
    return { kind: 'vector', element, dimension };
  }

  #readDimension(): number {
    this.#skipBlanks();
    const word = this.#readWord();
    if (!/^[1-9]\d{0,8}$/.test(word)) throw this.#wrong();
    return Number(word);
  }

  /** UserType(keyspace,hex of the name,hex of a field:its type,…) */
  #readUdt(depth: number): CqlType {
    this.#expect('(');
    this.#skipBlanks();
    const keyspace = this.#readWord();
    this.#expect(',');
    const name = this.#readHexName();
    const fields: UdtField[] = [];
    while (this.#next() === ',') {
      this.#at++;
      const field = this.#readHexName();
      this.#expect(':');
      fields.push({ name: field, type: this.readType(depth + 1) });
    }
    this.#expect(')');
    return { kind: 'udt', keyspace, name, fields, frozen: false };
  }

  #readHexName(): string {
    this.#skipBlanks();
    const word = this.#readWord();
    if (!/^(?:[0-9a-fA-F]{2})*$/.test(word)) throw this.#wrong();
    return Buffer.from(word, 'hex').toString('utf8');
  }

  /** The one argument of a class that wraps another. */
  #only(depth: number): CqlType {
    this.#expect('(');
    const type = this.readType(depth + 1);
    this.#expect(')');
    return type;
  }

  #list<T>(read: () => T): T[] {
    this.#expect('(');
    const items: T[] = [];
    if (this.#next() === ')') {
      this.#at++;
      return items;
    }
    for (;;) {
      items.push(read());
      if (this.#next() !== ',') break;
      this.#at++;
    }
    this.#expect(')');
    return items;
  }

  /** Passes over a balanced pair of parentheses, if one follows: an unknown class's arguments have any form. */
  #skipArguments(): void {
    if (this.#next() !== '(') return;
    let open = 0;
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text.charAt(this.#at);
      if (char === '(') open++;
      else if (char === ')' && --open === 0) {
        this.#at++;
        return;
      }
    }
    throw this.#wrong();
  }

  #readWord(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !' ,:()=>'.includes(this.#text.charAt(this.#at))) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #skipBlanks(): void {
    while (this.#text.charAt(this.#at) === ' ') this.#at++;
  }

  /** The next character that is no blank, left where it is. */
  #next(): string {
    this.#skipBlanks();
    return this.#text.charAt(this.#at);
  }

  #expect(char: string): void {
    if (this.#next() !== char) throw this.#wrong();
    this.#at++;
  }

  #wrong(): ProtocolError {
    return new ProtocolError(`The class name of a type is not understood at character ${String(this.#at)}`);
  }
}

/** The frozen form of a type; types that always are frozen stay as they are. */
export function freeze(type: CqlType): CqlType {
  return 'frozen' in type ? { ...type, frozen: true } : type;
}
