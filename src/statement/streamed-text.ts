import type { Parameters } from '../protocol/codec/bind-plan.js';
import { allStillFit } from '../protocol/codec/type-fit.js';
import { encodeValues, type EncodedValues } from './encoded-values.js';
import type { PreparedQuery } from './prepared-query.js';
import { StatementBase } from './statement-base.js';
import type { StatementOptions } from './statement-options.js';
import { takenValues } from './taken-values.js';

/**
 * A text with values that is executed once for each page of a stream. All pages have the values of now: they are encoded
 * once, as soon as their types are known.
 */
export class StreamedText extends StatementBase {
  readonly query: string;
  readonly #parameters: Parameters;
  #encoded: { readonly of: PreparedQuery; readonly values: EncodedValues } | null = null;

  constructor(query: string, parameters: Parameters, options: StatementOptions) {
    super(options);
    this.query = query;
    this.#parameters = takenValues(parameters);
  }

  /** Throws InvalidParameter. */
  valuesFor(prepared: PreparedQuery): EncodedValues {
    const known = this.#encoded;
    // It may have been prepared anew since: the cache has a limit, and tables change.
    if (known?.of === prepared) return known.values;
    const isFit = known !== null && allStillFit(known.of.bindColumns, prepared.bindColumns);
    const values = isFit ? known.values : encodeValues(prepared.bindPlan, this.#parameters);
    this.#encoded = { of: prepared, values };
    return values;
  }
}
