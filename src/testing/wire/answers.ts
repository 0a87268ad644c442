import { createHash } from 'node:crypto';
import { ConfigurationError } from '../../errors.js';
import { ByteWriter } from '../../protocol/byte-writer.js';
import type { ColumnSpec } from '../../protocol/codec/cql-type.js';
import { ErrorCode, Opcode, ResultKind, RowsFlag } from '../../protocol/constants.js';
import { inetBytes } from '../../values/inet.js';
import { encodeValue } from './encode-value.js';
import { writeType } from './write-type.js';

/** A response without its prefix. */
export interface Answer {
  /** A number of the native protocol. */
  readonly opcode: number;
  /** What stands behind the envelope's header. */
  readonly body: Buffer;
}

function answer(opcode: number, write?: (writer: ByteWriter) => void): Answer {
  const writer = new ByteWriter(64);
  write?.(writer);
  return { opcode, body: writer.toBuffer() };
}

function result(kind: number, write?: (writer: ByteWriter) => void): Answer {
  return answer(Opcode.RESULT, (writer) => {
    writer.writeInt32(kind);
    write?.(writer);
  });
}

export function md5(text: string): Buffer {
  return createHash('md5').update(text).digest();
}

/** What a server calls a set of columns; of no columns, the MD5 of nothing. */
export function metadataId(columns: readonly ColumnSpec[]): Buffer {
  return md5(columns.length === 0 ? '' : JSON.stringify(columns));
}

export const answerReady = (): Answer => answer(Opcode.READY);
export const answerVoid = (): Answer => result(ResultKind.VOID);

export function answerSupported(options: Readonly<Record<string, readonly string[]>>): Answer {
  return answer(Opcode.SUPPORTED, (writer) => {
    const entries = Object.entries(options);
    writer.writeUint16(entries.length);
    for (const [key, values] of entries) {
      writer.writeString(key);
      writer.writeStringList(values);
    }
  });
}

export function answerAuthenticate(className: string): Answer {
  return answer(Opcode.AUTHENTICATE, (writer) => {
    writer.writeString(className);
  });
}

export function answerAuthChallenge(token: Uint8Array | null): Answer {
  return answer(Opcode.AUTH_CHALLENGE, (writer) => {
    writer.writeBytes(token);
  });
}

export function answerAuthSuccess(token: Uint8Array | null): Answer {
  return answer(Opcode.AUTH_SUCCESS, (writer) => {
    writer.writeBytes(token);
  });
}

export function answerSetKeyspace(keyspace: string): Answer {
  return result(ResultKind.SET_KEYSPACE, (writer) => {
    writer.writeString(keyspace);
  });
}

/** A change of the schema: `name` is absent for a keyspace, `arguments` for all but functions and aggregates. */
export interface FakeSchemaChange {
  /** What happened. */
  readonly change: 'CREATED' | 'UPDATED' | 'DROPPED';
  /** What it happened to. */
  readonly target: 'KEYSPACE' | 'TABLE' | 'TYPE' | 'FUNCTION' | 'AGGREGATE';
  /** The keyspace that changed, or that what changed is in. */
  readonly keyspace: string;
  /** The name of the table, type, function or aggregate. */
  readonly name?: string | undefined;
  /** CQL types of a function's or aggregate's arguments. */
  readonly arguments?: readonly string[] | undefined;
}

function writeSchemaChange(writer: ByteWriter, change: FakeSchemaChange): void {
  writer.writeString(change.change);
  writer.writeString(change.target);
  writer.writeString(change.keyspace);
  if (change.target !== 'KEYSPACE') writer.writeString(change.name ?? '');
  if (change.target === 'FUNCTION' || change.target === 'AGGREGATE') writer.writeStringList(change.arguments ?? []);
}

export function answerSchemaChange(change: FakeSchemaChange): Answer {
  return result(ResultKind.SCHEMA_CHANGE, (writer) => {
    writeSchemaChange(writer, change);
  });
}

function writeInetAddress(writer: ByteWriter, address: string): void {
  const bytes = inetBytes(address);
  writer.writeUint8(bytes.length);
  writer.writeRaw(bytes);
}

export function schemaEvent(change: FakeSchemaChange): Answer {
  return answer(Opcode.EVENT, (writer) => {
    writer.writeString('SCHEMA_CHANGE');
    writeSchemaChange(writer, change);
  });
}

export function nodeEvent(type: string, change: string, address: string, port: number): Answer {
  return answer(Opcode.EVENT, (writer) => {
    writer.writeString(type);
    writer.writeString(change);
    writeInetAddress(writer, address);
    writer.writeInt32(port);
  });
}

function writeColumns(writer: ByteWriter, columns: readonly ColumnSpec[], global: boolean): void {
  const [first] = columns;
  if (global && first !== undefined) {
    writer.writeString(first.keyspace);
    writer.writeString(first.table);
  }
  for (const column of columns) {
    if (!global) {
      writer.writeString(column.keyspace);
      writer.writeString(column.table);
    }
    writer.writeString(column.name);
    writeType(writer, column.type);
  }
}

/** Columns of one table are announced with that table once. */
function isGlobal(columns: readonly ColumnSpec[]): boolean {
  const [first] = columns;
  return columns.length > 0 && columns.every((one) => one.keyspace === first?.keyspace && one.table === first.table);
}

/** How RESULT/Rows describes its columns. */
export type Metadata =
  | { readonly kind: 'full' }
  /** As the client asked, because it knows them. */
  | { readonly kind: 'none' }
  /** In full, because the id that EXECUTE brought is out of date. */
  | { readonly kind: 'changed'; readonly newId: Buffer };

export interface RowsAnswer {
  readonly columns: readonly ColumnSpec[];
  readonly rows: readonly (readonly unknown[])[];
  readonly pagingState: Buffer | null;
  readonly metadata: Metadata;
}

export function answerRows({ columns, rows, pagingState, metadata }: RowsAnswer): Answer {
  const global = isGlobal(columns);
  let flags = global ? RowsFlag.GLOBAL_TABLES_SPEC : 0;
  if (pagingState !== null) flags |= RowsFlag.HAS_MORE_PAGES;
  if (metadata.kind === 'none') flags |= RowsFlag.NO_METADATA;
  if (metadata.kind === 'changed') flags |= RowsFlag.METADATA_CHANGED;
  return result(ResultKind.ROWS, (writer) => {
    writer.writeInt32(flags);
    writer.writeInt32(columns.length);
    if (pagingState !== null) writer.writeBytes(pagingState);
    if (metadata.kind === 'changed') writer.writeShortBytes(metadata.newId);
    if (metadata.kind !== 'none') writeColumns(writer, columns, global);
    writer.writeInt32(rows.length);
    for (const row of rows) {
      columns.forEach((column, i) => {
        writer.writeBytes(encodeValue(column.type, row[i]));
      });
    }
  });
}

export interface PreparedAnswer {
  readonly id: Buffer;
  readonly resultMetadataId: Buffer;
  readonly bindColumns: readonly ColumnSpec[];
  readonly pkIndexes: readonly number[];
  /** Empty for statements without rows. */
  readonly resultColumns: readonly ColumnSpec[];
}

export function answerPrepared(prepared: PreparedAnswer): Answer {
  return result(ResultKind.PREPARED, (writer) => {
    writer.writeShortBytes(prepared.id);
    writer.writeShortBytes(prepared.resultMetadataId);
    const bindGlobal = isGlobal(prepared.bindColumns);
    writer.writeInt32(bindGlobal ? RowsFlag.GLOBAL_TABLES_SPEC : 0);
    writer.writeInt32(prepared.bindColumns.length);
    writer.writeInt32(prepared.pkIndexes.length);
    for (const index of prepared.pkIndexes) writer.writeUint16(index);
    writeColumns(writer, prepared.bindColumns, bindGlobal);

    const { resultColumns } = prepared;
    const global = isGlobal(resultColumns);
    writer.writeInt32(resultColumns.length === 0 ? RowsFlag.NO_METADATA : global ? RowsFlag.GLOBAL_TABLES_SPEC : 0);
    writer.writeInt32(resultColumns.length);
    writeColumns(writer, resultColumns, global);
  });
}

/** A server error's name on the wire. */
export type ErrorName = keyof typeof ErrorCode;

/** What an error carries; each code takes of it what its layout has. */
export interface ErrorFields {
  /** For people. */
  readonly message?: string | undefined;
  /** READ_TIMEOUT, WRITE_TIMEOUT, UNAVAILABLE and failures: the level's number. Default 1. */
  readonly consistency?: number | undefined;
  /** Replicas that answered. Default 0. */
  readonly received?: number | undefined;
  /** Replicas that had to. Default 1. */
  readonly required?: number | undefined;
  /** UNAVAILABLE. */
  readonly alive?: number | undefined;
  /** READ_TIMEOUT and READ_FAILURE. */
  readonly dataPresent?: boolean | undefined;
  /** WRITE_TIMEOUT and WRITE_FAILURE. Default SIMPLE. */
  readonly writeType?: string | undefined;
  /** WRITE_TIMEOUT of type CAS. */
  readonly contentions?: number | undefined;
  /** Address to reason code. */
  readonly failures?: Readonly<Record<string, number>> | undefined;
  /** ALREADY_EXISTS and FUNCTION_FAILURE. */
  readonly keyspace?: string | undefined;
  /** ALREADY_EXISTS. */
  readonly table?: string | undefined;
  /** FUNCTION_FAILURE. */
  readonly functionName?: string | undefined;
  /** FUNCTION_FAILURE: CQL types. */
  readonly argumentTypes?: readonly string[] | undefined;
  /** UNPREPARED. */
  readonly id?: Buffer | undefined;
}

export function errorCode(code: ErrorName | number): number {
  if (typeof code === 'number') return code;
  // A script in plain JavaScript may name anything.
  const known: number | undefined = (ErrorCode as Partial<Record<string, number>>)[code];
  if (known === undefined) throw new ConfigurationError(`No server error is named '${code}'`);
  return known;
}

export function answerError(name: ErrorName | number, fields: ErrorFields = {}): Answer {
  const code = errorCode(name);
  return answer(Opcode.ERROR, (writer) => {
    writer.writeInt32(code);
    writer.writeString(fields.message ?? `A fake node says ${String(name)}`);
    writeErrorDetails(writer, code, fields);
  });
}

function writeErrorDetails(writer: ByteWriter, code: number, fields: ErrorFields): void {
  switch (code) {
    case ErrorCode.UNAVAILABLE:
      writer.writeUint16(fields.consistency ?? 1);
      writer.writeInt32(fields.required ?? 1);
      writer.writeInt32(fields.alive ?? 0);
      break;
    case ErrorCode.READ_TIMEOUT:
      writeReplicas(writer, fields);
      writer.writeUint8(fields.dataPresent === true ? 1 : 0);
      break;
    case ErrorCode.READ_FAILURE:
      writeReplicas(writer, fields);
      writeFailures(writer, fields);
      writer.writeUint8(fields.dataPresent === true ? 1 : 0);
      break;
    case ErrorCode.WRITE_TIMEOUT:
      writeReplicas(writer, fields);
      writer.writeString(fields.writeType ?? 'SIMPLE');
      if (fields.writeType === 'CAS') writer.writeUint16(fields.contentions ?? 0);
      break;
    case ErrorCode.WRITE_FAILURE:
      writeReplicas(writer, fields);
      writeFailures(writer, fields);
      writer.writeString(fields.writeType ?? 'SIMPLE');
      break;
    case ErrorCode.CAS_WRITE_UNKNOWN:
      writeReplicas(writer, fields);
      break;
    case ErrorCode.FUNCTION_FAILURE:
      writer.writeString(fields.keyspace ?? '');
      writer.writeString(fields.functionName ?? '');
      writer.writeStringList(fields.argumentTypes ?? []);
      break;
    case ErrorCode.ALREADY_EXISTS:
      writer.writeString(fields.keyspace ?? '');
      writer.writeString(fields.table ?? '');
      break;
    case ErrorCode.UNPREPARED:
      writer.writeShortBytes(fields.id ?? Buffer.alloc(0));
      break;
    default:
      break;
  }
}

function writeReplicas(writer: ByteWriter, fields: ErrorFields): void {
  writer.writeUint16(fields.consistency ?? 1);
  writer.writeInt32(fields.received ?? 0);
  writer.writeInt32(fields.required ?? 1);
}

function writeFailures(writer: ByteWriter, fields: ErrorFields): void {
  const failures = Object.entries(fields.failures ?? {});
  writer.writeInt32(failures.length);
  for (const [address, reason] of failures) {
    writeInetAddress(writer, address);
    writer.writeUint16(reason);
  }
}
