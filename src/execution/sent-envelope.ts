import type { Envelope } from '../connection/message.js';
import type { ConsistencyLevel } from '../protocol/constants.js';

/** A request's bytes, and where in them its consistency level stands. */
export interface SentMessage extends Envelope {
  readonly consistencyAt: number;
}

export const NOTHING_SENT: Envelope = { buffer: Buffer.alloc(0), start: 0, end: 0 };

/** The level that the request was sent at, which stands at `at`. */
export function consistencyOf({ buffer, start }: Envelope, at: number): ConsistencyLevel {
  return buffer.readUInt16BE(start + at) as ConsistencyLevel;
}

/** The same request at another consistency level, which stands at `at`; below 0: it has none. */
export function withConsistency(envelope: Envelope, at: number, consistency: number): Envelope {
  if (at < 0) return envelope;
  const copy = Buffer.from(envelope.buffer.subarray(envelope.start, envelope.end));
  copy.writeUInt16BE(consistency, at);
  return { buffer: copy, start: 0, end: copy.length };
}
