import { isDeepStrictEqual } from 'node:util';
import type { ColumnSpec } from '../protocol/codec/cql-type.js';
import type { CodecRegistry } from '../protocol/codec/registry.js';
import { ResultShape } from './result-shape.js';

/**
 * The result shapes of a cluster's prepared statements: those with the same columns share one, and with it the code
 * that V8 made for reading their rows. A shape is kept as long as a statement has it.
 */
export class ResultShapes {
  readonly #registry: CodecRegistry;
  /** By metadata id. */
  readonly #known = new Map<string, WeakRef<ResultShape>>();
  readonly #collected = new FinalizationRegistry<string>((key) => {
    // Another shape may have taken the place meanwhile.
    if (this.#known.get(key)?.deref() === undefined) this.#known.delete(key);
  });

  constructor(registry: CodecRegistry) {
    this.#registry = registry;
  }

  /** How many ids are known. */
  get size(): number {
    return this.#known.size;
  }

  /** The shape of these columns. */
  of(metadataId: Buffer, columns: readonly ColumnSpec[]): ResultShape {
    const key = metadataId.toString('latin1');
    const known = this.#known.get(key)?.deref();
    if (known === undefined) return this.#add(key, metadataId, columns);
    // The id is a digest that the server makes in its own way: it alone proves little.
    return isDeepStrictEqual(known.columns, columns) ? known : new ResultShape(metadataId, columns, this.#registry);
  }

  #add(key: string, metadataId: Buffer, columns: readonly ColumnSpec[]): ResultShape {
    const shape = new ResultShape(metadataId, columns, this.#registry);
    this.#known.set(key, new WeakRef(shape));
    this.#collected.register(shape, key);
    return shape;
  }
}
