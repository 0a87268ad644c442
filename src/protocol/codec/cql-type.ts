/** CQL types as data, whatever way the server named them: an option on the wire, a class name, a CQL text. */

export const SCALAR_NAMES = [
  'ascii',
  'bigint',
  'blob',
  'boolean',
  'counter',
  'date',
  'decimal',
  'double',
  'duration',
  'float',
  'inet',
  'int',
  'smallint',
  'text',
  'time',
  'timestamp',
  'timeuuid',
  'tinyint',
  'uuid',
  'varint',
] as const;

export type ScalarName = (typeof SCALAR_NAMES)[number];

export interface ScalarType {
  readonly kind: 'scalar';
  /** varchar is named 'text': the two are one type. */
  readonly name: ScalarName;
}

export interface ListType {
  readonly kind: 'list';
  readonly element: CqlType;
  readonly frozen: boolean;
}

export interface SetType {
  readonly kind: 'set';
  readonly element: CqlType;
  readonly frozen: boolean;
}

export interface MapType {
  readonly kind: 'map';
  readonly key: CqlType;
  readonly value: CqlType;
  readonly frozen: boolean;
}

/** Always frozen. */
export interface TupleType {
  readonly kind: 'tuple';
  readonly elements: readonly CqlType[];
}

export interface UdtField {
  readonly name: string;
  readonly type: CqlType;
}

export interface UdtType {
  readonly kind: 'udt';
  readonly keyspace: string;
  readonly name: string;
  readonly fields: readonly UdtField[];
  readonly frozen: boolean;
}

export interface VectorType {
  readonly kind: 'vector';
  readonly element: CqlType;
  readonly dimension: number;
}

/** A type that has no name in CQL: its values travel as bytes. */
export interface CustomType {
  readonly kind: 'custom';
  readonly className: string;
}

export type CqlType = ScalarType | ListType | SetType | MapType | TupleType | UdtType | VectorType | CustomType;

/** A column of a result, or a bind marker. */
export interface ColumnSpec {
  readonly keyspace: string;
  readonly table: string;
  readonly name: string;
  readonly type: CqlType;
}

function frozen(text: string, is: boolean): string {
  return is ? `frozen<${text}>` : text;
}

/** An identifier as CQL wants it: as it is if it is lower case, else quoted. */
function quoteIdentifier(name: string): string {
  return /^[a-z][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** The type's CQL text, as in `map<text, frozen<list<int>>>`. */
export function cqlTypeName(type: CqlType): string {
  switch (type.kind) {
    case 'scalar':
      return type.name;
    case 'list':
    case 'set':
      return frozen(`${type.kind}<${cqlTypeName(type.element)}>`, type.frozen);
    case 'map':
      return frozen(`map<${cqlTypeName(type.key)}, ${cqlTypeName(type.value)}>`, type.frozen);
    case 'tuple':
      return `tuple<${type.elements.map(cqlTypeName).join(', ')}>`;
    case 'udt':
      return frozen(quoteIdentifier(type.name), type.frozen);
    case 'vector':
      return `vector<${cqlTypeName(type.element)}, ${String(type.dimension)}>`;
    case 'custom':
      return `'${type.className}'`;
  }
}
