import { ByteWriter } from '../protocol/byte-writer.js';
import { boundValueAt, type BindPlan, type Parameters } from '../protocol/codec/bind-plan.js';
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

const SCRATCH_BYTES = 4096;
/** A buffer that one large statement made grow past this is not kept for the next. */
const MAX_SCRATCH_BYTES = 1024 * 1024;
/** Where values are encoded; null while some are. */
let scratch: ByteWriter | null = null;

/** Reads the parameters, once. Throws InvalidParameter. */
export function encodeValues(plan: BindPlan, parameters: Parameters): EncodedValues {
  // A codec of the user's may itself bind a statement: that one gets a buffer of its own.
  const writer = scratch ?? new ByteWriter(SCRATCH_BYTES);
  scratch = null;
  writer.start = 0;
  writer.offset = 0;
  try {
    plan.write(writer, parameters);
    return new EncodedValues(writer.toBuffer());
  } finally {
    scratch = writer.buffer.length <= MAX_SCRATCH_BYTES ? writer : null;
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
