import { ConfigurationError } from '../../errors.js';
import { parseCqlType } from '../../protocol/codec/parse-cql-type.js';
import type { CqlType } from '../../protocol/codec/cql-type.js';

/** A type of a script: its CQL text, as in `map<text, frozen<list<int>>>`, or (for UDTs) the type itself. */
export type TypeLike = string | CqlType;

export function toType(type: TypeLike): CqlType {
  if (typeof type !== 'string') return type;
  try {
    return parseCqlType(type);
  } catch (cause) {
    throw new ConfigurationError(`A fake node does not know the CQL type '${type}'`, { cause });
  }
}
