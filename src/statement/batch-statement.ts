import { ConfigurationError, InvalidParameter } from '../errors.js';
import { ByteWriter } from '../protocol/byte-writer.js';
import { BatchType } from '../protocol/constants.js';
import type { Parameters } from '../protocol/codec/bind-plan.js';
import { type ValuesWriter, writeBatchPrepared } from '../protocol/messages/index.js';
import { mustBe, optionProblems, showValue } from '../util/option-checks.js';
import { BoundStatement, boundPartsOf } from './bound-statement.js';
import { ENCODED_VALUES, EncodedValues } from './encoded-values.js';
import type { PreparedQuery } from './prepared-query.js';
import { PreparedStatement, preparedQueryOf } from './prepared-statement.js';
import { checkParameters, checkQueryText, SimpleStatement } from './simple-statement.js';
import { StatementBase } from './statement-base.js';
import { FOREIGN_STATEMENT_OPTIONS, STATEMENT_OPTION_CHECKS, type StatementOptions } from './statement-options.js';
import { takenValues } from './taken-values.js';

/** The count of a batch's statements is a uint16 (native protocol v5, section 4.1.7). */
const MAX_STATEMENTS = 65_535;

/** Options of a batch: those of statements, and its type. */
export interface BatchStatementOptions extends StatementOptions {
  /** Default BatchType.LOGGED. */
  type?: BatchType | undefined;
}

/** A statement as text; one with parameters must be prepared before it is sent, because they need their types. */
export interface QueryMember {
  readonly prepared: null;
  readonly query: string;
  /** The keyspace that its own SimpleStatement names. */
  readonly keyspace: string | null;
  readonly parameters: Parameters | null;
}

/** A prepared statement with its values, encoded as a BATCH carries it: among the others of its batch, in one buffer. */
export class BoundMember {
  readonly prepared: PreparedQuery;
  readonly bytes: ByteWriter;
  readonly from: number;
  readonly to: number;

  constructor(prepared: PreparedQuery, bytes: ByteWriter, from: number, to: number) {
    this.prepared = prepared;
    this.bytes = bytes;
    this.from = from;
    this.to = to;
  }

  get query(): string {
    return this.prepared.query;
  }

  /** The values alone. */
  get values(): EncodedValues {
    return new EncodedValues(this.bytes.buffer.subarray(this.from + this.prepared.batchHead.length, this.to));
  }
}

export type BatchMember = QueryMember | BoundMember;

/** Most batches are small; a larger one's buffer grows. */
const FIRST_BYTES = 512;
/** Past this a small batch behind a large one would hold too much. */
const MOST_FIRST_BYTES = 4096;
/**
 * What a batch begins with: as much as the one executed last took, and an eighth more. Programs make batches of one size,
 * and each time that a buffer grows costs as much as a few statements.
 */
let firstBytes = FIRST_BYTES;
const TYPES: ReadonlySet<unknown> = new Set(Object.values(BatchType));
const CHECKS = {
  ...STATEMENT_OPTION_CHECKS,
  type: mustBe('one of BatchType', (value) => TYPES.has(value)),
};

let membersOf: (batch: BatchStatement) => readonly BatchMember[];
let copyOf: (batch: BatchStatement) => BatchStatement;

/**
 * Statements that are executed together. Only the batch's own settings count, not those of its members, but
 * for the keyspace of a text. The values of members are taken over when they are added: later changes of the caller's
 * arrays change nothing.
 */
export class BatchStatement extends StatementBase {
  /** Logged, unlogged or counter. */
  readonly type: BatchType;
  #members: BatchMember[] = [];
  #bytes: ByteWriter | null = null;
  #isEncoding = false;
  /** Somebody executes the present array: it must not change any more. */
  #shared = false;

  static {
    membersOf = (batch) => {
      batch.#shared = true;
      if (batch.#bytes !== null) firstBytes = firstBytesAfter(batch.#bytes.offset);
      return batch.#members;
    };
    copyOf = (batch) => {
      const copy = Object.assign(new BatchStatement({ type: batch.type }), batch);
      // Neither of the two changes the array that they have in common.
      batch.#shared = true;
      copy.#members = batch.#members;
      copy.#shared = true;
      return copy;
    };
  }

  /** Throws ConfigurationError. */
  constructor(options: BatchStatementOptions = {}) {
    super(options);
    const problems = optionProblems(options, CHECKS, FOREIGN_STATEMENT_OPTIONS);
    if (problems.length > 0) throw new ConfigurationError(`BatchStatement: ${problems.join('; ')}`);
    this.type = options.type ?? BatchType.LOGGED;
  }

  /** How many statements there are. */
  get length(): number {
    return this.#members.length;
  }

  /**
   * Adds a statement; parameters given here go before those of a SimpleStatement. Throws InvalidParameter for values
   * that do not fit and for the 65,536th statement, ConfigurationError for what is no statement, for a bound one that is
   * to run in another keyspace than it was prepared in, and while the values of another statement of this batch are read
   * (by a getter or a codec that calls `add`).
   */
  add(statement: string | SimpleStatement | PreparedStatement | BoundStatement, parameters?: Parameters): this {
    if (this.#members.length >= MAX_STATEMENTS) {
      throw new InvalidParameter(`A batch holds at most ${String(MAX_STATEMENTS)} statements`);
    }
    if (parameters !== undefined) checkParameters(parameters, 'BatchStatement.add');
    const member = this.#toMember(statement, parameters);
    if (this.#shared) {
      this.#members = this.#members.slice();
      this.#shared = false;
    }
    this.#members.push(member);
    return this;
  }

  /** Takes all statements out; the options stay. */
  clear(): this {
    // An execution may still need the old ones.
    this.#members = [];
    this.#bytes = null;
    this.#shared = false;
    return this;
  }

  #toMember(
    statement: string | SimpleStatement | PreparedStatement | BoundStatement,
    parameters: Parameters | undefined,
  ): BatchMember {
    if (statement instanceof PreparedStatement) {
      const prepared = preparedQueryOf(statement);
      const { keyspace = prepared.keyspace } = statement;
      // In another keyspace it is another statement, which has to be prepared there.
      if (keyspace !== prepared.keyspace) return queryMember(prepared.query, keyspace, parameters ?? []);
      return this.#encode(prepared, prepared.bindPlan, parameters ?? []);
    }
    if (statement instanceof BoundStatement) {
      if (parameters !== undefined) {
        throw new ConfigurationError('BatchStatement.add: a BoundStatement has its parameters already');
      }
      const { prepared, values } = boundPartsOf(statement);
      checkKeyspace(prepared, statement.keyspace);
      return this.#encode(prepared, ENCODED_VALUES, values);
    }
    return textMember(statement, parameters);
  }

  /** Puts a statement behind those before it, so that all of them can be sent with one copy. */
  #encode(prepared: PreparedQuery, values: ValuesWriter, parameters: unknown): BoundMember {
    if (this.#isEncoding) {
      throw new ConfigurationError(
        'BatchStatement.add: the batch is just reading the values of another statement (a getter or a codec called add)',
      );
    }
    const bytes = (this.#bytes ??= new ByteWriter(firstBytes));
    const from = bytes.offset;
    this.#isEncoding = true;
    try {
      writeBatchPrepared(bytes, prepared.batchHead, values, parameters);
    } catch (error) {
      bytes.offset = from;
      throw error;
    } finally {
      this.#isEncoding = false;
    }
    return new BoundMember(prepared, bytes, from, bytes.offset);
  }
}

/** Its values were encoded for the table of the keyspace that it was prepared in. */
function checkKeyspace({ keyspace }: PreparedQuery, wanted: string | undefined): void {
  if (wanted === undefined || wanted === keyspace) return;
  const own = keyspace === null ? 'without a keyspace' : `in keyspace ${keyspace}`;
  throw new ConfigurationError(
    `BatchStatement.add: a BoundStatement whose statement was prepared ${own} cannot be executed in keyspace ${wanted}: ` +
      'add the prepared statement and the parameters, or prepare it there, with session.prepare(query, { keyspace })',
  );
}

/** The statements as they are now, for the execution layer alone: later calls of `add` do not change this array. */
export function batchMembersOf(batch: BatchStatement): readonly BatchMember[] {
  return membersOf(batch);
}

/** The batch as it is now: what is done to either later does not concern the other. For the session layer alone. */
export function batchCopyOf(batch: BatchStatement): BatchStatement {
  return copyOf(batch);
}

function firstBytesAfter(size: number): number {
  return Math.min(Math.max(size + (size >>> 3), FIRST_BYTES), MOST_FIRST_BYTES);
}

function textMember(statement: string | SimpleStatement, parameters: Parameters | undefined): QueryMember {
  if (statement instanceof SimpleStatement) {
    const { query, keyspace = null } = statement;
    return queryMember(query, keyspace, parameters ?? statement.parameters);
  }
  const given: unknown = statement;
  if (typeof given !== 'string') throw notAStatement(given);
  checkQueryText(given, 'BatchStatement.add');
  return queryMember(given, null, parameters);
}

function queryMember(query: string, keyspace: string | null, parameters: Parameters | undefined): QueryMember {
  return { prepared: null, query, keyspace, parameters: parameters === undefined ? null : takenValues(parameters) };
}

function notAStatement(given: unknown): ConfigurationError {
  const hint = given instanceof BatchStatement ? ': a batch cannot hold another batch' : '';
  return new ConfigurationError(
    'BatchStatement.add takes a string, SimpleStatement, PreparedStatement or BoundStatement; ' +
      `got ${showValue(given)}${hint}`,
  );
}
