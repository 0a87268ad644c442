/**
 * Bytes that real nodes sent, decoded again without a node: what they mean is written down in the conversations, by
 * hand. Both sides of our own tests share one codec; here the other side is Cassandra's.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { loadLz4 } from '../../src/connection/lz4.js';
import { Opcode } from '../../src/protocol/constants.js';
import type { SegmentCompressor } from '../../src/protocol/segment/compressor.js';
import { EnvelopeCollector, requestBytes, type Envelope } from '../support/raw-connection.js';
import { CONVERSATIONS } from './support/conversations.js';
import type { Conversation } from './support/exchanges.js';
import { readRecording, recordedVersions, type Recording } from './support/recording.js';
import { Answers, atLeastOne, exchangesOf } from './support/run.js';

/** Longer streams are cut at random places only: one push a byte would take too long. */
const MAX_BYTEWISE = 200_000;

/** As if STARTUP had just been answered: recordings of framed connections begin behind that. */
const READY = Buffer.from('850000010200000000', 'hex');

async function compressorOf(recording: Recording): Promise<SegmentCompressor | null> {
  return recording.compression === null ? null : loadLz4();
}

function collectorOf(recording: Recording, compressor: SegmentCompressor | null): EnvelopeCollector {
  const collector = new EnvelopeCollector(compressor);
  if (recording.framed) {
    collector.push(READY);
    collector.envelopes.length = 0;
  }
  return collector;
}

function responseOf(recording: Recording): Buffer {
  return Buffer.concat(recording.exchanges.map(({ response }) => response));
}

/** Every envelope of a recording, the bytes cut before each of `cuts`. */
function decode(recording: Recording, compressor: SegmentCompressor | null, cuts: readonly number[]): Envelope[] {
  const collector = collectorOf(recording, compressor);
  const bytes = responseOf(recording);
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    // A copy, as a socket's buffer is: what is kept of it must not change later.
    const chunk = Buffer.from(bytes.subarray(at, cut));
    collector.push(chunk);
    chunk.fill(0xee);
    at = cut;
  }
  return collector.envelopes;
}

function describeConversation(version: string, conversation: Conversation): void {
  describe(`${conversation.name}, as Cassandra ${version} had it`, () => {
    const recording = readRecording(version, conversation.name);

    test('every exchange is recorded', () => {
      assert.deepEqual(
        recording.exchanges.map(({ name }) => name),
        exchangesOf(conversation, version).map(({ name }) => name),
        'record again: node --import tsx test/wire/record.ts',
      );
      assert.match(recording.server, new RegExp(`^${version.replace('.', '\\.')}\\.\\d`));
    });

    test('answers mean what they should, and requests are the bytes that the node understood', async () => {
      const compressor = await compressorOf(recording);
      const collector = collectorOf(recording, compressor);
      const before = new Answers();
      let framed = recording.framed;
      for (const [index, exchange] of exchangesOf(conversation, version).entries()) {
        const recorded = recording.exchanges[index];
        assert.ok(recorded !== undefined);
        const request = requestBytes(exchange.request(before), framed, compressor);
        // Another release of the compressor may find another way to say the same.
        if (compressor === null) assert.ok(request.equals(recorded.request), `${exchange.name}: other bytes now`);

        const from = collector.envelopes.length;
        collector.push(recorded.response);
        const answers = atLeastOne(collector.envelopes.slice(from));
        assert.equal(answers.length, exchange.answers ?? 1, exchange.name);
        before.add(exchange.name, answers.find(({ opcode }) => opcode !== Opcode.EVENT) ?? answers[0]);
        try {
          exchange.check(answers, before, version);
        } catch (cause) {
          throw new Error(`${exchange.name}: ${(cause as Error).message}`, { cause });
        }
        framed ||= answers[0].opcode === Opcode.READY;
      }
    });

    test('cut anywhere, the bytes give the same envelopes', async () => {
      const compressor = await compressorOf(recording);
      const whole = decode(recording, compressor, []);
      const { length } = responseOf(recording);
      if (length <= MAX_BYTEWISE) {
        const everywhere = Array.from({ length: length - 1 }, (_, index) => index + 1);
        assert.deepEqual(decode(recording, compressor, everywhere), whole);
      }
      const cuts = fc.uniqueArray(fc.integer({ min: 1, max: length - 1 }), { minLength: 1, maxLength: 60 });
      fc.assert(
        fc.property(cuts, (places) => {
          const pieces = decode(
            recording,
            compressor,
            places.toSorted((a, b) => a - b),
          );
          assert.deepEqual(pieces, whole);
        }),
        { numRuns: length <= MAX_BYTEWISE ? 60 : 15 },
      );
    });

    test('a flipped bit behind the handshake is never taken for an answer', async () => {
      if (!recording.framed) return;
      const compressor = await compressorOf(recording);
      const bytes = responseOf(recording);
      const place = fc.integer({ min: 0, max: bytes.length * 8 - 1 });
      fc.assert(
        fc.property(place, (bit) => {
          const broken = Buffer.from(bytes);
          const index = bit >> 3;
          broken[index] = (broken[index] ?? 0) ^ (1 << (bit & 7));
          const collector = collectorOf(recording, compressor);
          assert.throws(() => {
            collector.push(broken);
          }, /Corrupt stream/);
        }),
        { numRuns: bytes.length <= MAX_BYTEWISE ? 200 : 20 },
      );
    });
  });
}

test('there are recordings of every version that is supported', () => {
  assert.deepEqual(recordedVersions(), ['5.0', '4.1', '4.0']);
});

for (const version of recordedVersions()) {
  for (const conversation of CONVERSATIONS) describeConversation(version, conversation);
}
