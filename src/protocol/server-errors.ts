import {
  AlreadyExists,
  AuthenticationFailed,
  CasWriteUnknown,
  CdcWriteFailure,
  ConfigurationException,
  FunctionFailure,
  InvalidRequest,
  IsBootstrapping,
  Overloaded,
  ProtocolError,
  QueryError,
  ReadFailure,
  ReadTimeout,
  ServerError,
  SyntaxException,
  TruncateError,
  Unauthorized,
  Unavailable,
  WriteFailure,
  WriteTimeout,
  type AsyncCassandraError,
  type FailuresByHost,
  type ServerErrorFacts,
} from '../errors.js';
import type { ByteReader } from './byte-reader.js';
import { ErrorCode } from './constants.js';
import { readInetAddress } from './messages/inet.js';
import { shownMessage } from './shown-message.js';

/** The node does not know the prepared statement (any more): prepare it again and go on. Users do not see this one. */
export class UnpreparedError extends QueryError {
  override readonly name = 'UnpreparedError';
  /** The statement that has to be prepared again; in a batch, one of several. */
  readonly id: Buffer;

  constructor(message: string, facts: ServerErrorFacts & { readonly id: Buffer }) {
    super(message, { ...facts, code: 'ERR_UNPREPARED' });
    this.id = facts.id;
  }
}

/**
 * What a coordinator says when it turned a request away before it ran. Other overloads, such as too many hints, come up
 * in the middle of a write.
 */
const NOT_EXECUTED = /shutting down|timed out before it could start|request breached|cannot accept more requests/i;

/**
 * ERROR (0x00) = code int32, message [string], then by code
 *   UNAVAILABLE: consistency uint16, required int32, alive int32
 *   READ_TIMEOUT: <replicas>, data present uint8
 *   READ_FAILURE: <replicas>, <failures>, data present uint8
 *   WRITE_TIMEOUT: <replicas>, write type [string], contentions uint16 if the type is CAS
 *   WRITE_FAILURE: <replicas>, <failures>, write type [string]
 *   CAS_WRITE_UNKNOWN: <replicas>
 *   FUNCTION_FAILURE: keyspace [string], function [string], argument types [string list]
 *   ALREADY_EXISTS: keyspace [string], table [string]
 *   UNPREPARED: id [short bytes]
 *   <replicas> = consistency uint16, received int32, required int32
 *   <failures> = count int32, for each a node [inetaddr] and a reason uint16
 *
 * `coordinator` is the 'address:port' that answered. An unknown code makes a ServerError. Passwords that a message
 * quotes are hidden. Servers of older protocols lay out the errors of requests otherwise; to STARTUP they answer with
 * PROTOCOL_ERROR, which is the same in all.
 */
export function readServerError(reader: ByteReader, coordinator: string): AsyncCassandraError {
  const protocolCode = reader.readInt32();
  const message = shownMessage(reader.readString());
  const facts: ServerErrorFacts = { protocolCode, coordinator };
  return withoutDetails(protocolCode, message, facts, coordinator) ?? withDetails(reader, protocolCode, message, facts);
}

function withoutDetails(
  code: number,
  message: string,
  facts: ServerErrorFacts,
  coordinator: string,
): AsyncCassandraError | undefined {
  switch (code) {
    case ErrorCode.SERVER_ERROR:
      return new ServerError(message, facts);
    case ErrorCode.PROTOCOL_ERROR:
      return new ProtocolError(message, facts);
    case ErrorCode.BAD_CREDENTIALS:
      return new AuthenticationFailed(message, { ...facts, host: coordinator });
    case ErrorCode.OVERLOADED:
      return new Overloaded(message, { ...facts, notExecuted: NOT_EXECUTED.test(message) });
    case ErrorCode.IS_BOOTSTRAPPING:
      return new IsBootstrapping(message, facts);
    case ErrorCode.TRUNCATE_ERROR:
      return new TruncateError(message, facts);
    case ErrorCode.CDC_WRITE_FAILURE:
      return new CdcWriteFailure(message, facts);
    case ErrorCode.SYNTAX_ERROR:
      return new SyntaxException(message, facts);
    case ErrorCode.UNAUTHORIZED:
      return new Unauthorized(message, facts);
    case ErrorCode.INVALID:
      return new InvalidRequest(message, facts);
    case ErrorCode.CONFIG_ERROR:
      return new ConfigurationException(message, facts);
    default:
      return undefined;
  }
}

function withDetails(reader: ByteReader, code: number, message: string, facts: ServerErrorFacts): AsyncCassandraError {
  switch (code) {
    case ErrorCode.UNAVAILABLE: {
      const consistency = reader.readUint16();
      const requiredReplicas = reader.readInt32();
      return new Unavailable(message, { ...facts, consistency, requiredReplicas, aliveReplicas: reader.readInt32() });
    }
    case ErrorCode.READ_TIMEOUT: {
      const replicas = readReplicas(reader);
      return new ReadTimeout(message, { ...facts, ...replicas, dataRetrieved: reader.readUint8() !== 0 });
    }
    case ErrorCode.READ_FAILURE: {
      const replicas = readReplicas(reader);
      const failures = readFailures(reader);
      return new ReadFailure(message, { ...facts, ...replicas, failures, dataRetrieved: reader.readUint8() !== 0 });
    }
    case ErrorCode.WRITE_TIMEOUT: {
      const replicas = readReplicas(reader);
      const writeType = reader.readString();
      // Some servers leave the contentions out even then.
      const contentions = writeType === 'CAS' && reader.remaining >= 2 ? reader.readUint16() : undefined;
      return new WriteTimeout(message, { ...facts, ...replicas, writeType, contentions });
    }
    case ErrorCode.WRITE_FAILURE: {
      const replicas = readReplicas(reader);
      const failures = readFailures(reader);
      return new WriteFailure(message, { ...facts, ...replicas, failures, writeType: reader.readString() });
    }
    case ErrorCode.CAS_WRITE_UNKNOWN:
      return new CasWriteUnknown(message, { ...facts, ...readReplicas(reader) });
    case ErrorCode.FUNCTION_FAILURE: {
      const keyspace = reader.readString();
      const functionName = reader.readString();
      return new FunctionFailure(message, { ...facts, keyspace, functionName, argumentTypes: reader.readStringList() });
    }
    case ErrorCode.ALREADY_EXISTS: {
      const keyspace = reader.readString();
      return new AlreadyExists(message, { ...facts, keyspace, table: reader.readString() });
    }
    case ErrorCode.UNPREPARED:
      return new UnpreparedError(message, { ...facts, id: reader.readShortBytes() });
    default:
      return new ServerError(message, facts);
  }
}

function readReplicas(reader: ByteReader): { consistency: number; received: number; required: number } {
  const consistency = reader.readUint16();
  const received = reader.readInt32();
  return { consistency, received, required: reader.readInt32() };
}

function readFailures(reader: ByteReader): FailuresByHost {
  const failures = new Map<string, number>();
  for (let left = reader.readCount(7); left > 0; left--) failures.set(readInetAddress(reader), reader.readUint16());
  return failures;
}
