import { ProtocolError } from '../../errors.js';
import { freeze, MAX_TYPE_DEPTH, parseClassName } from './class-name.js';
import { SCALAR_NAMES, type CqlType, type ScalarName, type UdtType } from './cql-type.js';

const SCALARS: ReadonlyMap<string, ScalarName> = new Map(SCALAR_NAMES.map((name) => [name, name]));

/** Finds a user-defined type; `keyspace` is given where the text names one. */
export type ResolveUdt = (name: string, keyspace: string | undefined) => UdtType | undefined;

/**
 * Reads a type's CQL text, as in system_schema.columns: `map<text, frozen<list<int>>>`, `vector<float, 3>`,
 * `frozen<my_type>`, `"QuotedType"`, `'a.server.Class'`. Throws ProtocolError if it is none, nests past 64 levels or
 * names a type that `resolveUdt` does not know.
 */
export function parseCqlType(text: string, resolveUdt?: ResolveUdt): CqlType {
  const parser = new CqlTextParser(text, resolveUdt);
  const type = parser.readType(0);
  parser.expectEnd();
  return type;
}

const TOKEN = /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|"((?:[^"]|"")+)"|'((?:[^']|'')*)'|(\d{1,9})|([<>,.]))/y;

interface Token {
  readonly kind: 'word' | 'quoted' | 'class' | 'number' | 'sign' | 'end';
  readonly text: string;
}

class CqlTextParser {
  readonly #text: string;
  readonly #resolve: ResolveUdt | undefined;
  #at = 0;
  #token: Token;

  constructor(text: string, resolve: ResolveUdt | undefined) {
    this.#text = text;
    this.#resolve = resolve;
    this.#token = this.#scan();
  }

  readType(depth: number): CqlType {
    if (depth > MAX_TYPE_DEPTH) throw new ProtocolError('The CQL text of a type nests too deep');
    const token = this.#take();
    if (token.kind === 'class') return parseClassName(token.text);
    if (token.kind === 'quoted') return this.#readUdt(token.text);
    if (token.kind !== 'word') throw this.#wrong();
    const name = token.text.toLowerCase();
    if (this.#token.text === '<' && this.#token.kind === 'sign') return this.#readGeneric(name, depth);
    if (this.#token.text === '.' && this.#token.kind === 'sign') return this.#readUdt(name);
    const scalar = SCALARS.get(name === 'varchar' ? 'text' : name);
    return scalar === undefined ? this.#readUdt(name) : { kind: 'scalar', name: scalar };
  }

  expectEnd(): void {
    if (this.#token.kind !== 'end') throw this.#wrong();
  }

  #readGeneric(name: string, depth: number): CqlType {
    this.#expect('<');
    const first = this.readType(depth + 1);
    const type = this.#finishGeneric(name, first, depth);
    this.#expect('>');
    return type;
  }

  #finishGeneric(name: string, first: CqlType, depth: number): CqlType {
    switch (name) {
      case 'frozen':
        return freeze(first);
      case 'list':
        return { kind: 'list', element: first, frozen: false };
      case 'set':
        return { kind: 'set', element: first, frozen: false };
      case 'map':
        this.#expect(',');
        return { kind: 'map', key: first, value: this.readType(depth + 1), frozen: false };
      case 'tuple':
        return { kind: 'tuple', elements: this.#readRest(first, depth) };
      case 'vector':
        this.#expect(',');
        return { kind: 'vector', element: first, dimension: this.#readDimension() };
      default:
        throw this.#wrong();
    }
  }

  #readRest(first: CqlType, depth: number): CqlType[] {
    const elements = [first];
    while (this.#token.kind === 'sign' && this.#token.text === ',') {
      this.#take();
      elements.push(this.readType(depth + 1));
    }
    return elements;
  }

  #readDimension(): number {
    const token = this.#take();
    const dimension = token.kind === 'number' ? Number(token.text) : 0;
    if (dimension === 0) throw this.#wrong();
    return dimension;
  }

  /** `name` has been read; what follows a dot is the type's name in that keyspace. */
  #readUdt(name: string): CqlType {
    if (this.#token.kind !== 'sign' || this.#token.text !== '.') return this.#resolved(name, undefined);
    this.#take();
    const token = this.#take();
    if (token.kind === 'quoted') return this.#resolved(token.text, name);
    if (token.kind !== 'word') throw this.#wrong();
    return this.#resolved(token.text.toLowerCase(), name);
  }

  #resolved(name: string, keyspace: string | undefined): CqlType {
    const type = this.#resolve?.(name, keyspace);
    if (type === undefined) throw new ProtocolError(`The CQL type '${name}' is not known`);
    return type;
  }

  #expect(sign: string): void {
    const token = this.#take();
    if (token.kind !== 'sign' || token.text !== sign) throw this.#wrong();
  }

  #take(): Token {
    const token = this.#token;
    this.#token = this.#scan();
    return token;
  }

  #scan(): Token {
    if (this.#text.slice(this.#at).trim() === '') return { kind: 'end', text: '' };
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (match === null) throw this.#wrong();
    this.#at = TOKEN.lastIndex;
    const [, word, quoted, className, number, sign] = match;
    if (word !== undefined) return { kind: 'word', text: word };
    if (quoted !== undefined) return { kind: 'quoted', text: quoted.replaceAll('""', '"') };
    if (className !== undefined) return { kind: 'class', text: className.replaceAll("''", "'") };
    return number === undefined ? { kind: 'sign', text: sign ?? '' } : { kind: 'number', text: number };
  }

  #wrong(): ProtocolError {
    return new ProtocolError(`The CQL text of a type is not understood before character ${String(this.#at)}`);
  }
}
