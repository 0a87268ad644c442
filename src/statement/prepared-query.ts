import type { ByteWriter } from '../protocol/byte-writer.js';
import { BindPlan, type Parameters } from '../protocol/codec/bind-plan.js';
import type { ColumnSpec } from '../protocol/codec/cql-type.js';
import type { CodecRegistry } from '../protocol/codec/registry.js';
import { batchHead, executeHead, type Prepared } from '../protocol/messages/index.js';
import { EncodedValues, writeEncodedRoutingKey } from './encoded-values.js';
import { isConditionalQuery, isSelectQuery } from './query-text.js';
import type { ResultShape } from './result-shape.js';
import type { ResultShapes } from './result-shapes.js';

/** What is known of one prepared query text; shared by all who use it. */
export class PreparedQuery {
  readonly query: string;
  /** The keyspace that unqualified names meant when it was prepared. */
  readonly keyspace: string | null;
  readonly id: Buffer;
  /** What it begins with in a batch. */
  readonly batchHead: Buffer;
  readonly bindColumns: readonly ColumnSpec[];
  /** The bind markers that make the partition key, in its order. */
  readonly pkIndexes: readonly number[];
  /**
   * Its key may be made of something that can be read once only, such as an iterator: the values are encoded before
   * the key is looked for, and the key is taken from their bytes.
   */
  readonly isKeyReadOnce: boolean;
  readonly isSelect: boolean;
  /** It has, or might have, a condition: its rows' columns depend on the outcome. */
  readonly isLwt: boolean;
  /** What EXECUTE names while `shape` is null: the id of the preparation, so that the server reports no change. */
  readonly emptyMetadataId: Buffer;
  /** The server may mean something else by this text now: it is prepared again before its next execution. */
  isDoubtful = false;
  /** How often that came about. */
  doubts = 0;
  /** The server means something else by this text now: values encoded for it would be taken for others. */
  isOutdated = false;
  /** 'address:port' of the node that prepared it first. */
  preparedBy = '';
  /** This statement as a list of one. */
  readonly alone: readonly PreparedQuery[];
  readonly #registry: CodecRegistry;
  #shape: ResultShape | null;
  #bindPlan: BindPlan;
  #version: number;
  /** What EXECUTE begins with for the metadata id of `#headOf`. */
  #head: Buffer | null = null;
  #headOf: Buffer | null = null;

  constructor(
    query: string,
    keyspace: string | null,
    prepared: Prepared,
    registry: CodecRegistry,
    shapes: ResultShapes,
  ) {
    const { resultColumns } = prepared;
    this.alone = [this];
    this.query = query;
    this.keyspace = keyspace;
    this.batchHead = batchHead(prepared.id);
    // One piece of memory for the two.
    this.id = this.batchHead.subarray(this.batchHead.length - prepared.id.length);
    this.bindColumns = prepared.bindColumns;
    this.pkIndexes = prepared.pkIndexes;
    this.isKeyReadOnce = prepared.pkIndexes.some((index) => {
      const column = prepared.bindColumns[index];
      return column !== undefined && !registry.isReadAgain(column.type);
    });
    this.isSelect = isSelectQuery(query);
    this.isLwt = isConditionalQuery(query);
    // PREPARE names no columns for some statements with rows (LIST ROLES): their answers must bring them along.
    const hasShape = !this.isLwt && resultColumns !== null && resultColumns.length > 0;
    this.emptyMetadataId = prepared.resultMetadataId;
    this.#shape = hasShape ? shapes.of(prepared.resultMetadataId, resultColumns) : null;
    this.#registry = registry;
    this.#bindPlan = new BindPlan(prepared.bindColumns, registry);
    this.#version = registry.version;
  }

  /** Null: the answers bring their metadata along, which must never be left out. */
  get shape(): ResultShape | null {
    return this.#shape;
  }

  /** Replaced whole when the server tells of other columns. A conditional statement goes on without one. */
  set shape(shape: ResultShape | null) {
    this.#shape = this.isLwt ? null : shape;
  }

  get bindPlan(): BindPlan {
    if (this.#version !== this.#registry.version) {
      this.#version = this.#registry.version;
      this.#bindPlan = new BindPlan(this.bindColumns, this.#registry);
    }
    return this.#bindPlan;
  }

  /** What EXECUTE begins with for rows of this shape. */
  executeHead(shape: ResultShape | null): Buffer {
    const metadataId = shape === null ? this.emptyMetadataId : shape.metadataId;
    if (this.#head === null || this.#headOf !== metadataId) {
      this.#head = executeHead(this.id, metadataId);
      this.#headOf = metadataId;
    }
    return this.#head;
  }

  /**
   * Writes the routing key of a user's parameters, or of EncodedValues. False if there is none; what was written is
   * the caller's to undo then. Throws InvalidParameter.
   */
  writeRoutingKey(writer: ByteWriter, parameters: unknown): boolean {
    return parameters instanceof EncodedValues
      ? writeEncodedRoutingKey(writer, parameters, this.pkIndexes)
      : this.bindPlan.writeRoutingKey(writer, parameters as Parameters, this.pkIndexes);
  }
}
