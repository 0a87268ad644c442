import { ConsistencyLevel, Opcode } from '../../../src/protocol/constants.js';
import {
  beginBatch,
  endBatch,
  batchHead,
  writeBatchPrepared,
  writeBatchQuery,
  writeCustomPayload,
  executeHead,
  writeExecute,
  writePrepare,
  writeRegister,
  type QuerySettings,
  type ValuesWriter,
} from '../../../src/protocol/messages/index.js';
import { SETTINGS, type Request } from '../../support/raw-connection.js';

export const OPTIONS: Request = { opcode: Opcode.OPTIONS };

/** A [value]'s content, null, or unset. */
export type RawValue = Buffer | null | undefined;

export function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function rawValues(values: readonly RawValue[], names?: readonly string[]): ValuesWriter {
  return {
    named: names !== undefined,
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
      writeExecute(writer, executeHead(id, resultMetadataId), { ...SETTINGS, ...settings }, rawValues(values));
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
        const values = member.values === undefined ? null : rawValues(member.values);
        if ('text' in member) writeBatchQuery(writer, member.text, values);
        else writeBatchPrepared(writer, batchHead(member.id), values);
      }
      endBatch(writer, { ...SETTINGS, ...settings });
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
