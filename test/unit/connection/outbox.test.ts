import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import lz4 from 'lz4-napi';
import { Outbox } from '../../../src/connection/outbox.js';
import { Opcode, RESPONSE_VERSION } from '../../../src/protocol/constants.js';
import { beginEnvelope, endEnvelope } from '../../../src/protocol/envelope.js';
import type { SegmentCompressor } from '../../../src/protocol/segment/compressor.js';
import { InboundFramer } from '../../../src/protocol/segment/inbound.js';
import { createLz4Compressor } from '../../../src/protocol/segment/lz4-compressor.js';

const LZ4 = createLz4Compressor(lz4);

class Wire {
  writes: Buffer[] = [];
  write(pieces: readonly Buffer[]): void {
    this.writes.push(Buffer.concat(pieces));
  }
}

function put(outbox: Outbox, id: number, body: Buffer): void {
  outbox.open();
  beginEnvelope(outbox, 0, id, Opcode.QUERY);
  // The framer reads what servers send: it wants a response's version byte.
  outbox.buffer[outbox.start] = RESPONSE_VERSION;
  outbox.writeRaw(body);
  endEnvelope(outbox);
  outbox.commit();
}

/** What a server would read. */
function received(bytes: Buffer, compressor: SegmentCompressor | null): { id: number; body: Buffer }[] {
  const envelopes: { id: number; body: Buffer }[] = [];
  const framer = new InboundFramer({
    onEnvelope(_flags, id, _opcode, buffer, start, end) {
      envelopes.push({ id, body: Buffer.from(buffer.subarray(start, end)) });
    },
  });
  framer.enterFramedMode(compressor);
  framer.push(bytes, 0, bytes.length);
  return envelopes;
}

test('many envelopes of one turn leave in one write and one segment', async () => {
  const wire = new Wire();
  const outbox = new Outbox(wire);
  outbox.enterFramedMode(null);
  for (let id = 1; id <= 100; id++) put(outbox, id, Buffer.from(`body ${String(id)}`));
  assert.equal(wire.writes.length, 0);
  await turn();
  assert.equal(wire.writes.length, 1);
  const [bytes = Buffer.alloc(0)] = wire.writes;
  assert.equal(bytes.readUIntLE(0, 3) & 0x1ffff, bytes.length - 10, 'one segment holds everything');
  assert.equal(outbox.takeCount(), 100);
});

for (const [name, compressor] of [
  ['plain', null],
  ['lz4', LZ4],
] as const) {
  test(`whatever the sizes, every envelope arrives once, whole and in order (${name})`, async () => {
    const size = fc.oneof(fc.nat(300), fc.nat(70_000), fc.constantFrom(65_500, 131_057, 131_062, 131_063, 300_000));
    const action = fc.record({ size, fails: fc.boolean(), flush: fc.boolean(), rests: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        const wire = new Wire();
        const outbox = new Outbox(wire);
        outbox.enterFramedMode(compressor);
        const expected: { id: number; body: Buffer }[] = [];
        const kept: { at: Buffer; start: number; end: number; bytes: Buffer }[] = [];
        for (const [i, { size: bytes, fails, flush, rests }] of actions.entries()) {
          const body = Buffer.alloc(bytes, `${String(i)}-`);
          if (fails) {
            outbox.open();
            beginEnvelope(outbox, 0, i + 1, Opcode.QUERY);
            outbox.writeRaw(body);
            outbox.abort();
          } else {
            put(outbox, i + 1, body);
            expected.push({ id: i + 1, body });
            const { buffer, start, offset } = outbox;
            kept.push({ at: buffer, start, end: offset, bytes: Buffer.from(buffer.subarray(start, offset)) });
          }
          if (flush) outbox.flush();
          if (rests) outbox.rest();
        }
        await turn();
        assert.deepEqual(received(Buffer.concat(wire.writes), compressor), expected);
        for (const { at, start, end, bytes } of kept) {
          assert.ok(bytes.equals(at.subarray(start, end)), 'an envelope that is kept for a retry was overwritten');
        }
      }),
      { numRuns: 150 },
    );
  });
}

test('the same bytes go out again under another stream id', async () => {
  const wire = new Wire();
  const first = new Outbox(wire);
  first.enterFramedMode(null);
  put(first, 7, Buffer.from('hello'));
  const { buffer, start, offset } = first;
  const second = new Outbox(wire);
  second.enterFramedMode(null);
  second.resend(buffer, start, offset, 9);
  await turn();
  assert.deepEqual(received(Buffer.concat(wire.writes), null), [
    { id: 7, body: Buffer.from('hello') },
    { id: 9, body: Buffer.from('hello') },
  ]);
});

test('what is sent again while an envelope is open goes out behind it', async () => {
  const wire = new Wire();
  const outbox = new Outbox(wire);
  outbox.enterFramedMode(null);
  put(outbox, 7, Buffer.from('hello'));
  const { buffer, start, offset } = outbox;
  outbox.open();
  beginEnvelope(outbox, 0, 8, Opcode.QUERY);
  outbox.buffer[outbox.start] = RESPONSE_VERSION;
  outbox.resend(buffer, start, offset, 9);
  outbox.writeRaw(Buffer.from('open'));
  endEnvelope(outbox);
  outbox.commit();
  await turn();
  assert.deepEqual(received(Buffer.concat(wire.writes), null), [
    { id: 7, body: Buffer.from('hello') },
    { id: 8, body: Buffer.from('open') },
    { id: 9, body: Buffer.from('hello') },
  ]);
});

test('at rest the slab of busy times gives way to a small one, but not under an envelope that was not sent', () => {
  const outbox = new Outbox(new Wire());
  outbox.enterFramedMode(null);
  const small = outbox.buffer.length;
  put(outbox, 1, Buffer.alloc(small));
  const { buffer } = outbox;
  assert.ok(buffer.length > small);
  outbox.rest();
  assert.equal(outbox.buffer, buffer);
  outbox.flush();
  outbox.rest();
  assert.equal(outbox.buffer.length, small);
});

test('nothing is sent after close', async () => {
  const wire = new Wire();
  const outbox = new Outbox(wire);
  outbox.enterFramedMode(null);
  put(outbox, 1, Buffer.from('x'));
  outbox.close();
  await turn();
  assert.deepEqual(wire.writes, []);
});
