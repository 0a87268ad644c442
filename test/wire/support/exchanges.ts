/** What is said to a node, and what must come back: run against live nodes, and against the bytes they once sent. */
import { ByteReader } from '../../../src/protocol/byte-reader.js';
import { CodecRegistry } from '../../../src/protocol/codec/registry.js';
import { RowPlan } from '../../../src/protocol/codec/row-plan.js';
import type { ColumnSpec } from '../../../src/protocol/codec/cql-type.js';
import { Opcode, ResultKind } from '../../../src/protocol/constants.js';
import {
  readEvent,
  readPrefix,
  readPrepared,
  readResultKind,
  readRowsHeader,
  readSchemaChange,
  readSetKeyspace,
  type Prepared,
  type ResponsePrefix,
  type RowsHeader,
  type SchemaChange,
  type ServerEvent,
} from '../../../src/protocol/messages/index.js';
import { readServerError } from '../../../src/protocol/server-errors.js';
import type { AsyncCassandraError } from '../../../src/errors.js';
import type { Envelope, Request } from '../../support/raw-connection.js';
import { readSupported } from '../../support/supported.js';

/** What an exchange may know of those before it. */
export interface Before {
  /** The first answer to the exchange of that name. */
  answer(name: string): Envelope;
}

export interface Exchange {
  readonly name: string;
  /** CQL that is run beforehand on another connection, and not recorded. */
  readonly given?: readonly string[];
  readonly request: (before: Before) => Request;
  /** How many envelopes come back; 1 unless events come too. */
  readonly answers?: number;
  /** The first version that can do it. */
  readonly since?: string;
  readonly check: (answers: readonly [Envelope, ...Envelope[]], before: Before, version: string) => void;
}

export interface Conversation {
  readonly name: string;
  readonly compression?: 'lz4';
  /** CQL that is run beforehand on another connection, and not recorded; errors matter. */
  readonly given?: (version: string) => readonly string[];
  /** CQL that cleans up. */
  readonly finally?: readonly string[];
  /** False: the conversation itself begins with STARTUP. */
  readonly startUp?: boolean;
  readonly exchanges: readonly Exchange[];
}

const registry = new CodecRegistry();

function readerOf({ body, flags }: Envelope): { readonly reader: ByteReader; readonly prefix: ResponsePrefix } {
  const reader = new ByteReader(body);
  return { reader, prefix: readPrefix(reader, flags) };
}

function wrong(envelope: Envelope, wanted: string): Error {
  if (envelope.opcode === Opcode.ERROR) {
    return new Error(`${wanted} was expected, but an error came: ${errorOf(envelope).message}`);
  }
  return new Error(`${wanted} was expected, but the opcode ${envelope.opcode} came`);
}

export function prefixOf(envelope: Envelope): ResponsePrefix {
  return readerOf(envelope).prefix;
}

export function errorOf(envelope: Envelope): AsyncCassandraError {
  if (envelope.opcode !== Opcode.ERROR)
    throw new Error(`An error was expected, but the opcode ${envelope.opcode} came`);
  return readServerError(readerOf(envelope).reader, 'node');
}

export function supportedOf(envelope: Envelope): Map<string, string[]> {
  if (envelope.opcode !== Opcode.SUPPORTED) throw wrong(envelope, 'SUPPORTED');
  return readSupported(readerOf(envelope).reader);
}

export function eventOf(envelope: Envelope): ServerEvent {
  if (envelope.opcode !== Opcode.EVENT) throw wrong(envelope, 'EVENT');
  return readEvent(readerOf(envelope).reader);
}

function resultOf(envelope: Envelope, kind: number, name: string): ByteReader {
  if (envelope.opcode !== Opcode.RESULT) throw wrong(envelope, name);
  const { reader } = readerOf(envelope);
  const actual = readResultKind(reader);
  if (actual !== kind) throw new Error(`${name} was expected, but a result of the kind ${actual} came`);
  return reader;
}

export function isVoid(envelope: Envelope): boolean {
  return resultOf(envelope, ResultKind.VOID, 'Void').remaining === 0;
}

export function preparedOf(envelope: Envelope): Prepared {
  return readPrepared(resultOf(envelope, ResultKind.PREPARED, 'Prepared'));
}

export function schemaChangeOf(envelope: Envelope): SchemaChange {
  return readSchemaChange(resultOf(envelope, ResultKind.SCHEMA_CHANGE, 'Schema_change'));
}

export function keyspaceOf(envelope: Envelope): string {
  return readSetKeyspace(resultOf(envelope, ResultKind.SET_KEYSPACE, 'Set_keyspace'));
}

export interface Rows extends RowsHeader {
  /** Bits of `RowsFlag`. */
  readonly flags: number;
  readonly rows: readonly unknown[][];
  /** Bytes behind the last cell. */
  readonly left: number;
}

/** `known`: the columns that a prepared statement said, for rows that come without their own. */
export function rowsOf(envelope: Envelope, known: readonly ColumnSpec[] = []): Rows {
  const reader = resultOf(envelope, ResultKind.ROWS, 'Rows');
  const flags = reader.buffer.readInt32BE(reader.offset);
  const header = readRowsHeader(reader);
  const plan = new RowPlan(header.columns ?? known, registry, 'array');
  const rows: unknown[][] = [];
  const end = plan.decodeRows(reader.buffer, reader.offset, reader.end, header.rowCount, rows);
  return { ...header, flags, rows, left: reader.end - end };
}
