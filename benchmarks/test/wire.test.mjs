import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import test from 'node:test';
import { envelope, MAX_PAYLOAD, Opcode, Scanner, sealSegment, segmentsOf } from '../lib/wire.mjs';

function collect(options) {
  const seen = [];
  const scanner = new Scanner((buffer, start, end) => seen.push(Buffer.from(buffer.subarray(start, end))), options);
  scanner.framed = true;
  return { scanner, seen };
}

test('a segment has the checksums that Cassandra gives it', () => {
  // OPTIONS, as it was seen on the wire of real nodes.
  const segment = Buffer.alloc(6 + 9 + 4);
  envelope(5, Opcode.OPTIONS, 1, Buffer.alloc(0)).copy(segment, 6);
  assert.equal(sealSegment(segment, 0, 15, true), 19);
  assert.equal(segment.toString('hex'), '090002a4c8c1050000010500000000b5557486');
});

test('envelopes come out as they went in, wherever the stream is cut', () => {
  const one = envelope(5, Opcode.QUERY, 7, Buffer.from('first'));
  const two = envelope(5, Opcode.QUERY, 8, Buffer.alloc(MAX_PAYLOAD + 500, 'x'));
  const stream = Buffer.concat([...segmentsOf(one), ...segmentsOf(two), ...segmentsOf(one)]);
  for (const step of [1009, 65_536, stream.length]) {
    const { scanner, seen } = collect({ checks: true });
    for (let at = 0; at < stream.length; at += step) scanner.push(stream.subarray(at, at + step));
    assert.deepEqual(seen, [one, two, one]);
  }
});

test('of an envelope in several segments only the header is handed over if nobody wants it joined', () => {
  const large = envelope(5, Opcode.RESULT, 300, Buffer.alloc(3 * MAX_PAYLOAD));
  const { scanner, seen } = collect({ joins: false });
  for (const segment of segmentsOf(large)) scanner.push(segment);
  assert.deepEqual(seen, [large.subarray(0, 9)]);
});

test('a flipped bit is noticed in header and payload', () => {
  for (const at of [3, 9]) {
    const [segment] = segmentsOf(envelope(5, Opcode.QUERY, 1, Buffer.from('text')));
    segment[at] ^= 1;
    assert.throws(() => collect({ checks: true }).scanner.push(segment), /CRC/);
  }
});
