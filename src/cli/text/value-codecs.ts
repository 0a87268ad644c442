import type { CqlCodec } from '../../index.js';
import { SIGNED_ZEROS } from './negative-zero.js';
import { timeText } from './scalar-text.js';

/** A time is text from the start: the fields of a user-defined type do not tell their types, and a number shows nothing. */
const TIMES: CqlCodec = {
  type: 'time',
  decode: (value) => (typeof value === 'bigint' ? timeText(value) : value),
  encode: (value) => value,
};

/** How the command line reads values that would not show as what they are. */
export const VALUE_CODECS: readonly CqlCodec[] = [...SIGNED_ZEROS, TIMES];
