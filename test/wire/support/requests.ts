import { ConsistencyLevel, Opcode, QueryFlag } from '../../../src/protocol/constants.js';
import {
  beginBatch,
  batchHead,
  writeBatchParameters,
  writeBatchPrepared,
  writeBatchQuery,
  writeCustomPayload,
  executeHead,
  OWN_QUERY_SETTINGS,
  writeExecute,
  writePrepare,
  writeQuery,
  writeRegister,
  type QuerySettings,
  type ValuesWriter,
} from '../../../src/protocol/messages/index.js';
import type { Request } from '../../support/raw-connection.js';

export const OPTIONS: Request = { opcode: Opcode.OPTIONS };

/** A [value]'s content, null, or unset. */
export type RawValue = Buffer | null | undefined;

export function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function rawValues(values: readonly RawValue[], names?: readonly string[]): ValuesWriter {
  return {
    write(writer) {
      writer.writeUint16(values.length);
      for (const [index, value] of values.entries()) {
        if (names !== undefined) writer.writeString(names[index] ?? '');
        if (value === undefined) writer.writeInt32(-2);
        else writer.writeBytes(value);
      }
    },
  };
}

export function queryWith(
  text: string,
  values: readonly RawValue[],
  names?: readonly string[],
  settings: Partial<QuerySettings> = {},
): Request {
  return {
    opcode: Opcode.QUERY,
    write: (writer) => {
      const at = writer.offset - writer.start;
      writeQuery(writer, text, { ...OWN_QUERY_SETTINGS, ...settings }, rawValues(values, names));
      if (names === undefined) return;
      // The client never sends names: their flag is put in behind the text and the consistency level.
      const flagsAt = writer.start + at + 4 + Buffer.byteLength(text) + 2;
      writer.setInt32(flagsAt, writer.buffer.readInt32BE(flagsAt) | QueryFlag.NAMES_FOR_VALUES);
    },
  };
}

export function register(...types: string[]): Request {
  return {
    opcode: Opcode.REGISTER,
    write: (writer) => {
      writeRegister(writer, types);
    },
  };
}

export function prepare(text: string, keyspace: string | null = null, stream = 1): Request {
  return {
    opcode: Opcode.PREPARE,
    stream,
    write: (writer) => {
      writePrepare(writer, text, keyspace);
    },
  };
}

export function execute(
  ids: { readonly id: Buffer; readonly resultMetadataId: Buffer },
  values: readonly RawValue[],
  settings: Partial<QuerySettings> = {},
): Request {
  return {
    opcode: Opcode.EXECUTE,
    write: (writer) => {
      const { id, resultMetadataId } = ids;
      writeExecute(
        writer,
        executeHead(id, resultMetadataId),
        { ...OWN_QUERY_SETTINGS, ...settings },
        rawValues(values),
      );
    },
  };
}

export type BatchMember = { readonly values?: readonly RawValue[] } & (
  { readonly text: string } | { readonly id: Buffer }
);

export function batch(type: number, members: readonly BatchMember[], settings: Partial<QuerySettings> = {}): Request {
  return {
    opcode: Opcode.BATCH,
    write: (writer) => {
      beginBatch(writer, type, members.length);
      for (const member of members) {
        const values = rawValues(member.values ?? []);
        if ('id' in member) writeBatchPrepared(writer, batchHead(member.id), values, null);
        else {
          writeBatchQuery(writer, member.text);
          // The client prepares a text that has values.
          writer.offset -= 2;
          values.write(writer, null);
        }
      }
      writeBatchParameters(writer, { ...OWN_QUERY_SETTINGS, ...settings });
    },
  };
}

/** The same request with a custom payload in front, which servers without a handler pass over. */
export function withPayload(request: Request, payload: Readonly<Record<string, Buffer>>): Request {
  return {
    ...request,
    flags: (request.flags ?? 0) | 0x04,
    write: (writer) => {
      writeCustomPayload(writer, payload);
      request.write?.(writer);
    },
  };
}

export { ConsistencyLevel };
