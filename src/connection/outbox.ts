import { ByteWriter } from '../protocol/byte-writer.js';
import { setStreamId } from '../protocol/envelope.js';
import type { SegmentCompressor } from '../protocol/segment/compressor.js';
import {
  compressSegment,
  MAX_SEGMENT_PAYLOAD,
  sealSegment,
  SEGMENT_HEADER_BYTES,
  SEGMENT_TRAILER_BYTES,
  splitIntoSegments,
} from '../protocol/segment/segment-writer.js';

/** One slab takes some hundred small requests; a retry may keep its slab alive, so it is not larger. */
const SLAB_BYTES = 64 * 1024;
/** The first slab: a connection to one of a thousand hosts may never send more than its handshake. */
const FIRST_SLAB_BYTES = 4 * 1024;
/** Less room than this at a slab's end is not worth another segment. */
const LEAST_ROOM = 512;

/** Takes what is ready to be sent. */
export interface Wire {
  write(pieces: readonly Buffer[]): void;
}

/**
 * The only writer of a connection. Envelopes are encoded straight into an open segment; once a turn of the event loop
 * the segment is sealed with one checksum and written with one call, however many requests it holds.
 *
 * A slab is never written again once it was sent, so whoever keeps (buffer, start, end) of an envelope can send the
 * same bytes again to another node.
 */
export class Outbox extends ByteWriter {
  readonly #wire: Wire;
  #framed = false;
  #compressor: SegmentCompressor | null = null;
  /** Where the open segment begins, or −1 if none is open. */
  #segmentStart = -1;
  /** Where the open segment's last finished envelope ends. */
  #committed = 0;
  #sealed: Buffer[] = [];
  #isOpen = false;
  /** Envelopes that were written while another was open. */
  #behind: ByteWriter[] = [];
  #scheduled = false;
  #closed = false;

  /** How often something was handed to the wire; tells whether a request's bytes may have left. */
  flushes = 0;
  #count = 0;

  constructor(wire: Wire) {
    super(FIRST_SLAB_BYTES);
    this.#wire = wire;
  }

  /** From now on everything goes out in segments. */
  enterFramedMode(compressor: SegmentCompressor | null): void {
    this.flush();
    this.#framed = true;
    this.#compressor = compressor;
  }

  /**
   * An envelope is being written. Whatever reads its values (a getter, a codec of the user's) may send something else
   * meanwhile: that is written into a buffer of its own and handed to `commitBehind`.
   */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Opens a place for one envelope. Follow with `beginEnvelope`, the body and `commit`, or with `abort`. */
  open(): void {
    if (this.#behind.length > 0) this.#placeBehind();
    this.#isOpen = true;
    if (this.#segmentStart < 0) this.#openSegment();
    this.start = this.offset;
  }

  #openSegment(): void {
    if (this.buffer.length - this.offset < LEAST_ROOM) this.#newSlab();
    this.#segmentStart = this.offset;
    this.offset += SEGMENT_HEADER_BYTES;
    this.#committed = this.offset;
  }

  #newSlab(size = SLAB_BYTES): void {
    this.buffer = Buffer.allocUnsafeSlow(size);
    this.offset = 0;
    this.start = 0;
  }

  /** The open envelope moves to a segment in a slab of its own; what was finished before it is sealed where it lies. */
  protected override grow(size: number): void {
    const { buffer, start, offset } = this;
    const length = offset - start;
    const needed = SEGMENT_HEADER_BYTES + length + size + SEGMENT_TRAILER_BYTES;
    const slab = Buffer.allocUnsafeSlow(needed > SLAB_BYTES ? Math.max(needed, length * 2) : SLAB_BYTES);
    // Copied before the seal, whose checksum takes the place of the envelope's first bytes.
    buffer.copy(slab, SEGMENT_HEADER_BYTES, start, offset);
    this.#sealSegment();
    this.buffer = slab;
    this.#segmentStart = 0;
    this.#committed = SEGMENT_HEADER_BYTES;
    this.start = SEGMENT_HEADER_BYTES;
    this.offset = SEGMENT_HEADER_BYTES + length;
  }

  /** The envelope is whole: it will be sent at the end of this turn. */
  commit(): void {
    // Room for the checksum; may move the envelope.
    this.reserve(SEGMENT_TRAILER_BYTES);
    if (this.#framed && this.offset - this.#segmentStart - SEGMENT_HEADER_BYTES > MAX_SEGMENT_PAYLOAD) this.#overflow();
    else this.#committed = this.offset;
    this.#count++;
    this.#isOpen = false;
    if (!this.#scheduled) this.#schedule();
  }

  /** Forgets the open envelope: not one byte of it will be sent. */
  abort(): void {
    this.offset = this.start;
    this.#isOpen = false;
  }

  /** Sends an envelope that was written apart while another was open: behind that one. */
  commitBehind(envelope: ByteWriter): void {
    this.#behind.push(envelope);
    if (!this.#scheduled) this.#schedule();
  }

  #placeBehind(): void {
    const behind = this.#behind;
    this.#behind = [];
    for (const { buffer, start, offset } of behind) {
      this.#copy(buffer, start, offset);
      this.commit();
    }
  }

  /** Sends an envelope again that was encoded before, under another stream id. */
  resend(source: Buffer, start: number, end: number, streamId: number): void {
    if (this.#isOpen) {
      const envelope = new ByteWriter(end - start);
      envelope.writeRaw(source.subarray(start, end));
      setStreamId(envelope.buffer, 0, streamId);
      this.commitBehind(envelope);
      return;
    }
    this.#copy(source, start, end);
    setStreamId(this.buffer, this.start, streamId);
    this.commit();
  }

  #copy(source: Buffer, start: number, end: number): void {
    this.open();
    this.reserve(end - start);
    source.copy(this.buffer, this.offset, start, end);
    this.offset += end - start;
  }

  /** The open envelope does not fit the segment any more: it begins one of its own, or is split over several. */
  #overflow(): void {
    if (this.#committed > this.#segmentStart + SEGMENT_HEADER_BYTES) this.grow(0);
    if (this.offset - this.start <= MAX_SEGMENT_PAYLOAD) {
      this.#committed = this.offset;
      return;
    }
    this.#sealed.push(...splitIntoSegments(this.buffer, this.start, this.offset, this.#compressor));
    this.#segmentStart = -1;
  }

  /** Closes the open segment behind its last finished envelope; an empty one is dropped. */
  #sealSegment(): void {
    const segmentStart = this.#segmentStart;
    this.#segmentStart = -1;
    const payloadStart = segmentStart + SEGMENT_HEADER_BYTES;
    const end = this.#committed;
    if (segmentStart < 0 || end === payloadStart) return;
    if (!this.#framed) {
      this.#sealed.push(this.buffer.subarray(payloadStart, end));
    } else if (this.#compressor === null) {
      const sealedEnd = sealSegment(this.buffer, segmentStart, end, true);
      this.#sealed.push(this.buffer.subarray(segmentStart, sealedEnd));
    } else {
      this.#sealed.push(compressSegment(this.buffer, payloadStart, end, true, this.#compressor));
    }
  }

  #schedule(): void {
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** How many envelopes were committed since this was asked last. */
  takeCount(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }

  /** Hands everything that is finished to the wire. */
  flush(): void {
    if (this.#closed) return;
    if (this.#behind.length > 0) this.#placeBehind();
    if (this.#segmentStart >= 0) {
      const moved = this.#committed + (this.#framed ? SEGMENT_TRAILER_BYTES : 0);
      this.#sealSegment();
      this.offset = moved;
    }
    // A slab that one large request needed is not kept for the small ones after it.
    if (this.buffer.length > SLAB_BYTES) this.#newSlab();
    if (this.#sealed.length === 0) return;
    const pieces = this.#sealed;
    this.#sealed = [];
    this.flushes++;
    this.#wire.write(pieces);
  }

  /** Nothing was asked for a while: the slab of busy times is let go. */
  rest(): void {
    if (this.#segmentStart < 0 && this.buffer.length > FIRST_SLAB_BYTES) this.#newSlab(FIRST_SLAB_BYTES);
  }

  /** Nothing more is sent; what was not handed over is dropped. */
  close(): void {
    this.#closed = true;
    this.#sealed = [];
    this.#segmentStart = -1;
  }
}
