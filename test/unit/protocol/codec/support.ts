import { ByteWriter } from '../../../../src/protocol/byte-writer.js';
import type { Codec } from '../../../../src/protocol/codec/codec.js';
import { parseCqlType } from '../../../../src/protocol/codec/parse-cql-type.js';
import type { ColumnSpec, CqlType, UdtType } from '../../../../src/protocol/codec/cql-type.js';
import { CodecRegistry } from '../../../../src/protocol/codec/registry.js';

export const registry = new CodecRegistry();

/** A user type of these fields in keyspace 'ks'. */
export function udt(name: string, fields: Record<string, string>): UdtType {
  return {
    kind: 'udt',
    keyspace: 'ks',
    name,
    fields: Object.entries(fields).map(([field, type]) => ({ name: field, type: parseCqlType(type) })),
    frozen: false,
  };
}

export const ADDRESS: UdtType = udt('address', { street: 'text', number: 'int', tags: 'set<text>' });

export function typeOf(text: string): CqlType {
  return parseCqlType(text, (name) => (name === 'address' ? ADDRESS : undefined));
}

export function codecOf(text: string, from: CodecRegistry = registry): Codec {
  return from.codecFor(typeOf(text));
}

export function encode(codec: Codec, value: unknown): Buffer {
  // Small, so that growing is exercised, and not at the buffer's start.
  const writer = new ByteWriter(8);
  writer.writeUint8(0xee);
  writer.start = 1;
  codec.encode(value, writer);
  return writer.toBuffer();
}

export function decode(codec: Codec, bytes: Buffer): unknown {
  return codec.decode(Buffer.concat([Buffer.from([0xee]), bytes, Buffer.from([0xee])]), 1, bytes.length);
}

export function column(name: string, type: string): ColumnSpec {
  return { keyspace: 'ks', table: 't', name, type: typeOf(type) };
}

export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}
