import { ConfigurationError, InvalidParameter, ProtocolError, QueryError } from '../../errors.js';
import type { ByteWriter } from '../byte-writer.js';
import type { Codec } from './codec.js';
import { parseCqlType } from './parse-cql-type.js';
import { cqlTypeName, type CqlType } from './cql-type.js';
import { describeValue } from './refusal.js';
import { blobCodec } from './texts.js';

/**
 * A user's way to read and bind one CQL type, wherever it stands: as a column, in a collection, in a user type.
 * Nulls never reach it. It works on what the client would give and take, or, if `raw`, on the value's bytes.
 */
export interface CqlCodec {
  /** The type's CQL text: 'timestamp', 'map<text, int>', 'keyspace.type' or 'type' for a user type. `frozen` is no matter. */
  readonly type: string;
  /** If true, `decode` gets the bytes as a Buffer of its own, and `encode` returns a Buffer or Uint8Array. */
  readonly raw?: boolean | undefined;
  /** Makes what rows give of what the client reads, or, if `raw`, of the bytes. */
  decode(value: unknown): unknown;
  /** Makes what the client binds, or, if `raw`, the bytes, of what was given. */
  encode(value: unknown): unknown;
}

/**
 * Types that are one to a codec have one key: `frozen` is left out, and a user type is known by its name alone
 * or, if `qualified`, with its keyspace.
 */
function matchKey(type: CqlType, qualified: boolean): string {
  switch (type.kind) {
    case 'scalar':
      return type.name;
    case 'list':
    case 'set':
      return `${type.kind}<${matchKey(type.element, qualified)}>`;
    case 'map':
      return `map<${matchKey(type.key, qualified)},${matchKey(type.value, qualified)}>`;
    case 'tuple':
      return `tuple<${type.elements.map((element) => matchKey(element, qualified)).join()}>`;
    case 'vector':
      return `vector<${matchKey(type.element, qualified)},${String(type.dimension)}>`;
    case 'udt':
      return JSON.stringify(qualified ? [type.keyspace, type.name] : [type.name]);
    case 'custom':
      return `'${type.className}'`;
  }
}

/** The codecs that a user gave, found by type. */
export class UserCodecs {
  readonly #byKey = new Map<string, CqlCodec>();

  /** Throws ConfigurationError if a codec is no codec, or if two are for one type. */
  constructor(codecs: readonly CqlCodec[]) {
    for (const codec of codecs) {
      const key = keyOf(codec);
      if (this.#byKey.has(key)) throw new ConfigurationError(`Two codecs are given for the CQL type '${codec.type}'`);
      this.#byKey.set(key, codec);
    }
  }

  find(type: CqlType): CqlCodec | undefined {
    if (this.#byKey.size === 0) return undefined;
    return this.#byKey.get(matchKey(type, true)) ?? this.#byKey.get(matchKey(type, false));
  }
}

function keyOf(codec: CqlCodec): string {
  // A user may well write JavaScript: what the types promise is not certain.
  const given: Partial<Record<keyof CqlCodec, unknown>> = codec;
  if (typeof given.type !== 'string' || typeof given.decode !== 'function' || typeof given.encode !== 'function') {
    throw new ConfigurationError('A codec has a CQL type as text, a method decode and a method encode');
  }
  let qualified = false;
  try {
    const type = parseCqlType(given.type, (name, keyspace) => {
      qualified ||= keyspace !== undefined;
      return { kind: 'udt', keyspace: keyspace ?? '', name, fields: [], frozen: false };
    });
    return matchKey(type, qualified);
  } catch (cause) {
    throw new ConfigurationError(`A codec is given for '${given.type}', which is no CQL type`, { cause });
  }
}

/** Puts a user's codec around the client's own. */
export function wrapUserCodec(inner: Codec, user: CqlCodec): Codec {
  const name = cqlTypeName(inner.type);
  return {
    type: inner.type,
    fixedSize: inner.fixedSize,
    encode(value: unknown, writer: ByteWriter): void {
      const bound = encodeWith(user, value, name);
      if (user.raw !== true) {
        inner.encode(bound, writer);
        return;
      }
      const before = writer.offset - writer.start;
      blobCodec.encode(bound, writer);
      const size = writer.offset - writer.start - before;
      if (inner.fixedSize >= 0 && size !== inner.fixedSize) {
        throw new InvalidParameter(
          `the codec given for ${name} made ${String(size)} bytes, not ${String(inner.fixedSize)}`,
        );
      }
    },
    decode(buffer: Buffer, offset: number, length: number): unknown {
      const value = (user.raw === true ? blobCodec : inner).decode(buffer, offset, length);
      if (value === null) return null;
      try {
        return user.decode(value);
      } catch (cause) {
        if (cause instanceof ProtocolError) throw cause;
        throw new QueryError(`The codec given for ${name} failed to decode a value (see cause)`, { cause });
      }
    },
  };
}

function encodeWith(user: CqlCodec, value: unknown, name: string): unknown {
  let bound: unknown;
  try {
    bound = user.encode(value);
  } catch (cause) {
    if (cause instanceof InvalidParameter) throw cause;
    throw new InvalidParameter(`the codec given for ${name} failed to encode ${describeValue(value)} (see cause)`, {
      cause,
    });
  }
  if (bound === null || bound === undefined) {
    throw new InvalidParameter(`the codec given for ${name} made nothing of ${describeValue(value)}`);
  }
  return bound;
}
