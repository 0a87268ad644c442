// Everything that one turn answers on one connection leaves in one write, many envelopes in a segment.
import { Buffer } from 'node:buffer';
import { MAX_PAYLOAD, SEGMENT_HEADER, SEGMENT_TRAILER, sealSegment } from '../lib/wire.mjs';
import { patch } from './canned.mjs';

const SLAB = 256 * 1024;
const HEAD = 1024;
/** Slabs that came back from sockets, shared by all connections. */
const spare = [];

export class Outbound {
  framed = false;
  #socket;
  #slab = null;
  #start = 0;
  #end = 0;

  constructor(socket) {
    this.#socket = socket;
  }

  add(canned, streamId, nextPage) {
    if (this.framed && canned.isLarge) {
      this.flush();
      this.#socket.cork();
      for (const piece of canned.pieces(streamId, nextPage)) this.#socket.write(piece);
      this.#socket.uncork();
      return;
    }
    const { whole } = canned;
    if (whole.length > MAX_PAYLOAD) {
      this.#addApart(canned, streamId, nextPage);
      return;
    }
    this.#makeRoom(whole.length);
    whole.copy(this.#slab, this.#end);
    patch(this.#slab, this.#end, canned, streamId, nextPage);
    this.#end += whole.length;
  }

  /** Without segments a large answer is its beginning, which differs, and a rest that all share. */
  #addApart(canned, streamId, nextPage) {
    this.flush();
    const head = Buffer.from(canned.whole.subarray(0, HEAD));
    patch(head, 0, canned, streamId, nextPage);
    this.#socket.cork();
    this.#socket.write(head);
    this.#socket.write(canned.whole.subarray(HEAD));
    this.#socket.uncork();
  }

  #makeRoom(size) {
    if (this.#slab !== null && this.framed && this.#end - this.#start - SEGMENT_HEADER + size > MAX_PAYLOAD) {
      this.#seal();
      this.#start = this.#end;
      this.#end += SEGMENT_HEADER;
    }
    if (this.#slab !== null && this.#end + size + SEGMENT_TRAILER + SEGMENT_HEADER > SLAB) this.flush();
    if (this.#slab !== null) return;
    this.#slab = spare.pop() ?? Buffer.allocUnsafeSlow(SLAB);
    this.#start = 0;
    this.#end = this.framed ? SEGMENT_HEADER : 0;
  }

  #seal() {
    if (this.framed && this.#end > this.#start + SEGMENT_HEADER) {
      this.#end = sealSegment(this.#slab, this.#start, this.#end, true);
    } else if (this.framed) this.#end = this.#start;
  }

  flush() {
    const slab = this.#slab;
    if (slab === null) return;
    this.#seal();
    this.#slab = null;
    this.#socket.write(slab.subarray(0, this.#end), () => {
      if (spare.length < 64) spare.push(slab);
    });
  }
}
