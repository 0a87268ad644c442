// Answers that were recorded once, made ready to be sent again: bytes with nothing left to do but to write the stream id.
import { Buffer } from 'node:buffer';
import { envelope, MAX_PAYLOAD, Opcode, segmentsOf } from '../lib/wire.mjs';

const ROWS = 2;
const PREPARED = 4;
const HAS_MORE_PAGES = 0x02;
const STREAM_ID_AT = 2;

export class Canned {
  /** The whole envelope, stream id 0. */
  whole;
  /** Where in it four bytes say which page comes next; −1 if it has no such place. */
  pageAt;
  #segments = null;

  constructor(version, opcode, body, pageAt = -1) {
    this.whole = envelope(version, opcode, 0, body);
    this.pageAt = pageAt;
  }

  get isLarge() {
    return this.whole.length > MAX_PAYLOAD;
  }

  /** A v5 answer too large for one segment: a first segment of its own, and the others as all share them. */
  pieces(streamId, nextPage) {
    if (this.#segments === null) this.#segments = segmentsOf(this.whole);
    // Only the first segment differs from answer to answer; its checksum is made again.
    const first = Buffer.from(this.whole.subarray(0, MAX_PAYLOAD));
    patch(first, 0, this, streamId, nextPage);
    const [segment] = segmentsOf(first);
    // Its payload is part of an envelope, whatever its length: take the mark from the segment that it replaces.
    this.#segments[0].copy(segment, 0, 0, 6);
    return [segment, ...this.#segments.slice(1)];
  }
}

/** Writes what differs from request to request into a copy of the answer's envelope that begins at `at`. */
export function patch(buffer, at, canned, streamId, nextPage) {
  buffer[at + STREAM_ID_AT] = streamId >>> 8;
  buffer[at + STREAM_ID_AT + 1] = streamId & 0xff;
  if (canned.pageAt >= 0) buffer.writeInt32BE(nextPage, at + canned.pageAt);
}

/**
 * Two answers from one page of rows: one that says that more pages follow (its paging state is a number that `patch`
 * writes), and one that says that none does.
 */
export function pagedAnswers(version, body) {
  const flags = body.readInt32BE(4);
  if (body.readInt32BE(0) !== ROWS) throw new Error('Only rows come in pages');
  const hadMore = (flags & HAS_MORE_PAGES) !== 0;
  const rest = body.subarray(hadMore ? 12 + 4 + body.readInt32BE(12) : 12);
  const head = (more) => {
    const bytes = Buffer.from(body.subarray(0, 12));
    bytes.writeInt32BE(more ? flags | HAS_MORE_PAGES : flags & ~HAS_MORE_PAGES, 4);
    return bytes;
  };
  const state = Buffer.alloc(8);
  state.writeInt32BE(4, 0);
  return {
    more: new Canned(version | 0x80, Opcode.RESULT, Buffer.concat([head(true), state, rest]), 9 + 16),
    last: new Canned(version | 0x80, Opcode.RESULT, Buffer.concat([head(false), rest])),
  };
}

/** The id in the answer to a PREPARE, or null if it is none. */
export function preparedId(opcode, body) {
  if (opcode !== Opcode.RESULT || body.readInt32BE(0) !== PREPARED) return null;
  return body.subarray(6, 6 + body.readUInt16BE(4));
}

/**
 * What an EXECUTE asks for: the statement's id (latin1), the flags, and the paging state's offset (−1: none).
 * `start` is where the body begins.
 */
export function readExecute(buffer, start, version) {
  const idLength = buffer.readUInt16BE(start);
  let at = start + 2 + idLength;
  if (version >= 5) at += 2 + buffer.readUInt16BE(at);
  at += 2;
  const flags = version >= 5 ? buffer.readInt32BE(at) : buffer[at];
  at += version >= 5 ? 4 : 1;
  return { idStart: start + 2, idEnd: start + 2 + idLength, flags, valuesAt: at };
}

/** The number that `pagedAnswers` put in a paging state, read from a request that carries one; 0 if it has none. */
export function pageAsked(buffer, { flags, valuesAt }) {
  if ((flags & 0x08) === 0) return 0;
  let at = valuesAt;
  if ((flags & 0x01) !== 0) {
    let values = buffer.readUInt16BE(at);
    for (at += 2; values > 0; values--) at += 4 + Math.max(0, buffer.readInt32BE(at));
  }
  if ((flags & 0x04) !== 0) at += 4;
  return buffer.readInt32BE(at + 4);
}
