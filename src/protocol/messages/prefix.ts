import type { ByteReader } from '../byte-reader.js';
import { EnvelopeFlag } from '../constants.js';

/** What may stand in front of any response's body. */
export interface ResponsePrefix {
  readonly tracingId: string | null;
  readonly warnings: readonly string[];
  readonly customPayload: Readonly<Record<string, Buffer>> | null;
}

/** The prefix of nearly every response. */
export const EMPTY_PREFIX: ResponsePrefix = Object.freeze({
  tracingId: null,
  warnings: Object.freeze([]),
  customPayload: null,
});

/** Of an answer of several pages: every warning, each once, and the last trace and payload that a page had. */
export function joinPrefixes(before: ResponsePrefix, next: ResponsePrefix): ResponsePrefix {
  if (before === EMPTY_PREFIX) return next;
  if (next === EMPTY_PREFIX) return before;
  return {
    tracingId: next.tracingId ?? before.tracingId,
    warnings: [...new Set([...before.warnings, ...next.warnings])],
    customPayload: next.customPayload ?? before.customPayload,
  };
}

const PREFIX_FLAGS = EnvelopeFlag.TRACING | EnvelopeFlag.WARNING | EnvelopeFlag.CUSTOM_PAYLOAD;

/**
 * prefix = tracing id [uuid] (TRACING), warnings [string list] (WARNING), custom payload [bytes map] (CUSTOM_PAYLOAD)
 *
 * On a response of any opcode, errors and prepared results included.
 */
export function readPrefix(reader: ByteReader, flags: number): ResponsePrefix {
  if ((flags & PREFIX_FLAGS) === 0) return EMPTY_PREFIX;
  const tracingId = (flags & EnvelopeFlag.TRACING) === 0 ? null : reader.readUuid();
  const warnings = (flags & EnvelopeFlag.WARNING) === 0 ? EMPTY_PREFIX.warnings : reader.readStringList();
  const customPayload = (flags & EnvelopeFlag.CUSTOM_PAYLOAD) === 0 ? null : reader.readBytesMap();
  return { tracingId, warnings, customPayload };
}
