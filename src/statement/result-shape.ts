import type { ColumnSpec } from '../protocol/codec/cql-type.js';
import type { CodecRegistry } from '../protocol/codec/registry.js';
import { RowPlan } from '../protocol/codec/row-plan.js';

/** The columns of a statement's rows, with the id under which the server knows them: never one without the other. */
export class ResultShape {
  readonly metadataId: Buffer;
  readonly columns: readonly ColumnSpec[];
  readonly #registry: CodecRegistry;
  #objects: RowPlan | null = null;
  #arrays: RowPlan | null = null;
  #version = -1;

  constructor(metadataId: Buffer, columns: readonly ColumnSpec[], registry: CodecRegistry) {
    this.metadataId = metadataId;
    this.columns = columns;
    this.#registry = registry;
  }

  /** Reads rows as objects. */
  get objects(): RowPlan {
    this.#refresh();
    return (this.#objects ??= new RowPlan(this.columns, this.#registry, 'object'));
  }

  /** Reads rows as arrays. */
  get arrays(): RowPlan {
    this.#refresh();
    return (this.#arrays ??= new RowPlan(this.columns, this.#registry, 'array'));
  }

  /** A user type that was registered since makes other rows. */
  #refresh(): void {
    const { version } = this.#registry;
    if (version === this.#version) return;
    this.#version = version;
    this.#objects = null;
    this.#arrays = null;
  }
}
