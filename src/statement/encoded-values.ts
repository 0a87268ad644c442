import { boundValueAt } from '../protocol/codec/bind-plan.js';
import type { ByteWriter } from '../protocol/byte-writer.js';
import type { ValuesWriter } from '../protocol/messages/index.js';

/** Values that were encoded before: a uint16 count and the [value]s, as BindPlan writes them. */
export class EncodedValues {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** The content of one value; null if it is null or unset. */
  valueAt(index: number): Buffer | null {
    const at = boundValueAt(this.bytes, 0, index);
    const length = this.bytes.readInt32BE(at);
    return length < 0 ? null : this.bytes.subarray(at + 4, at + 4 + length);
  }
}

/** Writes EncodedValues, given as the parameters, into a message: one copy. */
export const ENCODED_VALUES: ValuesWriter = {
  write(writer: ByteWriter, parameters: unknown): void {
    writer.writeRaw((parameters as EncodedValues).bytes);
  },
};

const MAX_KEY_COMPONENT = 0xffff;

/**
 * Writes the routing key of values that are encoded: a single component as it is; of several, each with a uint16 length
 * before and a zero byte behind. False if there is none, because a component is null, unset or too long.
 */
export function writeEncodedRoutingKey(
  writer: ByteWriter,
  values: EncodedValues,
  pkIndexes: readonly number[],
): boolean {
  if (pkIndexes.length === 0) return false;
  for (const index of pkIndexes) {
    const value = values.valueAt(index);
    if (value === null) return false;
    if (pkIndexes.length === 1) {
      writer.writeRaw(value);
      return true;
    }
    if (value.length > MAX_KEY_COMPONENT) return false;
    writer.writeShortBytes(value);
    writer.writeUint8(0);
  }
  return true;
}
